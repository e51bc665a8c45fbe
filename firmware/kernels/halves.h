/* Four elements in memory, the first in the low byte. */
static inline uint32_t four_x(const x_t *x)
{
#if defined(__ARM_FEATURE_DSP)
    uint32_t bytes;

    (void)memcpy(&bytes, x, sizeof bytes);
    return bytes;
#else
    return ((uint32_t)x[0] & 0xffu) | (((uint32_t)x[1] & 0xffu) << 8) |
           (((uint32_t)x[2] & 0xffu) << 16) | (((uint32_t)x[3] & 0xffu) << 24);
#endif
}

/* The first and the third of four elements as 16-bit lanes, for elements of one byte. */
static inline uint32_t even_x(uint32_t bytes)
{
#if defined(__ARM_FEATURE_DSP)
    return ((x_t)-1 < 0) ? (uint32_t)__sxtb16((int8x4_t)bytes) : (uint32_t)__uxtb16(bytes);
#else
    uint32_t low = bytes & 0xffu;
    uint32_t high = (bytes >> 16) & 0xffu;

    if ((x_t)-1 < 0) {
        low = (low ^ 0x80u) - 0x80u;
        high = (high ^ 0x80u) - 0x80u;
    }
    return (low & 0xffffu) | (high << 16);
#endif
}

/* The second and the fourth. Compilers do not see that one instruction rotates, too. */
static inline uint32_t odd_x(uint32_t bytes)
{
#if defined(__ARM_FEATURE_DSP) && defined(__GNUC__)
    uint32_t lanes = bytes;

    if ((x_t)-1 < 0) {
        __asm("sxtb16 %0, %0, ror #8" : "+r"(lanes));
    } else {
        __asm("uxtb16 %0, %0, ror #8" : "+r"(lanes));
    }
    return lanes;
#else
    return even_x((bytes >> 8) | (bytes << 24));
#endif
}
