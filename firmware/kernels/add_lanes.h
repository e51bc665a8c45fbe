/* Sums of the low lanes and of the high lanes, each modulo 2^16. */
static inline uint32_t add_lanes(uint32_t a, uint32_t b)
{
#if defined(__ARM_FEATURE_SIMD32)
    return (uint32_t)__uadd16((uint16x2_t)a, (uint16x2_t)b);
#else
    return ((a & 0x7fff7fffu) + (b & 0x7fff7fffu)) ^ ((a ^ b) & 0x80008000u);
#endif
}
