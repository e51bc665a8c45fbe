/* Helium, the vector instructions of a Cortex-M55. Elsewhere portable C gives the same bits. */
#if defined(__ARM_FEATURE_MVE) && ((__ARM_FEATURE_MVE & 1) != 0)
#define TRITC_HELIUM 1
#include <arm_mve.h>
/* A call would save and restore vector registers. */
#define TRITC_INLINE static inline __attribute__((always_inline))
#else
#define TRITC_HELIUM 0
#define TRITC_INLINE static inline
#endif
