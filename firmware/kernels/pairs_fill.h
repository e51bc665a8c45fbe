/* The input rows of output row `out_row`, for the channels from `first` on. They slide through the
 * buffer `rows`: `window` is where those of the row before began, and what is returned where these do.
 * Rows must be asked for in order, from the first one on. */
static uint32_t *pairs_fill_x(const x_t *x, const struct tritc_pairs *p, int32_t out_row,
                              int32_t first, uint32_t *rows, uint32_t *window)
{
    const int32_t size = p->count * p->phases * p->words;
    const int32_t kept = (out_row == 0) ? 0 : p->kept;
    const uint32_t zeros = word_of(p->zero) * 0x10001u;

    if (kept == 0) {
        window = rows;
    } else {
        window = &window[(p->kernel_height - kept) * size];
        if (((window - rows) + (p->kernel_height * size)) > p->room) {
            for (int32_t i = 0; i < (kept * size); ++i) {
                rows[i] = window[i];
            }
            window = rows;
        }
    }
    for (int32_t k = kept; k < p->kernel_height; ++k) {
        const int32_t row = (out_row * p->stride_height) + (k * p->dilation_height) - p->pad_top;
        uint32_t *to = &window[k * size];

        if ((row >= 0) && (row < p->height)) {
            pairs_row_x(&x[(row * p->width * p->channels) + first], p, to);
        } else {
            for (int32_t i = 0; i < size; ++i) {
                to[i] = zeros;
            }
        }
    }
    return window;
}
