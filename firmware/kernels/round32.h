/* The output of channel i for p = acc * multiplier + offset. The compiler has proved that p fits 31
 * bits, so no difference below overflows; the signs of the differences are the masks that clamp. */
static int32_t round32(int32_t p, int32_t i, const struct tritc_fixed *f)
{
    const int32_t low = f->low[i * f->bound_stride];
    const int32_t high = f->high[i * f->bound_stride];
    const int32_t remainder = p & (int32_t)((1u << f->shift) - 1u);
    int32_t n = p >> f->shift;
    int32_t beyond;

    n -= n & 1 & ((remainder - f->tie_band) >> 31);
    beyond = low - n;
    n = low - (beyond & (beyond >> 31));
    beyond = n - high;
    n = high + (beyond & (beyond >> 31));
    return f->base + (f->step * n);
}
