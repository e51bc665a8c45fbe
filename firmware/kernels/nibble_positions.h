/* acc[o], acc_b[o] = the products of two positions, whose words alternate, and row o; acc has room for whole
 * pairs. */
static void nibble_positions(const uint32_t *x, const uint32_t *sums, const uint32_t *weights,
                             int32_t words, int32_t outputs, int32_t *acc, int32_t *acc_b)
{
    uint32_t mask = TRITC_NIBBLES;

    TRITC_KEEP_VALUE(mask);
    for (int32_t o = 0; o < outputs; o += 2) {
        tritc_word *at = x;
        tritc_word *row = weights;
        uint32_t first = 0u - (8u * sums[0]);
        uint32_t second = first;
        uint32_t first_b = 0u - (8u * sums[1]);
        uint32_t second_b = first_b;

        weights = &weights[words];
        while (row != weights) {
            const uint32_t w = *row++;
            uint32_t a = at[0];
            uint32_t b = at[1];
            uint32_t lanes = w & mask;

            first = multiply_lanes(lanes, a, first);
            first_b = multiply_lanes(lanes, b, first_b);
            lanes = (w >> 4) & mask;
            second = multiply_lanes(lanes, a, second);
            second_b = multiply_lanes(lanes, b, second_b);
            TRITC_KEEP_ORDER();
            a = at[2];
            b = at[3];
            lanes = (w >> 8) & mask;
            first = multiply_lanes(lanes, a, first);
            first_b = multiply_lanes(lanes, b, first_b);
            lanes = (w >> 12) & mask;
            second = multiply_lanes(lanes, a, second);
            second_b = multiply_lanes(lanes, b, second_b);
            TRITC_KEEP_ORDER();
            at += 4;
        }
        acc[o] = number_of(first);
        acc[o + 1] = number_of(second);
        acc_b[o] = number_of(first_b);
        acc_b[o + 1] = number_of(second_b);
    }
}
