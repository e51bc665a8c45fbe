/* sum + what eight columns make of one pair of rows. */
static inline uint32_t dual_block_x(const x_t *x, uint32_t w, uint32_t sum)
{
    const uint32_t first = four_x(x);
    const uint32_t second = four_x(&x[4]);

    sum = multiply_lanes(dual_lanes(w, 0u), even_x(first), sum);
    sum = multiply_lanes(dual_lanes(w, 4u), odd_x(first), sum);
    sum = multiply_lanes(dual_lanes(w, 8u), even_x(second), sum);
    return multiply_lanes(dual_lanes(w, 12u), odd_x(second), sum);
}
