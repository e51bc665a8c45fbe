/* Elements of two operands to outputs: a residual addition. Multipliers and offsets are one for each
 * channel, or one for all where their stride is 0. */
static void sum_fixed64_y(const int32_t *a, const int32_t *b, int32_t count,
                          const struct tritc_fixed *f, const int64_t *multiplier_a,
                          int32_t multiplier_a_stride, const int64_t *multiplier_b,
                          int32_t multiplier_b_stride, const int64_t *offset, int32_t offset_stride,
                          y_t *y)
{
    for (int32_t i = 0; i < count; ++i) {
        const int64_t p = (a[i] * multiplier_a[i * multiplier_a_stride]) +
                          (b[i] * multiplier_b[i * multiplier_b_stride]) +
                          offset[i * offset_stride];

        y[i] = (y_t)round64(p, i, f);
    }
}
