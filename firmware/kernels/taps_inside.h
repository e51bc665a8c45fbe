/* Of a window's taps, `dilation` apart from `origin` on: how many lie before the tensor. */
static inline int32_t taps_before(int32_t origin, int32_t dilation, int32_t taps)
{
    int32_t tap = 0;

    while ((tap < taps) && ((origin + (tap * dilation)) < 0)) {
        ++tap;
    }
    return tap;
}

/* How many lie before or in it, where it is `extent` long. */
static inline int32_t taps_until(int32_t origin, int32_t dilation, int32_t taps, int32_t extent)
{
    int32_t tap = taps;

    while ((tap > 0) && ((origin + ((tap - 1) * dilation)) >= extent)) {
        --tap;
    }
    return tap;
}
