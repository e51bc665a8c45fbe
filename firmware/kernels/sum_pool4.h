/* The same as sum_pool_x for bytes, four channels at a time: `acc` has room for whole vectors.
 * `is_signed` says which bytes. */
#if TRITC_HELIUM
#define TRITC_SUM_POOL4(type)                                                                          \
    __asm volatile("   vctp.32  %[count]\n"                                                            \
                   "   vmov.i32 %q[sum], #0\n"                                                         \
                   "1: dls      lr, %[columns]\n"                                                      \
                   "2: vpst\n"                                                                         \
                   "   vldrbt." type " q0, [%[x]]\n"                                                   \
                   "   add      %[x], %[x], %[step]\n"                                                 \
                   "   vadd.i32 %q[sum], %q[sum], q0\n"                                                \
                   "   le       lr, 2b\n"                                                              \
                   "   subs     %[rows], #1\n"                                                         \
                   "   add      %[x], %[x], %[skip]\n"                                                 \
                   "   bne      1b\n"                                                                  \
                   : [sum] "=&w"(sum), [x] "+&r"(from), [rows] "+&r"(turns)                              \
                   : [columns] "r"(columns), [step] "r"(step), [skip] "r"(row_step - (columns * step)), \
                     [count] "r"(w->channels - c)                                                      \
                   : "q0", "lr", "cc", "memory")
#endif

static void sum_pool4_x(const x_t *x, const struct tritc_window *w, const struct tritc_margins *m,
                        int32_t out_row, int32_t out_column, int32_t is_signed, int32_t zero,
                        int32_t multiple, int32_t *acc)
{
    const int32_t origin_row = (out_row * w->stride_height) - w->pad_top;
    const int32_t origin = (out_column * w->stride_width) - w->pad_left;
    const int32_t top = taps_before(origin_row, w->dilation_height, w->kernel_height);
    const int32_t left = taps_before(origin, w->dilation_width, w->kernel_width);
    const int32_t rows =
        taps_until(origin_row, w->dilation_height, w->kernel_height, w->height) - top;
    const int32_t columns = taps_until(origin, w->dilation_width, w->kernel_width, w->width) - left;
    const int32_t step = w->dilation_width * w->channels;
    const int32_t row_step = w->dilation_height * w->width * w->channels;
    const int32_t zeros = zero * rows * columns;
    const x_t *position = &x[(((origin_row + (top * w->dilation_height)) * w->width) + origin +
                              (left * w->dilation_width)) *
                             w->channels];
    int32_t factor = 1;

    if (multiple != 0) {
        factor = multiple / (count_taps(origin_row, w->kernel_height, w->dilation_height, -m->top,
                                        w->height + m->bottom) *
                             count_taps(origin, w->kernel_width, w->dilation_width, -m->left,
                                        w->width + m->right));
    }
#if TRITC_HELIUM
    for (int32_t c = 0; c < w->channels; c += 4) {
        const x_t *from = &position[c];
        int32_t turns = rows;
        int32x4_t sum;

        if (is_signed != 0) {
            TRITC_SUM_POOL4("s32");
        } else {
            TRITC_SUM_POOL4("u32");
        }
        vstrwq_s32(&acc[c], vmulq_n_s32(vsubq_n_s32(sum, zeros), factor));
    }
#else
    (void)is_signed;
    for (int32_t c = 0; c < w->channels; ++c) {
        int32_t sum = -zeros;

        for (int32_t i = 0; i < rows; ++i) {
            for (int32_t j = 0; j < columns; ++j) {
                sum += (int32_t)position[(i * row_step) + (j * step) + c];
            }
        }
        acc[c] = sum * factor;
    }
#endif
}
