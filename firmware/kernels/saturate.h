/* Levels cut to so many bits, by one instruction where the core has it. The compiler's own functions:
 * those of arm_acle.h are macros that warn of conversions. */
#if defined(__ARM_FEATURE_SAT)
#define TRITC_SIGNED(level, bits) ((int32_t)__builtin_arm_ssat((level), (bits)))
#define TRITC_UNSIGNED(level, bits) ((int32_t)__builtin_arm_usat((level), (bits)))
#else
#define TRITC_SIGNED(level, bits) clamp32((level), -(1 << ((bits) - 1)), (1 << ((bits) - 1)) - 1)
#define TRITC_UNSIGNED(level, bits) clamp32((level), 0, (1 << (bits)) - 1)
#endif
