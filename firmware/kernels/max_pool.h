/* |x| < 2^30, so the difference cannot overflow; its sign is the mask that picks the larger one. */
static inline int32_t larger_x(int32_t a, int32_t b)
{
    const int32_t less = a - b;

    return (b & (less >> 31)) | (a & ~(less >> 31));
}

/* The largest element of every window; places outside the tensor never win. */
static void max_pool_x(const x_t *x, const struct tritc_window *w, x_t *y)
{
    for (int32_t out_row = 0; out_row < w->out_height; ++out_row) {
        const int32_t origin_row = (out_row * w->stride_height) - w->pad_top;
        const int32_t end_row = origin_row + (w->kernel_height * w->dilation_height);
        const int32_t bottom = (end_row < w->height) ? end_row : w->height;
        int32_t top = origin_row;

        while (top < 0) {
            top += w->dilation_height;
        }

        for (int32_t out_column = 0; out_column < w->out_width; ++out_column) {
            const int32_t origin_column = (out_column * w->stride_width) - w->pad_left;
            const int32_t end_column = origin_column + (w->kernel_width * w->dilation_width);
            const int32_t right = (end_column < w->width) ? end_column : w->width;
            int32_t left = origin_column;

            while (left < 0) {
                left += w->dilation_width;
            }

            for (int32_t c = 0; c < w->channels; ++c) {
                int32_t largest = x[(((top * w->width) + left) * w->channels) + c];

                for (int32_t row = top; row < bottom; row += w->dilation_height) {
                    for (int32_t column = left; column < right; column += w->dilation_width) {
                        largest = larger_x(largest, x[(((row * w->width) + column) * w->channels) + c]);
                    }
                }
                *y++ = (x_t)largest;
            }
        }
    }
}
