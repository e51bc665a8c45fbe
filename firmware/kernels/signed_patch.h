/* Copies the inputs of one window position, channels [first, first + count), to `patch` as signed
 * bytes in the order row, column, channel: codes less `shift`. Places outside the tensor hold `zero`,
 * less the shift too. */
static void signed_patch_at_border_x(const x_t *x, const struct tritc_window *w, int32_t top, int32_t left,
                              int32_t first, int32_t count, int32_t zero, int32_t shift, int8_t *patch)
{
    const int32_t bottom = top + (w->kernel_height * w->dilation_height);
    const int32_t right = left + (w->kernel_width * w->dilation_width);
    /* Columns that stand side by side in memory are copied at once. */
    const int32_t run = ((w->dilation_width == 1) && (count == w->channels)) ? w->kernel_width : 1;

    for (int32_t row = top; row < bottom; row += w->dilation_height) {
        for (int32_t column = left; column < right; column += run * w->dilation_width) {
            int32_t before = (column < 0) ? -column : 0;
            int32_t after = ((column + run) > w->width) ? ((column + run) - w->width) : 0;

            if ((row < 0) || (row >= w->height) || (before > run) || (after > run)) {
                before = run;
                after = 0;
            }
            if ((before + after) > 0) {
                (void)memset(patch, (int)(uint8_t)zero, (uint32_t)(run * count));
            }
            if ((before + after) < run) {
                copy_signed_x(&x[(((row * w->width) + column + before) * w->channels) + first],
                              (run - before - after) * count, shift, &patch[before * count]);
            }
            patch = &patch[run * count];
        }
    }
}

TRITC_INLINE void signed_patch_x(const x_t *x, const struct tritc_window *w, int32_t out_row,
                          int32_t out_column, int32_t first, int32_t count, int32_t zero,
                          int32_t shift, int8_t *patch)
{
    const int32_t top = (out_row * w->stride_height) - w->pad_top;
    const int32_t left = (out_column * w->stride_width) - w->pad_left;

    if ((count == w->channels) && (w->dilation_width == 1) && (top >= 0) && (left >= 0) &&
        ((top + ((w->kernel_height - 1) * w->dilation_height)) < w->height) &&
        ((left + w->kernel_width) <= w->width)) {
        const int32_t run = w->kernel_width * w->channels;
        const x_t *from = &x[((top * w->width) + left) * w->channels];

        for (int32_t row = 0; row < w->kernel_height; ++row) {
            copy_signed_x(from, run, shift, patch);
            from = &from[w->dilation_height * w->width * w->channels];
            patch = &patch[run];
        }
    } else {
        signed_patch_at_border_x(x, w, top, left, first, count, zero, shift, patch);
    }
}
