/* acc[c] = the sum of (x - zero) over one window position, inside the tensor, times
 * multiple / count where `multiple` is not 0; margins count too. */
static void sum_pool_x(const x_t *x, const struct tritc_window *w, const struct tritc_margins *m,
                       int32_t out_row, int32_t out_column, int32_t zero, int32_t multiple,
                       int32_t *acc)
{
    const int32_t origin_row = (out_row * w->stride_height) - w->pad_top;
    const int32_t origin_column = (out_column * w->stride_width) - w->pad_left;
    const int32_t end_row = origin_row + (w->kernel_height * w->dilation_height);
    const int32_t end_column = origin_column + (w->kernel_width * w->dilation_width);
    const int32_t bottom = (end_row < w->height) ? end_row : w->height;
    const int32_t right = (end_column < w->width) ? end_column : w->width;
    int32_t top = origin_row;
    int32_t left = origin_column;
    int32_t factor = 1;

    while (top < 0) {
        top += w->dilation_height;
    }
    while (left < 0) {
        left += w->dilation_width;
    }
    if (multiple != 0) {
        const int32_t rows = count_taps(origin_row, w->kernel_height, w->dilation_height, -m->top,
                                        w->height + m->bottom);
        const int32_t columns = count_taps(origin_column, w->kernel_width, w->dilation_width,
                                           -m->left, w->width + m->right);

        factor = multiple / (rows * columns);
    }
    for (int32_t c = 0; c < w->channels; ++c) {
        int32_t sum = 0;

        for (int32_t row = top; row < bottom; row += w->dilation_height) {
            for (int32_t column = left; column < right; column += w->dilation_width) {
                sum += (int32_t)x[(((row * w->width) + column) * w->channels) + c] - zero;
            }
        }
        acc[c] = sum * factor;
    }
}
