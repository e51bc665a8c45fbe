/* The words of one phase from `j` on, `count` of them, where each column may lie outside. */
static void pairs_edge_x(const x_t *x, const struct tritc_pairs *p, int32_t phase, int32_t j,
                         int32_t count, uint32_t *plane)
{
    for (; count > 0; --count) {
        const int32_t column = (p->stride_width * j) + phase - p->pad_left;
        const int32_t other = column + (p->stride_width * p->half);
        const int low_in = (column >= 0) && (column < p->width);
        const int high_in = (other >= 0) && (other < p->width);
        uint32_t *to = &plane[j];

        for (int32_t c = 0; c < p->count; ++c) {
            const int32_t low = low_in ? x[(column * p->channels) + c] : p->zero;
            const int32_t high = high_in ? x[(other * p->channels) + c] : p->zero;

            *to = word_of(low) + (word_of(high) << 16);
            to += p->phases * p->words;
        }
        ++j;
    }
}

/* The same where both columns lie inside. */
static void pairs_inside_x(const x_t *x, const struct tritc_pairs *p, int32_t phase, int32_t j,
                           int32_t count, uint32_t *plane)
{
    const int32_t next = p->stride_width * p->channels;
    const int32_t channels = p->count;
    const int32_t apart = p->phases * p->words;
    const x_t *low = &x[((p->stride_width * j) + phase - p->pad_left) * p->channels];
    const x_t *high = &low[next * p->half];

    plane = &plane[j];
    if (channels > count) {
        for (; count > 0; --count) {
            uint32_t *to = plane++;

            for (int32_t c = 0; c < channels; ++c) {
                *to = word_of(low[c]) + (word_of(high[c]) << 16);
                to += apart;
            }
            low += next;
            high += next;
        }
    } else {
        for (int32_t c = 0; c < channels; ++c) {
            int32_t at = c;

            for (int32_t i = 0; i < count; ++i) {
                plane[i] = word_of(low[at]) + (word_of(high[at]) << 16);
                at += next;
            }
            plane += apart;
        }
    }
}

/* One row of pairs, of the channels from x on. Column `stride * j + phase - pad` stands in word j beside
 * the one that is `stride * half` further right. */
static void pairs_row_x(const x_t *x, const struct tritc_pairs *p, uint32_t *row)
{
    for (int32_t phase = 0; phase < p->phases; ++phase) {
        const int32_t column = phase - p->pad_left;
        const int32_t last = p->width - 1 - column - (p->stride_width * p->half);
        uint32_t *plane = &row[phase * p->words];
        int32_t from = 0;
        int32_t to = 0;

        while ((from < p->words) && ((column + (p->stride_width * from)) < 0)) {
            ++from;
        }
        to = from;
        while ((to < p->words) && ((p->stride_width * to) <= last)) {
            ++to;
        }
        pairs_edge_x(x, p, phase, 0, from, plane);
        pairs_inside_x(x, p, phase, from, to - from, plane);
        pairs_edge_x(x, p, phase, to, p->words - to, plane);
    }
}

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
