/* Levels cut to so many bits, by one instruction where the core has it. */
#if defined(__ARM_FEATURE_SAT)
#include <arm_acle.h>

#define TRITC_SIGNED(level, bits) __ssat(level, bits)
#define TRITC_UNSIGNED(level, bits) (int32_t)__usat(level, bits)
#else
#define TRITC_SIGNED(level, bits) clamp32(level, -(1 << ((bits) - 1)), (1 << ((bits) - 1)) - 1)
#define TRITC_UNSIGNED(level, bits) clamp32(level, 0, (1 << (bits)) - 1)
#endif
