/* float32 arithmetic that gives the same bits everywhere: IEEE single precision, every result rounded
 * on its own, to nearest and ties to even. Compilers would fuse a product and a sum into one rounding
 * where the core can, whatever pragmas say: TRITC_ROUNDED hides how its variable came about. */
#include <float.h>

#if defined(__FAST_MATH__) || defined(__ASSOCIATIVE_MATH__) || defined(__RECIPROCAL_MATH__) || \
    (defined(__FINITE_MATH_ONLY__) && (__FINITE_MATH_ONLY__ != 0))
#error "this file needs IEEE arithmetic: compile it without -ffast-math and its parts"
#endif
/* 16: other formats are as good as their types, too. */
#if (FLT_EVAL_METHOD != 0) && (FLT_EVAL_METHOD != 16)
#error "this file needs float arithmetic in float: with an x87, compile with -msse2 -mfpmath=sse"
#endif

#if defined(__FRAMAC__)
/* An analyser rounds as C says, and must see where a value comes from. */
#define TRITC_ROUNDED(v) ((void)(v))
#elif !defined(__GNUC__)
#define TRITC_ROUNDED(v)             \
    do {                             \
        const volatile float v_ = v; \
        v = v_;                      \
    } while (0)
#elif defined(__ARM_FP) && !defined(__SOFTFP__) && !defined(__aarch64__)
#define TRITC_ROUNDED(v) __asm__("" : "+t"(v))
#elif defined(__aarch64__)
#define TRITC_ROUNDED(v) __asm__("" : "+w"(v))
#elif defined(__SSE__)
#define TRITC_ROUNDED(v) __asm__("" : "+x"(v))
#elif defined(__riscv_flen)
#define TRITC_ROUNDED(v) __asm__("" : "+f"(v))
#else
#define TRITC_ROUNDED(v) __asm__("" : "+r"(v))
#endif
