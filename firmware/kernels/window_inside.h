/* Whether a window lies inside the tensor, its rows without gaps. */
static int32_t window_inside(const struct tritc_window *w, int32_t top, int32_t left)
{
    const int32_t bottom = top + ((w->kernel_height - 1) * w->dilation_height);
    const int32_t right = left + w->kernel_width;
    const int32_t rows = ((top >= 0) && (bottom < w->height)) ? w->dilation_width : 0;

    return ((rows == 1) && (left >= 0) && (right <= w->width)) ? 1 : 0;
}
