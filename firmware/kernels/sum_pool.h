/* acc[c] = the sum of (x - zero) over one window position, inside the tensor, times
 * multiple / count where `multiple` is not 0. These windows are not dilated. */
static void sum_pool_x(const x_t *x, const struct tritc_window *w, int32_t out_row,
                       int32_t out_column, int32_t zero, int32_t multiple, int32_t *acc)
{
    const int32_t origin_row = (out_row * w->stride_height) - w->pad_top;
    const int32_t origin_column = (out_column * w->stride_width) - w->pad_left;
    const int32_t end_row = origin_row + w->kernel_height;
    const int32_t end_column = origin_column + w->kernel_width;
    const int32_t top = (origin_row > 0) ? origin_row : 0;
    const int32_t left = (origin_column > 0) ? origin_column : 0;
    const int32_t bottom = (end_row < w->height) ? end_row : w->height;
    const int32_t right = (end_column < w->width) ? end_column : w->width;
    const int32_t count = (bottom - top) * (right - left);
    const int32_t factor = (multiple == 0) ? 1 : (multiple / count);

    for (int32_t c = 0; c < w->channels; ++c) {
        int32_t sum = 0;

        for (int32_t row = top; row < bottom; ++row) {
            for (int32_t column = left; column < right; ++column) {
                sum += x[(((row * w->width) + column) * w->channels) + c];
            }
        }
        acc[c] = (sum - (count * zero)) * factor;
    }
}
