/* Rows of bytes, two in one multiplication: a 16-bit lane holds v + 128 + 256 * w, v of the first row and w
 * of the second. Its low byte alone gives the first row's sum, which starts at -128 * (sum of x); what is
 * left of the sum of both is 256 times the second's, of which 24 bits are kept: the compiler has proved
 * that over one chunk of columns it needs no more. Four columns are two words, first of the even ones. */
static inline uint32_t low_bytes(uint32_t word)
{
#if defined(__ARM_FEATURE_DSP)
    return __uxtb16(word);
#else
    return word & 0x00ff00ffu;
#endif
}

static inline void byte_starts(uint32_t sum, int32_t outputs, int32_t *acc)
{
    for (int32_t o = 0; o < outputs; o += 2) {
        acc[o] = number_of(0u - (128u * sum));
        acc[o + 1] = 0;
    }
}

static TRITC_ALWAYS_INLINE void byte_sums(uint32_t both, uint32_t first, int32_t *acc)
{
    acc[0] = number_of((uint32_t)acc[0] + first);
    acc[1] += number_of(both - first) >> 8;
}

/* Adds what one pair of rows makes of `words` words of x, which stand `step` apart. */
static TRITC_ALWAYS_INLINE void byte_pair(const uint32_t *x, int32_t step, const uint32_t *weights,
                                          int32_t words, int32_t *acc)
{
    uint32_t both = 0u;
    uint32_t first = 0u;

    for (int32_t k = 0; k < words; ++k) {
        const uint32_t w = weights[k];

        both = multiply_lanes(w, x[k * step], both);
        first = multiply_lanes(low_bytes(w), x[k * step], first);
    }
    byte_sums(both, first, acc);
}
