/* How many of a channel's thresholds the accumulator reaches. Both stay below 2^30 in magnitude, so
 * the sign of their difference is the comparison. */
static inline int32_t thresholds_reached(int32_t acc, const int32_t *thresholds, int32_t steps)
{
    int32_t count = steps;

    for (int32_t j = 0; j < steps; ++j) {
        count += (acc - thresholds[j]) >> 31;
    }
    return count;
}
