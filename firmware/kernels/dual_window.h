/* acc[o], acc_b[o] = the products of the windows at two output positions and row o. Windows inside the
 * tensor are read there if their rows allow, others are copied to `patch`, which has room for two of
 * whole blocks and is zero behind their inputs. */
static void dual_window_x(const x_t *x, const struct tritc_window *w, x_t zero, int32_t position,
                          int32_t second, const struct tritc_dual *d, x_t *patch, uint32_t *words,
                          int32_t *acc, int32_t *acc_b)
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

    if (((run % 4) == 0) && (window_inside(w, top, left) != 0) && (window_inside(w, top_b, left_b) != 0)) {
        const x_t *a = &x[((top * w->width) + left) * w->channels];
        const x_t *b = &x[((top_b * w->width) + left_b) * w->channels];

        dual_positions_x(a, b, w->kernel_height, run, w->width * w->dilation_height * w->channels, d,
                         words, acc, acc_b);
    } else {
        patch_x(x, w, row, column, zero, patch);
        patch_x(x, w, row_b, column_b, zero, &patch[8 * d->blocks]);
        dual_positions_x(patch, &patch[8 * d->blocks], 1, 8 * d->blocks, 0, d, words, acc, acc_b);
    }
}
