/* acc has room for whole pairs. It begins with what takes off the starts of all chunks. */
static void dual_clear(const struct tritc_dual *d, int32_t *acc)
{
    const int32_t low = -TRITC_DUAL_LOW * d->chunk_count;
    const int32_t high = -TRITC_DUAL_HIGH * d->chunk_count;

    for (int32_t o = 0; o < d->outputs; o += 2) {
        acc[o] = low;
        acc[o + 1] = high;
    }
}

/* sum + what eight columns make of one pair of rows. */
static TRITC_ALWAYS_INLINE uint32_t dual_terms(uint32_t w, uint32_t mask, uint32_t x0, uint32_t x1,
                                        uint32_t x2, uint32_t x3, uint32_t sum)
{
    sum = multiply_lanes(w & mask, x0, sum);
    sum = multiply_lanes(((w >> 4) | (w << 28)) & mask, x1, sum);
    sum = multiply_lanes(((w >> 8) | (w << 24)) & mask, x2, sum);
    return multiply_lanes(((w >> 12) | (w << 20)) & mask, x3, sum);
}

/* Adds what one block of columns makes of four pairs of rows. The mask is given, so that it stays in a
 * register. */
static TRITC_ALWAYS_INLINE void dual_four(tritc_word *x, tritc_word *weights, uint32_t mask, uint32_t *sums)
{
    const uint32_t x0 = x[0];
    const uint32_t x1 = x[1];
    const uint32_t x2 = x[2];
    const uint32_t x3 = x[3];
    uint32_t v = weights[0];
    uint32_t w = weights[1];

    TRITC_KEEP_ORDER();
    sums[0] = dual_terms(v, mask, x0, x1, x2, x3, sums[0]);
    sums[1] = dual_terms(w, mask, x0, x1, x2, x3, sums[1]);
    TRITC_KEEP_ORDER();
    v = weights[2];
    w = weights[3];
    TRITC_KEEP_ORDER();
    sums[2] = dual_terms(v, mask, x0, x1, x2, x3, sums[2]);
    sums[3] = dual_terms(w, mask, x0, x1, x2, x3, sums[3]);
    TRITC_KEEP_ORDER();
}

/* Adds to acc what `fours` times four pairs of rows make of `blocks` blocks of columns. Each block is a
 * word of each of the four; from one four to the next it is 4 * all_blocks words. */
static void dual_fours(const uint32_t *x, const uint32_t *weights, int32_t blocks, int32_t all_blocks,
                       int32_t fours, uint32_t start, int32_t *acc)
{
    uint32_t mask = TRITC_DUAL_MASK;

    TRITC_KEEP_VALUE(mask);
    for (int32_t four = 0; four < fours; ++four) {
        uint32_t sums[4] = {start, start, start, start};
        tritc_word *at = x;
        tritc_word *w = &weights[four * 4 * all_blocks];
        int32_t left = blocks;

        for (; left >= 4; left -= 4) {
            dual_four(&at[0], &w[0], mask, sums);
            dual_four(&at[4], &w[4], mask, sums);
            dual_four(&at[8], &w[8], mask, sums);
            dual_four(&at[12], &w[12], mask, sums);
            at += 16;
            w += 16;
        }
        for (; left > 0; --left) {
            dual_four(at, w, mask, sums);
            at += 4;
            w += 4;
        }
        dual_add(sums[0], &acc[0]);
        dual_add(sums[1], &acc[2]);
        dual_add(sums[2], &acc[4]);
        dual_add(sums[3], &acc[6]);
        acc += 8;
    }
}
