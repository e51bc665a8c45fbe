/* The 16-bit SIMD instructions of cores with the DSP extension, in portable C elsewhere: a word is two
 * 16-bit lanes, and all arithmetic is modulo 2^32. */

/* Loads stay where they are written: hoisted, they would want more registers than there are, and single
 * loads follow each other in a cycle each where double ones do not. A constant that is kept stays in a
 * register. */
#if defined(__ARM_FEATURE_DSP) && defined(__GNUC__)
#define TRITC_ALWAYS_INLINE inline __attribute__((always_inline))
typedef const volatile uint32_t tritc_word;
#define TRITC_KEEP_ORDER() __asm volatile("" ::: "memory")
#define TRITC_KEEP_VALUE(x) __asm("" : "+r"(x))
#else
#define TRITC_ALWAYS_INLINE inline
typedef const uint32_t tritc_word;
#define TRITC_KEEP_ORDER() ((void)0)
#define TRITC_KEEP_VALUE(x) ((void)0)
#endif

/* sum + the products of the signed low lanes and of the signed high lanes. */
static inline uint32_t multiply_lanes(uint32_t a, uint32_t b, uint32_t sum)
{
#if defined(__ARM_FEATURE_DSP)
    return (uint32_t)__smlad((int16x2_t)a, (int16x2_t)b, (int32_t)sum);
#else
    const uint32_t low_a = ((a & 0xffffu) ^ 0x8000u) - 0x8000u;
    const uint32_t low_b = ((b & 0xffffu) ^ 0x8000u) - 0x8000u;
    const uint32_t high_a = ((a >> 16) ^ 0x8000u) - 0x8000u;
    const uint32_t high_b = ((b >> 16) ^ 0x8000u) - 0x8000u;

    return sum + (low_a * low_b) + (high_a * high_b);
#endif
}
