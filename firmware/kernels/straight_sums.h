#if !defined(TRITC_STRAIGHT)
/* The same sums from a table of trits, for other cores. */
struct tritc_straight {
    int32_t kernel_height;
    int32_t kernel_width;
    int32_t tap_words; /* from one tap of a row to the next */
    int32_t inputs; /* of an output, of one tap */
    int32_t outputs;
    int32_t groups;
    int32_t stride_words; /* from one position to the next */
};

/* The weights [from, to) of outputs first, first + 1, ...: `count` sums a position. */
static void straight_sums(const uint32_t *const *rows, const uint8_t *trits,
                          const struct tritc_straight *s, int32_t first, int32_t count, int32_t from,
                          int32_t to, int32_t positions, uint32_t *sums)
{
    const int32_t weights = s->kernel_height * s->kernel_width * s->inputs;

    for (int32_t i = 0; i < positions * count; ++i) {
        const int32_t o = first + (i % count);
        const int32_t group = (o * s->groups) / s->outputs;
        const int32_t start = ((i / count) * s->stride_words) + (group * s->inputs);
        const uint8_t *codes = &trits[o * ((weights + 3) / 4)];
        uint32_t sum = 0u;

        /*@ loop unroll 0; */
        for (int32_t k = from; k < to; ++k) {
            const int32_t tap = k / s->inputs;
            const uint32_t *row = rows[tap / s->kernel_width];
            const uint32_t word =
                row[start + ((tap % s->kernel_width) * s->tap_words) + (k % s->inputs)];
            const uint32_t code = ((uint32_t)codes[k / 4] >> (2 * (k % 4))) & 3u;

            sum += word * ((code & 1u) - (code >> 1));
        }
        sums[i] = sum;
    }
}
#endif
