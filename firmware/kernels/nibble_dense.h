/* acc[o] = the product of x and row o; acc has room for whole pairs. */
static void nibble_dense(const uint32_t *x, uint32_t sum, const uint32_t *weights, int32_t words,
                         int32_t outputs, int32_t *acc)
{
    uint32_t mask = TRITC_NIBBLES;

    TRITC_KEEP_VALUE(mask);
    for (int32_t o = 0; o < outputs; o += 2) {
        tritc_word *at = x;
        tritc_word *row = weights;
        uint32_t first = 0u - (8u * sum);
        uint32_t second = first;

        weights = &weights[words];
        while (row != weights) {
            const uint32_t w = *row++;
            const uint32_t even = at[0];
            const uint32_t odd = at[1];

            TRITC_KEEP_ORDER();
            first = multiply_lanes(w & mask, even, first);
            second = multiply_lanes((w >> 4) & mask, even, second);
            first = multiply_lanes((w >> 8) & mask, odd, first);
            second = multiply_lanes((w >> 12) & mask, odd, second);
            at += 2;
        }
        acc[o] = number_of(first);
        acc[o + 1] = number_of(second);
    }
}
