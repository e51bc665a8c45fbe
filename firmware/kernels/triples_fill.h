/* A row of the tensor in threes: `triples` words of each channel, and of each part that a stride makes, from
 * element `first` on. Two words that are neighbours in a row stand side by side, then those of the next part
 * and channel; it is `apart` words from there to the next two. `border` is a place outside the tensor, all
 * channels; `offset` is added to each word. */
static void triples_fill_x(const x_t *x, const struct tritc_window *w, int32_t row, int32_t first,
                           const x_t *border, uint32_t offset, int32_t triples, int32_t apart, uint32_t *to)
{
    const int32_t stride = w->stride_width;
    const int32_t inside = ((row >= 0) && (row < w->height)) ? w->width : 0;

    for (int32_t t = 0; t < triples; ++t) {
        for (int32_t part = 0; part < stride; ++part) {
            int32_t column = ((first + (3 * t)) * stride) + part - w->pad_left;
            uint32_t *word = &to[((t / 2) * apart) + (t % 2) + (2 * part)];
            const x_t *at[3];

            for (int32_t k = 0; k < 3; ++k) {
                const int32_t place = ((column >= 0) && (column < inside)) ? 1 : 0;

                at[k] = (place != 0) ? &x[((row * w->width) + column) * w->channels] : border;
                column += stride;
            }
            for (int32_t c = 0; c < w->channels; ++c) {
                *word = triple(at[0][c], at[1][c], at[2][c]) + offset;
                word = &word[2 * stride];
            }
        }
    }
}
