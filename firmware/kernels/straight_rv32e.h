/* Straight-line code: additions and subtractions chosen by the weights, in assembly where the core
 * has these instructions. Elsewhere a table of trits says the same. */
#if defined(__GNUC__) && defined(__riscv_compressed)
#if __riscv_xlen == 32
#define TRITC_STRAIGHT static __attribute__((naked, noinline)) void
#define TRITC_UNNAMED __attribute__((unused)) /* assembly knows where its arguments are */
#endif
#endif
