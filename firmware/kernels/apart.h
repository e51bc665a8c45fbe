/* A function that is not made a part of its caller, nor a copy of it for constants: where registers are
 * few, its loop needs them all. */
#if defined(__ARM_ARCH_ISA_THUMB) && (__ARM_ARCH_ISA_THUMB == 1)
#if defined(__clang__)
#define TRITC_APART __attribute__((noinline))
#elif defined(__GNUC__)
#define TRITC_APART __attribute__((noinline, noclone))
#endif
#endif
#if !defined(TRITC_APART)
#define TRITC_APART
#endif
