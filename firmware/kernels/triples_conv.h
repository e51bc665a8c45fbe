/* Three taps are as many bits of `bits`, at 0, 12 and 24. As one word, or, with a stride of 2, as those of
 * the first and third, then that of the second. Words of two outputs alternate. */
static inline uint32_t *triples_unpacked(uint32_t bits, int32_t parts, uint32_t *words)
{
    const uint32_t codes = bits & 0x03003003u;

    if (parts == 1) {
        words[0] = codes - 0x01001001u;
        return &words[2];
    }
    words[0] = ((codes & 3u) | ((codes >> 12) & 0x3000u)) - 0x1001u;
    words[2] = (codes & 0x3000u) - 0x1000u;
    return &words[4];
}

static inline uint32_t rotated(uint32_t word, uint32_t bits)
{
    return (word >> bits) | (word << (32u - bits));
}

/* One output's words. Three words of flash hold sixteen triples: four each where masks find them, and four
 * in what is left between these. */
static const uint32_t *triples_unpack(const uint32_t *weights, int32_t count, int32_t parts, uint32_t *words)
{
    while (count > 0) {
        uint32_t rest = 0u;

        for (int32_t i = 0; (i < 3) && (count > 0); ++i) {
            uint32_t bits = *weights++;

            rest |= (i == 0) ? ((bits >> 8) & 0xf00fu) : 0u;
            rest |= (i == 1) ? ((bits >> 4) & 0xf00f0u) : 0u;
            rest |= (i == 2) ? (((bits << 16) & 0x0f000000u) | ((bits << 8) & 0xf0000000u)) : 0u;
            words = triples_unpacked(bits, parts, words);
            for (int32_t k = 1; (k < 4) && (k < count); ++k) {
                words = triples_unpacked(rotated(bits, 2u * (uint32_t)k), parts, words);
            }
            count -= 4;
        }
        if (count > 0) {
            words = triples_unpacked(rest, parts, words);
            for (int32_t k = 1; (k < 4) && (k < count); ++k) {
                words = triples_unpacked(rotated(rest, 2u * (uint32_t)k), parts, words);
            }
            count -= 4;
        }
    }
    return weights;
}

/* The sums of two outputs, whose words alternate, over a row of `pairs` two words of x: six lanes of 16 bits
 * for each output and two words. `apart` is from two words of x to the next two columns of them; words of x are
 * `raised`; `outside` is three places outside the tensor, 0 where these add nothing; `chunks` is how many
 * there are, then the steps of each. Returns what follows. */
static inline const uint8_t *triples_pair(const uint32_t *x, int32_t pairs, int32_t apart, uint32_t raised,
                                          uint32_t outside, const uint8_t *chunks, const uint32_t *words,
                                          uint32_t *lanes)
{
    const int32_t count = *chunks++;
    const uint32_t middle = ((uint32_t)(-TRITC_TRIPLES_MIDDLE * count) & 0xffffu) * 0x10001u;

    for (int32_t i = 0; i < (6 * pairs); ++i) {
        lanes[i] = middle;
    }
    for (int32_t i = 0; i < count; ++i) {
        const int32_t steps = *chunks++;
        struct tritc_triples d;

        d.lanes = lanes;
        d.apart = 4 * (apart - (2 * steps));
        d.pairs = pairs;
        for (int32_t o = 0; o < 2; ++o) {
            struct tritc_long before = triples_start();
            uint32_t less = 0u;

            if (outside != 0u) {
                for (int32_t k = 0; k < steps; ++k) {
                    less -= words[(2 * k) + o];
                }
                before = multiply_long(multiply_long(before, raised, less), 0u - outside, less);
            }
            d.carried[o] = before.high >> 4;
            d.starts[2 * o] = multiply_long(triples_alone(), raised, less);
            d.starts[(2 * o) + 1] = d.starts[2 * o];
        }
        triples_row_sums(x, words, steps, &d);
        x = &x[2 * steps];
        words = &words[2 * steps];
    }
    return chunks;
}
