/* The integer nearest to x in [low, high], ties to even; for NaN, low. The bounds are integers below
 * 2^22: adding 1.5 * 2^23 then leaves no bits for a fraction, and those of the sum count in ones. */
static int32_t tritc_round(float x, float low, float high)
{
    const float above = (x > low) ? x : low;
    const float inside = (above < high) ? above : high;
    float sum = inside + 12582912.0f;
#if defined(__FRAMAC__)
    /* The same number, for an analyser that does not look into the bits: the difference is exact. It
     * does not see either that comparisons keep NaN out, so that `sum` always equals itself. */
    return (int32_t)((sum == sum) ? (sum - 12582912.0f) : low);
#else
    int32_t bits;

    TRITC_ROUNDED(sum);
    (void)memcpy(&bits, &sum, sizeof bits);
    return bits - 0x4b400000;
#endif
}
