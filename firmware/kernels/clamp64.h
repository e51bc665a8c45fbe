/* The same for 64 bits: |n| < 2^53. */
static inline int32_t clamp64(int64_t n, int32_t low, int32_t high)
{
    const int64_t below = low - n;
    const int64_t raised = low - (below & (below >> 63));
    const int64_t above = raised - high;

    return (int32_t)(high + (above & (above >> 63)));
}
