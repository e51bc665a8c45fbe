/* One plane of one window in the order row, column, channel, of channels in whole bytes. Rows of the tensor
 * stand in a ring of `slots`, `apart` bytes each; places outside hold the bits `pad`. */
static void window_bits(const uint8_t *ring, int32_t slots, int32_t apart, const struct tritc_window *w,
                        int32_t top, int32_t left, uint8_t pad, uint8_t *patch)
{
    const int32_t bytes = w->channels / 8;
    const int32_t bottom = top + (w->kernel_height * w->dilation_height);
    const int32_t right = left + (w->kernel_width * w->dilation_width);
    /* Columns that stand side by side are copied at once. */
    const int32_t run = (w->dilation_width == 1) ? w->kernel_width : 1;

    for (int32_t row = top; row < bottom; row += w->dilation_height) {
        for (int32_t column = left; column < right; column += run * w->dilation_width) {
            int32_t before = (column < 0) ? -column : 0;
            int32_t after = ((column + run) > w->width) ? ((column + run) - w->width) : 0;

            if ((row < 0) || (row >= w->height) || (before >= run) || (after >= run)) {
                before = run;
                after = 0;
            }
            if ((before + after) > 0) {
                (void)memset(patch, (int)pad, (uint32_t)(run * bytes));
            }
            if ((before + after) < run) {
                (void)memcpy(&patch[before * bytes],
                             &ring[((row % slots) * apart) + ((column + before) * bytes)],
                             (uint32_t)((run - before - after) * bytes));
            }
            patch = &patch[run * bytes];
        }
    }
}
