/* The same as thresholds_y for long lists, by halving: `first` is the largest power of two that is at
 * most `steps`. Every search takes as many turns; masks stand for branches. */
static void search_y(const int32_t *acc, int32_t count, const int32_t *thresholds, int32_t steps,
                     int32_t first, int32_t stride, int32_t base, int32_t step, y_t *y)
{
    for (int32_t i = 0; i < count; ++i) {
        const int32_t *list = &thresholds[i * stride];
        int32_t reached = 0;

        for (int32_t span = first; span > 0; span >>= 1) {
            const int32_t beyond = reached + span - steps;
            const int32_t probe = steps + (beyond & (beyond >> 31));
            const int32_t taken = ((beyond - 1) >> 31) & ~((acc[i] - list[probe - 1]) >> 31);

            reached = (probe & taken) | (reached & ~taken);
        }
        y[i] = (y_t)(base + (step * reached));
    }
}
