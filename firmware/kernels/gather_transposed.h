/* Copies the inputs that reach one output position of a transposed convolution, channels
 * [first, first + count), to `patch` in the order row, column, channel. Taps that no input reaches
 * hold `zero`, the code of the real number 0. */
static void gather_transposed_x(const x_t *x, const struct tritc_window *w, int32_t out_row,
                                int32_t out_column, int32_t first, int32_t count, x_t zero,
                                x_t *patch)
{
    for (int32_t i = 0; i < w->kernel_height; ++i) {
        const int32_t row = out_row + w->pad_top - (i * w->dilation_height);
        const int32_t in_row = row / w->stride_height;
        const int row_hit =
            (row >= 0) && ((in_row * w->stride_height) == row) && (in_row < w->height);

        for (int32_t j = 0; j < w->kernel_width; ++j) {
            const int32_t column = out_column + w->pad_left - (j * w->dilation_width);
            const int32_t in_column = column / w->stride_width;

            if (row_hit && (column >= 0) && ((in_column * w->stride_width) == column) &&
                (in_column < w->width)) {
                const x_t *from = &x[(((in_row * w->width) + in_column) * w->channels) + first];

                for (int32_t c = 0; c < count; ++c) {
                    *patch++ = from[c];
                }
            } else {
                for (int32_t c = 0; c < count; ++c) {
                    *patch++ = zero;
                }
            }
        }
    }
}
