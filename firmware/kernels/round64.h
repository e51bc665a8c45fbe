/* The output of channel i for p = acc * multiplier + offset. The compiler has proved that |p| < 2^53,
 * so no difference below overflows; the signs of the differences are the masks that clamp. */
static int32_t round64(int64_t p, int32_t i, const struct tritc_fixed *f)
{
    const int64_t remainder = p & (int64_t)((UINT64_C(1) << f->shift) - 1u);
    int64_t n = p >> f->shift;
    int64_t excess;

    n -= n & 1 & ((remainder - f->tie_band) >> 63);
    excess = n - f->low[i * f->bound_stride];
    n -= excess & (excess >> 63);
    excess = f->high[i * f->bound_stride] - n;
    n += excess & (excess >> 63);
    return f->base + (f->step * (int32_t)n);
}
