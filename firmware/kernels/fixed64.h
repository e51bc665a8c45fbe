/* Accumulators of one position to outputs, in 64-bit arithmetic. Multipliers and offsets are one for
 * each channel, or one for all where their stride is 0. */
static void fixed64_y(const int32_t *acc, int32_t count, const struct tritc_fixed *f,
                      const int32_t *multiplier, int32_t multiplier_stride, const int64_t *offset,
                      int32_t offset_stride, y_t *y)
{
    for (int32_t i = 0; i < count; ++i) {
        const int64_t p =
            ((int64_t)acc[i] * multiplier[i * multiplier_stride]) + offset[i * offset_stride];

        y[i] = (y_t)round64(p, i, f);
    }
}
