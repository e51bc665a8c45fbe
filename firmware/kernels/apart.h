/* A function that is not made a part of its caller, nor a copy of it for constants: its loop needs the
 * registers. TRITC_APART says so where they are few, TRITC_ALONE wherever it can be said. */
#if defined(__clang__)
#define TRITC_ALONE __attribute__((noinline))
#elif defined(__GNUC__)
#define TRITC_ALONE __attribute__((noinline, noclone))
#else
#define TRITC_ALONE
#endif
#if defined(__ARM_ARCH_ISA_THUMB) && (__ARM_ARCH_ISA_THUMB == 1)
#define TRITC_APART TRITC_ALONE
#else
#define TRITC_APART
#endif
