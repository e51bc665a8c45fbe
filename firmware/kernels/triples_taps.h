/* The taps of one channel, whose trits begin at number `k` of a table that is packed as in rows_ternary.h, but
 * without gaps: in threes. With a stride, each row of a window is as many rows of their own: every
 * stride-th element, from the first on, from the second on and so on. `last` is the number of the last of
 * the longest one's taps, at most 2. The words follow each other a second time, so that they can begin at
 * any row. */
static void triples_taps(const uint8_t *weights, int32_t k, const struct tritc_window *w, int32_t last,
                         uint32_t *taps)
{
    const int32_t count = w->kernel_height * w->stride_width;

    for (int32_t i = 0; i < count; ++i) {
        taps[i] = 0u;
    }
    for (int32_t row = 0; row < count; row += w->stride_width) {
        int32_t part = 0;
        int32_t shift = 12 * last;

        for (int32_t column = 0; column < w->kernel_width; ++column) {
            const uint32_t code = ((uint32_t)weights[k / 4] >> (2 * (k % 4))) & 3u;

            taps[row + part] += ((code & 1u) - (code >> 1)) << shift;
            ++k;
            ++part;
            if (part == w->stride_width) {
                part = 0;
                shift -= 12;
            }
        }
    }
    for (int32_t i = 0; i < count; ++i) {
        taps[count + i] = taps[i];
    }
}
