/* A requantisation: base + step * clamp(floor((acc * multiplier + offset) / 2^shift)). Lists hold one
 * value for each channel, or one for all where the stride is 0. */
struct tritc_fixed {
    const int32_t *multiplier;
    const int32_t *low;
    const int32_t *high;
    int32_t multiplier_stride;
    int32_t offset_stride;
    int32_t bound_stride;
    int32_t shift;
    int32_t tie_band; /* remainders below it are ties, which go to the even side; 0: none occur */
    int32_t base;
    int32_t step;
};
