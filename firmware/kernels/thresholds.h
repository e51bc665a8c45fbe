/* y = base + step * (how many of the channel's thresholds the accumulator reaches). `stride` is
 * `steps`, or 0 where all channels share one list. Accumulators and thresholds stay below 2^30 in
 * magnitude, so the sign of their difference is the comparison. */
static void thresholds_y(const int32_t *acc, int32_t count, const int32_t *thresholds, int32_t steps,
                         int32_t stride, int32_t base, int32_t step, y_t *y)
{
    for (int32_t i = 0; i < count; ++i) {
        const int32_t *list = &thresholds[i * stride];
        int32_t reached = steps;

        for (int32_t j = 0; j < steps; ++j) {
            reached += (acc[i] - list[j]) >> 31;
        }
        y[i] = (y_t)(base + (step * reached));
    }
}
