/* Adds what two pairs of rows, whose words alternate, make of an even number of words. */
static TRITC_ALWAYS_INLINE void byte_pairs(tritc_word *x, tritc_word *weights, int32_t words, int32_t *acc)
{
    tritc_word *const end = &x[words];
    uint32_t both = 0u;
    uint32_t first = 0u;
    uint32_t both_b = 0u;
    uint32_t first_b = 0u;

    while (x != end) {
        for (int32_t k = 0; k < 2; ++k) {
            const uint32_t a = x[k];
            uint32_t w = weights[2 * k];

            both = multiply_lanes(w, a, both);
            first = multiply_lanes(low_bytes(w), a, first);
            TRITC_KEEP_ORDER();
            w = weights[(2 * k) + 1];
            both_b = multiply_lanes(w, a, both_b);
            first_b = multiply_lanes(low_bytes(w), a, first_b);
            TRITC_KEEP_ORDER();
        }
        x += 2;
        weights += 4;
    }
    byte_sums(both, first, &acc[0]);
    byte_sums(both_b, first_b, &acc[2]);
}

/* acc[o] = the product of x and row o; acc has room for whole pairs. */
static void byte_dense(const uint32_t *x, uint32_t sum, const uint32_t *weights, int32_t words, int32_t chunk,
                       int32_t outputs, int32_t *acc)
{
    const int32_t fours = 4 * ((outputs + 1) / 4);

    byte_starts(sum, outputs, acc);
    for (int32_t from = 0; from < words; from += chunk) {
        const int32_t count = ((words - from) < chunk) ? (words - from) : chunk;
        const uint32_t *pairs = weights;

        for (int32_t o = 0; o < fours; o += 4) {
            byte_pairs(&x[from], &pairs[2 * from], count, &acc[o]);
            pairs = &pairs[2 * words];
        }
        if (fours < outputs) {
            byte_pair(&x[from], 1, &pairs[from], count, &acc[fours]);
        }
    }
}
