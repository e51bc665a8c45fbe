/* Accumulators of one position to outputs, in 32-bit arithmetic. */
static void fixed32_y(const int32_t *acc, int32_t count, const struct tritc_fixed *f,
                      const int32_t *offset, y_t *y)
{
    for (int32_t i = 0; i < count; ++i) {
        const int32_t p =
            (acc[i] * f->multiplier[i * f->multiplier_stride]) + offset[i * f->offset_stride];

        y[i] = (y_t)round32(p, i, f);
    }
}
