/* Accumulators of one position to outputs, in 32-bit arithmetic. Multipliers and offsets are one for
 * each channel, or one for all where their stride is 0. */
static void fixed32_y(const int32_t *acc, int32_t count, const struct tritc_fixed *f,
                      const int32_t *multiplier, int32_t multiplier_stride, const int32_t *offset,
                      int32_t offset_stride, y_t *y)
{
    for (int32_t i = 0; i < count; ++i) {
        const int32_t p = (acc[i] * multiplier[i * multiplier_stride]) + offset[i * offset_stride];

        y[i] = (y_t)round32(p, i, f);
    }
}
