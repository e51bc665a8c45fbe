/* Levels cut to so many bits, by one instruction where the core has it. The compiler's own functions:
 * those of arm_acle.h are macros that warn of conversions. */
#if defined(__ARM_FEATURE_SAT)
#define TRITC_SIGNED(level, bits) ((int32_t)__builtin_arm_ssat((level), (bits)))
#define TRITC_UNSIGNED(level, bits) ((int32_t)__builtin_arm_usat((level), (bits)))
#else
#define TRITC_SIGNED(level, bits) saturate((level), -(1 << ((bits) - 1)), (1 << ((bits) - 1)) - 1)
#define TRITC_UNSIGNED(level, bits) saturate((level), 0, (1 << (bits)) - 1)

/* Without branches: signs of differences are masks. Bounds and n stay below 2^30 in magnitude. */
static inline int32_t saturate(int32_t n, int32_t low, int32_t high)
{
    const int32_t above = n - low;
    const int32_t raised = above & ~(above >> 31);
    const int32_t beyond = raised - (high - low);

    return high + (beyond & (beyond >> 31));
}
#endif
