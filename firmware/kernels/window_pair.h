/* The windows at two output positions as words of lanes that alternate between them, with the sums of
 * their inputs. Windows inside the tensor are read there if their rows allow, others are copied to `patch`,
 * which has room for two of `columns` elements, a multiple of four, and is zero behind their inputs. */
static void window_pair_x(const x_t *x, const struct tritc_window *w, x_t zero, int32_t position,
                          int32_t second, int32_t columns, x_t *patch, uint32_t *words, uint32_t *sums)
{
    const int32_t row = position / w->out_width;
    const int32_t column = position % w->out_width;
    const int32_t row_b = second / w->out_width;
    const int32_t column_b = second % w->out_width;
    const int32_t top = (row * w->stride_height) - w->pad_top;
    const int32_t left = (column * w->stride_width) - w->pad_left;
    const int32_t top_b = (row_b * w->stride_height) - w->pad_top;
    const int32_t left_b = (column_b * w->stride_width) - w->pad_left;
    const int32_t run = w->kernel_width * w->channels;

    sums[0] = 0u;
    sums[1] = 0u;
    if (((run % 4) == 0) && (window_inside(w, top, left) != 0) && (window_inside(w, top_b, left_b) != 0)) {
        const int32_t step = w->width * w->dilation_height * w->channels;
        const x_t *a = &x[((top * w->width) + left) * w->channels];
        const x_t *b = &x[((top_b * w->width) + left_b) * w->channels];

        for (int32_t k = 0; k < w->kernel_height; ++k) {
            words = expand_pair_x(&a[k * step], &b[k * step], run, words, sums);
        }
    } else {
        patch_x(x, w, row, column, zero, patch);
        patch_x(x, w, row_b, column_b, zero, &patch[columns]);
        (void)expand_pair_x(patch, &patch[columns], columns, words, sums);
    }
}
