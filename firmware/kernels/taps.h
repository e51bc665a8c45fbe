/* How many taps of a window, `dilation` apart from `origin` on, lie in [low, high). */
static int32_t count_taps(int32_t origin, int32_t taps, int32_t dilation, int32_t low, int32_t high)
{
    int32_t count = 0;

    for (int32_t k = 0; k < taps; ++k) {
        const int32_t at = origin + (k * dilation);

        count += ((at >= low) && (at < high)) ? 1 : 0;
    }
    return count;
}
