/* Elements of two operands to outputs: a residual addition. `f` holds the multipliers of `a`. */
static void sum_fixed64_y(const int32_t *a, const int32_t *b, int32_t count,
                          const struct tritc_fixed *f, const int32_t *multiplier_b,
                          int32_t multiplier_b_stride, const int64_t *offset, y_t *y)
{
    for (int32_t i = 0; i < count; ++i) {
        const int64_t p = ((int64_t)a[i] * f->multiplier[i * f->multiplier_stride]) +
                          ((int64_t)b[i] * multiplier_b[i * multiplier_b_stride]) +
                          offset[i * f->offset_stride];

        y[i] = (y_t)round64(p, i, f);
    }
}
