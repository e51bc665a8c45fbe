/* n, or the bound that it lies beyond. Where the core saturates or predicates, the C compiler turns the
 * comparisons into that; elsewhere the signs of differences are masks, for branches would cost more
 * and take a time that depends on n. Bounds and n stay below 2^30 in magnitude. */
static inline int32_t clamp32(int32_t n, int32_t low, int32_t high)
{
#if defined(__ARM_FEATURE_SAT)
    const int32_t raised = (n > low) ? n : low;

    return (raised < high) ? raised : high;
#else
    const int32_t above = n - low;
    const int32_t raised = above & ~(above >> 31);
    const int32_t beyond = raised - (high - low);

    return high + (beyond & (beyond >> 31));
#endif
}
