/* `count` elements of one byte, four at a time. */
static x_t *copy_elements_x(const x_t *from, int32_t count, x_t *to)
{
    int32_t k = 0;

    for (; (k + 4) <= count; k += 4) {
        (void)memcpy(&to[k], &from[k], 4u);
    }
    for (; k < count; ++k) {
        to[k] = from[k];
    }
    return &to[count];
}

static x_t *repeat_element_x(x_t value, int32_t count, x_t *to)
{
    for (int32_t k = 0; k < count; ++k) {
        to[k] = value;
    }
    return &to[count];
}

/* One row of a window, all channels; `from` is the row of the tensor. */
static x_t *patch_row_x(const x_t *from, const struct tritc_window *w, int32_t left, x_t zero, x_t *to)
{
    if (w->dilation_width == 1) {
        const int32_t right = left + w->kernel_width;
        const int32_t first = (left < 0) ? 0 : left;
        const int32_t end = (right > w->width) ? w->width : right;

        if (first >= end) {
            return repeat_element_x(zero, w->kernel_width * w->channels, to);
        }
        to = repeat_element_x(zero, (first - left) * w->channels, to);
        to = copy_elements_x(&from[first * w->channels], (end - first) * w->channels, to);
        return repeat_element_x(zero, (right - end) * w->channels, to);
    }
    for (int32_t k = 0; k < w->kernel_width; ++k) {
        const int32_t column = left + (k * w->dilation_width);

        if ((column < 0) || (column >= w->width)) {
            to = repeat_element_x(zero, w->channels, to);
        } else {
            to = copy_elements_x(&from[column * w->channels], w->channels, to);
        }
    }
    return to;
}

/* Copies the inputs of one window position to `patch` in the order row, column, channel. Places outside
 * the tensor hold `zero`, the code of the real number 0. */
static void patch_x(const x_t *x, const struct tritc_window *w, int32_t out_row, int32_t out_column,
                    x_t zero, x_t *patch)
{
    const int32_t top = (out_row * w->stride_height) - w->pad_top;
    const int32_t left = (out_column * w->stride_width) - w->pad_left;

    for (int32_t k = 0; k < w->kernel_height; ++k) {
        const int32_t row = top + (k * w->dilation_height);

        if ((row < 0) || (row >= w->height)) {
            patch = repeat_element_x(zero, w->kernel_width * w->channels, patch);
        } else {
            patch = patch_row_x(&x[row * w->width * w->channels], w, left, zero, patch);
        }
    }
}
