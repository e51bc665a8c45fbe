/* Straight-line code: additions and subtractions chosen by the weights, in assembly where the core
 * has these instructions. Elsewhere a table of trits says the same. */
#if defined(__GNUC__) && defined(__ARM_ARCH_PROFILE) && (__ARM_ARCH_PROFILE == 'M')
#define TRITC_STRAIGHT static __attribute__((naked, noinline)) void
#define TRITC_UNNAMED __attribute__((unused)) /* assembly knows where its arguments are */
#endif
