/* sum + what one pair of rows makes of `blocks` blocks of columns. Words of x stand `step` apart. */
static uint32_t dual_pair(const uint32_t *x, int32_t step, const uint32_t *weights, int32_t blocks,
                          uint32_t sum)
{
    for (int32_t block = 0; block < blocks; ++block) {
        const uint32_t w = weights[block];

        sum = multiply_lanes(dual_lanes(w, 0u), x[0], sum);
        sum = multiply_lanes(dual_lanes(w, 4u), x[step], sum);
        sum = multiply_lanes(dual_lanes(w, 8u), x[2 * step], sum);
        sum = multiply_lanes(dual_lanes(w, 12u), x[3 * step], sum);
        x += 4 * step;
    }
    return sum;
}
