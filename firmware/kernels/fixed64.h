/* Accumulators of one position to outputs, in 64-bit arithmetic. */
static void fixed64_y(const int32_t *acc, int32_t count, const struct tritc_fixed *f,
                      const int64_t *offset, y_t *y)
{
    for (int32_t i = 0; i < count; ++i) {
        const int64_t p = ((int64_t)acc[i] * f->multiplier[i * f->multiplier_stride]) +
                          offset[i * f->offset_stride];

        y[i] = (y_t)round64(p, i, f);
    }
}
