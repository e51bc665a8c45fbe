/* y = base + step * (how many of the channel's thresholds the accumulator reaches). `stride` is
 * `steps`, or 0 where all channels share one list. */
static void thresholds_y(const int32_t *acc, int32_t count, const int32_t *thresholds, int32_t steps,
                         int32_t stride, int32_t base, int32_t step, y_t *y)
{
    for (int32_t i = 0; i < count; ++i) {
        const int32_t *list = &thresholds[i * stride];

        y[i] = (y_t)(base + (step * thresholds_reached(acc[i], list, steps)));
    }
}
