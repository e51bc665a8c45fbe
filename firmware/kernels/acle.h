/* The intrinsics of cores with the DSP extension (Arm C Language Extensions). */
#if defined(__ARM_FEATURE_DSP)
#include <arm_acle.h>
#endif
