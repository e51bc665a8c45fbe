/* Adds to the accumulators of two positions, whose words alternate, what two pairs of rows, whose words
 * alternate, make of an even number of words of each. */
static TRITC_ALWAYS_INLINE void byte_tile(tritc_word *x, tritc_word *weights, int32_t words, int32_t *acc,
                                          int32_t *acc_b)
{
    tritc_word *const end = &weights[2 * words];
    uint32_t both[4] = {0u, 0u, 0u, 0u};
    uint32_t first[4] = {0u, 0u, 0u, 0u};

    while (weights != end) {
        for (int32_t k = 0; k < 4; k += 2) {
            const uint32_t a = x[k];
            const uint32_t b = x[k + 1];
            uint32_t w = weights[k];

            both[0] = multiply_lanes(w, a, both[0]);
            both[1] = multiply_lanes(w, b, both[1]);
            w = low_bytes(w);
            first[0] = multiply_lanes(w, a, first[0]);
            first[1] = multiply_lanes(w, b, first[1]);
            TRITC_KEEP_ORDER();
            w = weights[k + 1];
            both[2] = multiply_lanes(w, a, both[2]);
            both[3] = multiply_lanes(w, b, both[3]);
            w = low_bytes(w);
            first[2] = multiply_lanes(w, a, first[2]);
            first[3] = multiply_lanes(w, b, first[3]);
            TRITC_KEEP_ORDER();
        }
        x += 4;
        weights += 4;
    }
    byte_sums(both[0], first[0], &acc[0]);
    byte_sums(both[1], first[1], &acc_b[0]);
    byte_sums(both[2], first[2], &acc[2]);
    byte_sums(both[3], first[3], &acc_b[2]);
}

/* acc[o], acc_b[o] = the products of two positions and row o; acc has room for whole pairs. */
static void byte_positions(const uint32_t *x, const uint32_t *sums, const uint32_t *weights, int32_t words, int32_t chunk,
                           int32_t outputs, int32_t *acc, int32_t *acc_b)
{
    const int32_t fours = 4 * ((outputs + 1) / 4);

    byte_starts(sums[0], outputs, acc);
    byte_starts(sums[1], outputs, acc_b);
    for (int32_t from = 0; from < words; from += chunk) {
        const int32_t count = ((words - from) < chunk) ? (words - from) : chunk;
        const uint32_t *pairs = weights;

        for (int32_t o = 0; o < fours; o += 4) {
            byte_tile(&x[2 * from], &pairs[2 * from], count, &acc[o], &acc_b[o]);
            pairs = &pairs[2 * words];
        }
        if (fours < outputs) {
            byte_pair(&x[2 * from], 2, &pairs[from], count, &acc[fours]);
            byte_pair(&x[(2 * from) + 1], 2, &pairs[from], count, &acc_b[fours]);
        }
    }
}
