/* The same as max_pool_x for bytes, sixteen channels at a time. `is_signed` says which bytes. */
#if TRITC_HELIUM
#define TRITC_MAX_POOL16(least, type)                                                                  \
    __asm volatile("   vctp.8   %[count]\n"                                                            \
                   "   vmov.i8  q1, #" least "\n"                                                      \
                   "1: dls      lr, %[columns]\n"                                                      \
                   "2: vpst\n"                                                                         \
                   "   vldrbt.u8 q0, [%[x]]\n"                                                         \
                   "   add      %[x], %[x], %[step]\n"                                                 \
                   "   vmax." type " q1, q1, q0\n"                                                     \
                   "   le       lr, 2b\n"                                                              \
                   "   subs     %[rows], #1\n"                                                         \
                   "   add      %[x], %[x], %[skip]\n"                                                 \
                   "   bne      1b\n"                                                                  \
                   "   vpst\n"                                                                         \
                   "   vstrbt.8 q1, [%[y]]\n"                                                          \
                   : [x] "+&r"(from), [rows] "+&r"(turns)                                                \
                   : [columns] "r"(columns), [step] "r"(step), [skip] "r"(skip),                       \
                     [count] "r"(channels - c), [y] "r"(&y[c])                                         \
                   : "q0", "q1", "lr", "cc", "memory")
#endif

static void max_pool16_x(const x_t *x, const struct tritc_window *w, int32_t is_signed, x_t *y)
{
    const int32_t channels = w->channels;
    const int32_t step = w->dilation_width * channels;
    const int32_t row_step = w->dilation_height * w->width * channels;

    for (int32_t out_row = 0; out_row < w->out_height; ++out_row) {
        const int32_t origin_row = (out_row * w->stride_height) - w->pad_top;
        const int32_t top = taps_before(origin_row, w->dilation_height, w->kernel_height);
        const int32_t rows =
            taps_until(origin_row, w->dilation_height, w->kernel_height, w->height) - top;
        const x_t *row = &x[(origin_row + (top * w->dilation_height)) * w->width * channels];

        for (int32_t out_column = 0; out_column < w->out_width; ++out_column) {
            const int32_t origin = (out_column * w->stride_width) - w->pad_left;
            const int32_t left = taps_before(origin, w->dilation_width, w->kernel_width);
            const int32_t columns =
                taps_until(origin, w->dilation_width, w->kernel_width, w->width) - left;
            const x_t *position = &row[(origin + (left * w->dilation_width)) * channels];

#if TRITC_HELIUM
            const int32_t skip = row_step - (columns * step);

            for (int32_t c = 0; c < channels; c += 16) {
                const x_t *from = &position[c];
                int32_t turns = rows;

                if (is_signed != 0) {
                    TRITC_MAX_POOL16("0x80", "s8");
                } else {
                    TRITC_MAX_POOL16("0", "u8");
                }
            }
#else
            (void)is_signed;
            for (int32_t c = 0; c < channels; ++c) {
                int32_t largest = position[c];

                for (int32_t i = 0; i < rows; ++i) {
                    for (int32_t j = 0; j < columns; ++j) {
                        const int32_t value = position[(i * row_step) + (j * step) + c];

                        largest = (value > largest) ? value : largest;
                    }
                }
                y[c] = (x_t)largest;
            }
#endif
            y = &y[channels];
        }
    }
}
