/* Three elements of a row, `stride` columns from each other, of which some may be outside the tensor. */
static uint32_t triple_border_x(const x_t *row, const struct tritc_window *w, int32_t column, int32_t stride,
                                x_t zero)
{
    int32_t elements[3];

    for (int32_t k = 0; k < 3; ++k) {
        elements[k] = ((column >= 0) && (column < w->width)) ? row[column * w->channels] : zero;
        column += stride;
    }
    return triple(elements[0], elements[1], elements[2]);
}

/* One channel of a row of the tensor in threes, `count` words for each part of the row that a stride makes,
 * from element `first` on; see triples_taps.h. Places outside the tensor hold `zero`. A part's words are
 * `apart` words from each other, the parts side by side. x is the channel's first element; `offset` is added
 * to each word. */
static inline void triples_row_x(const x_t *x, const struct tritc_window *w, int32_t row, int32_t first,
                                 x_t zero, uint32_t offset, int32_t count, int32_t apart, uint32_t *to)
{
    const int32_t stride = w->stride_width;
    const int32_t next = stride * w->channels;
    const int32_t whole = w->width - (2 * stride);

    for (int32_t part = 0; part < stride; ++part) {
        uint32_t *word = &to[part];
        const uint32_t *end = &word[count * apart];
        int32_t column = (first * stride) + part - w->pad_left;

        if ((row < 0) || (row >= w->height)) {
            for (; word != end; word += apart) {
                *word = triple(zero, zero, zero) + offset;
            }
        } else {
            const x_t *from = &x[row * w->width * w->channels];

            for (; (word != end) && (column < 0); word += apart) {
                *word = triple_border_x(from, w, column, stride, zero) + offset;
                column += 3 * stride;
            }
            for (; (word != end) && (column < whole); word += apart) {
                const x_t *at = &from[column * w->channels];

                *word = triple(at[0], at[next], at[2 * next]) + offset;
                column += 3 * stride;
            }
            for (; word != end; word += apart) {
                *word = triple_border_x(from, w, column, stride, zero) + offset;
                column += 3 * stride;
            }
        }
    }
}
