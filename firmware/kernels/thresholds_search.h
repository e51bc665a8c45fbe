/* The same for long lists, by halving: `first` is the largest power of two that is at most `steps`.
 * Every search takes as many turns; masks stand for branches. */
static inline int32_t thresholds_search(int32_t acc, const int32_t *thresholds, int32_t steps,
                                        int32_t first)
{
    int32_t reached = 0;

    for (int32_t span = first; span > 0; span >>= 1) {
        const int32_t beyond = reached + span - steps;
        const int32_t probe = steps + (beyond & (beyond >> 31));
        const int32_t taken = ((beyond - 1) >> 31) & ~((acc - thresholds[probe - 1]) >> 31);

        reached = (probe & taken) | (reached & ~taken);
    }
    return reached;
}
