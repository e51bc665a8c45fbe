/* Which Thumb instructions kernels are written in by hand, where that was measured to pay: 1 the
 * sixteen-bit ones of ARMv6-M, 2 all, 0 none. They take every register, which clang never gives, nor
 * builds without optimisation; -DTRITC_PORTABLE leaves them out. */
#if defined(__GNUC__) && !defined(__clang__) && defined(__OPTIMIZE__) &&                           \
    defined(__ARM_ARCH_ISA_THUMB) && !defined(TRITC_PORTABLE)
#define TRITC_THUMB __ARM_ARCH_ISA_THUMB
#else
#define TRITC_THUMB 0
#endif
