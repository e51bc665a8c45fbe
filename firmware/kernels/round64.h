/* The output of channel i for p = acc * multiplier + offset. The compiler has proved that |p| < 2^53,
 * so no difference below overflows; the signs of the differences are the masks that clamp. */
static int32_t round64(int64_t p, int32_t i, const struct tritc_fixed *f)
{
    const int32_t low = f->low[i * f->bound_stride];
    const int32_t high = f->high[i * f->bound_stride];
    const int64_t remainder = p & (int64_t)((UINT64_C(1) << f->shift) - 1u);
    int64_t n = p >> f->shift;
    int64_t beyond;

    n -= n & 1 & ((remainder - f->tie_band) >> 63);
    beyond = low - n;
    n = low - (beyond & (beyond >> 63));
    beyond = n - high;
    n = high + (beyond & (beyond >> 63));
    return f->base + (f->step * (int32_t)n);
}
