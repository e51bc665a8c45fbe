/* The words of one phase from `j` on, `count` of them, where each column may lie outside. */
static void pairs_edge_x(const x_t *x, const struct tritc_pairs *p, int32_t phase, int32_t j,
                         int32_t count, uint32_t *plane)
{
    for (; count > 0; --count) {
        const int32_t column = (p->stride_width * j) + phase - p->pad_left;
        const int32_t other = column + (p->stride_width * p->half);
        const int low_in = (column >= 0) && (column < p->width);
        const int high_in = (other >= 0) && (other < p->width);
        int32_t to = j;

        for (int32_t c = 0; c < p->count; ++c) {
            const int32_t low = low_in ? x[(column * p->channels) + c] : p->zero;
            const int32_t high = high_in ? x[(other * p->channels) + c] : p->zero;

            plane[to] = word_of(low) + (word_of(high) << 16);
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
    const int32_t distance = next * p->half;
    int32_t from = ((p->stride_width * j) + phase - p->pad_left) * p->channels;

    if (channels > count) {
        for (int32_t end = j + count; j < end; ++j) {
            const x_t *low = &x[from];
            const x_t *high = &low[distance];
            int32_t to = j;

            for (int32_t c = 0; c < channels; ++c) {
                plane[to] = word_of(low[c]) + (word_of(high[c]) << 16);
                to += apart;
            }
            from += next;
        }
    } else if (count > 0) {
        for (int32_t c = 0; c < channels; ++c) {
            const x_t *low = &x[from + c];
            const x_t *high = &low[distance];
            uint32_t *to = &plane[j + (c * apart)];
            int32_t at = 0;

            for (int32_t i = 0; i < count; ++i) {
                to[i] = word_of(low[at]) + (word_of(high[at]) << 16);
                at += next;
            }
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
