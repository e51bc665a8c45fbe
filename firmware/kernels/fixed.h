/* How the sum p = acc * multiplier + offset becomes an output:
 * base + step * clamp(floor(p / 2^shift)). Bounds are one for each channel, or one for all where the
 * stride is 0. */
struct tritc_fixed {
    const int32_t *low;
    const int32_t *high;
    int32_t bound_stride;
    int32_t shift;
    int32_t tie_band; /* remainders below it are ties, which go to the even side; 0: none occur */
    int32_t base;
    int32_t step;
};
