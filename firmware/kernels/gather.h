/* Copies the inputs of one window position, channels [first, first + count), to `patch` in the order
 * row, column, channel. Places outside the tensor hold `zero`, the code of the real number 0. */
static void gather_x(const x_t *x, const struct tritc_window *w, int32_t out_row, int32_t out_column,
                     int32_t first, int32_t count, x_t zero, x_t *patch)
{
    const int32_t top = (out_row * w->stride_height) - w->pad_top;
    const int32_t left = (out_column * w->stride_width) - w->pad_left;
    const int32_t bottom = top + (w->kernel_height * w->dilation_height);
    const int32_t right = left + (w->kernel_width * w->dilation_width);

    for (int32_t row = top; row < bottom; row += w->dilation_height) {
        for (int32_t column = left; column < right; column += w->dilation_width) {
            if ((row < 0) || (row >= w->height) || (column < 0) || (column >= w->width)) {
                for (int32_t c = 0; c < count; ++c) {
                    *patch++ = zero;
                }
            } else {
                const x_t *from = &x[(((row * w->width) + column) * w->channels) + first];

                for (int32_t c = 0; c < count; ++c) {
                    *patch++ = from[c];
                }
            }
        }
    }
}
