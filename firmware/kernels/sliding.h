/* The taps that a kernel row has for one input element, in one word: of the outputs that the element
 * counts for, the one that is complete next has the lowest `bits`, and each later one stands as many bits
 * higher. So one multiplication adds to the sums of all of them; what leaves the word below is an output's. */

/* The taps of one output, which stand row by row in `codes`: for each row, `stride` words (or as many as
 * there are columns) for the elements that the kernel passes in a step. */
static void sliding_taps(struct tritc_codes *codes, int32_t rows, int32_t columns, int32_t stride,
                         int32_t bits, uint32_t *taps)
{
    const int32_t phases = (columns < stride) ? columns : stride;
    int32_t newest = 0;

    for (int32_t column = stride; column < columns; column += stride) {
        newest += bits;
    }
    for (int32_t row = 0; row < rows; ++row) {
        int32_t phase = 0;
        int32_t lane = newest;

        for (int32_t i = 0; i < phases; ++i) {
            taps[i] = 0;
        }
        for (int32_t column = 0; column < columns; ++column) {
            if (codes->bits == 1u) {
                codes->bits = *codes->next++ | 0x100u;
            }
            taps[phase] += ((codes->bits & 1u) - ((codes->bits >> 1) & 1u)) << lane;
            codes->bits >>= 2;
            ++phase;
            if (phase == stride) {
                phase = 0;
                lane -= bits;
            }
        }
        taps += phases;
    }
}

/* The lowest lane, as a number with a sign. */
static inline int32_t sliding_low(uint32_t word, int32_t bits)
{
#if defined(__FRAMAC__)
    const uint32_t half = 1u << (bits - 1);

    return (int32_t)((word & ((2u * half) - 1u)) ^ half) - (int32_t)half;
#else
    return (int32_t)(word << (32 - bits)) >> (32 - bits);
#endif
}

/* The lanes above, a lane lower, when the lowest is taken away. */
static inline uint32_t sliding_rest(uint32_t word, int32_t low, int32_t bits)
{
#if defined(__FRAMAC__)
    const uint32_t rest = (word - word_of(low)) ^ 0x80000000u;

    return (rest >> bits) - (0x80000000u >> bits);
#else
    return (uint32_t)((int32_t)(word - word_of(low)) >> bits);
#endif
}
