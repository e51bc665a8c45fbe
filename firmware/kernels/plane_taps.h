/* One channel's weights as words for two output columns at once. A lane that holds input column e of a
 * pair has the first output's trit for it, and the second's, which begins a stride later, 14 bits above:
 * a product adds to both sums. Trits are packed as in rows_ternary.h. */
static void plane_taps(const uint8_t *weights, const struct tritc_window *w, int32_t words, uint32_t *taps)
{
    for (int32_t row = 0; row < w->kernel_height; ++row) {
        for (int32_t e = 0; e < (2 * words); ++e) {
            uint32_t lane = 0u;

            for (int32_t second = 0; second < 2; ++second) {
                const int32_t column = e - (second * w->stride_width);

                if ((column >= 0) && (column < w->kernel_width)) {
                    const int32_t k = (row * w->kernel_width) + column;
                    const uint32_t code = ((uint32_t)weights[k / 4] >> (2 * (k % 4))) & 3u;

                    lane += ((code & 1u) - (code >> 1)) << (14 * second);
                }
            }
            if ((e % 2) == 0) {
                taps[e / 2] = lane & 0xffffu;
            } else {
                taps[e / 2] |= lane << 16;
            }
        }
        taps += words;
    }
}
