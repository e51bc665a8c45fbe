/* Four codes less the lowest in the bytes of a word, the first in the low one. */
static inline uint32_t four_codes_x(const x_t *x, int32_t low)
{
#if defined(__ARM_FEATURE_UNALIGNED)
    const uint32_t flip = ((x_t)-1 < 0) ? 0x80u : 0u;
    const uint32_t lows = (uint32_t)(low + (int32_t)flip) * 0x01010101u;
    uint32_t bytes;

    (void)memcpy(&bytes, x, sizeof bytes);
    return (bytes ^ (flip * 0x01010101u)) - lows;
#else
    return (uint32_t)(x[0] - low) | ((uint32_t)(x[1] - low) << 8) | ((uint32_t)(x[2] - low) << 16) |
           ((uint32_t)(x[3] - low) << 24);
#endif
}

/* Codes as planes of bits: bit `shift` + p of x[k] - low is bit k % 8 of byte k / 8 of plane p, and planes
 * stand `apart` bytes apart. What is left of a last byte is 0. */
static void pack_bits_x(const x_t *x, int32_t count, int32_t low, int32_t shift, int32_t planes,
                        int32_t apart, uint8_t *bits)
{
    int32_t k = 0;

    for (; (k + 8) <= count; k += 8) {
        const uint32_t first = four_codes_x(&x[k], low) >> shift;
        const uint32_t second = four_codes_x(&x[k + 4], low) >> shift;

        for (int32_t p = 0; p < planes; ++p) {
            bits[p * apart] = eight_bits(first >> p, second >> p);
        }
        ++bits;
    }
    if (k < count) {
        for (int32_t p = 0; p < planes; ++p) {
            uint32_t last = 0u;

            for (int32_t i = 0; (k + i) < count; ++i) {
                last |= (((uint32_t)(x[k + i] - low) >> (shift + p)) & 1u) << i;
            }
            bits[p * apart] = (uint8_t)last;
        }
    }
}
