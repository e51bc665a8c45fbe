/* One row of pairs: column `stride * j + phase - pad` of the channels from x on, beside the one that is
 * `stride * half` further right. */
static void pairs_row_x(const x_t *x, const struct tritc_pairs *p, uint32_t *row)
{
    const x_t zero = (x_t)p->zero;
    const int32_t plane = p->phases * p->words;
    const int32_t apart = p->stride_width * p->half;

    for (int32_t phase = 0; phase < p->phases; ++phase) {
        int32_t column = phase - p->pad_left;

        for (int32_t j = 0; j < p->words; ++j) {
            const int32_t other = column + apart;
            const int in = (column >= 0) && (column < p->width);
            const int other_in = (other >= 0) && (other < p->width);
            const x_t *low = in ? &x[column * p->channels] : &zero;
            const x_t *high = other_in ? &x[other * p->channels] : &zero;
            const int32_t low_step = in ? 1 : 0;
            const int32_t high_step = other_in ? 1 : 0;
            uint32_t *to = &row[(phase * p->words) + j];

            for (int32_t c = 0; c < p->count; ++c) {
                *to = word_of(*low) + (word_of(*high) << 16);
                low += low_step;
                high += high_step;
                to += plane;
            }
            column += p->stride_width;
        }
    }
}

/* The input rows of output row `out_row`, for the channels from `first` on. Rows that stay only move;
 * they are there when rows are asked for in order, from the first one on. */
static void pairs_fill_x(const x_t *x, const struct tritc_pairs *p, int32_t out_row, int32_t first,
                         uint32_t *rows)
{
    const int32_t size = p->count * p->phases * p->words;
    const int32_t kept = (out_row == 0) ? 0 : p->kept;
    const uint32_t *from = &rows[(p->kernel_height - kept) * size];
    const uint32_t zeros = word_of(p->zero) * 0x10001u;

    for (int32_t i = 0; i < (kept * size); ++i) {
        rows[i] = from[i];
    }
    for (int32_t k = kept; k < p->kernel_height; ++k) {
        const int32_t row = (out_row * p->stride_height) + (k * p->dilation_height) - p->pad_top;
        uint32_t *to = &rows[k * size];

        if ((row >= 0) && (row < p->height)) {
            pairs_row_x(&x[(row * p->width * p->channels) + first], p, to);
        } else {
            for (int32_t i = 0; i < size; ++i) {
                to[i] = zeros;
            }
        }
    }
}
