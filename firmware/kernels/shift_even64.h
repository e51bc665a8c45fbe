/* floor(p / 2^shift), less one where that is odd and what was shifted out is below `tie_band`: a tie,
 * which goes to the even side. */
static inline int64_t shift_even64(int64_t p, int32_t shift, int64_t tie_band)
{
    const int64_t remainder = p & (int64_t)((UINT64_C(1) << shift) - 1u);
    const int64_t n = p >> shift;

    return n - (n & 1 & ((remainder - tie_band) >> 63));
}
