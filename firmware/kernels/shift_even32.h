/* floor(p / 2^shift), less one where that is odd and what was shifted out is below `tie_band`: a tie,
 * which goes to the even side. */
static inline int32_t shift_even32(int32_t p, int32_t shift, int32_t tie_band)
{
    const int32_t remainder = p & (int32_t)((1u << shift) - 1u);
    const int32_t n = p >> shift;

    return n - (n & 1 & ((remainder - tie_band) >> 31));
}
