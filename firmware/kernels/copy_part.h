/* Copies a box, each channel from its own place in the source. */
static void copy_part_xy(const x_t *x, const struct tritc_part *p, const int32_t *channels, y_t *y)
{
    for (int32_t row = 0; row < p->height; ++row) {
        y_t *to = &y[((((p->top + row) * p->out_width) + p->left) * p->out_channels) + p->first];

        for (int32_t column = 0; column < p->width; ++column) {
            const x_t *from = &x[p->rows[row] + p->columns[column]];

            for (int32_t c = 0; c < p->channels; ++c) {
                to[c] = (y_t)from[channels[c]];
            }
            to += p->out_channels;
        }
    }
}
