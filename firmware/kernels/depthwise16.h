/* The sums of 16 neighbouring channels at one position, or of the first `count` of them: each weight
 * times a code less `shift`. Places outside the tensor hold `zero`, less the shift too. Sums of all
 * taps fit 16 bits. */
#if TRITC_HELIUM
/* Rows of taps from `x` on; even channels add up in one vector, odd ones in the other. */
#define TRITC_DEPTHWISE16(flip)                                                                        \
    __asm volatile("   vctp.8   %[count]\n"                                                            \
                   "1: vpst\n"                                                                         \
                   "   vldrbt.u8 q0, [%[x]]\n"                                                         \
                   "   vldrb.u8 q1, [%[w]], #16\n"                                                     \
                   "   wls      lr, %[turns], 3f\n"                                                    \
                   "2:\n" flip                                                                         \
                   "   vmullb.s8 q2, q0, q1\n"                                                         \
                   "   add      %[x], %[x], %[step]\n"                                                 \
                   "   vmullt.s8 q3, q0, q1\n"                                                         \
                   "   vpst\n"                                                                         \
                   "   vldrbt.u8 q0, [%[x]]\n"                                                         \
                   "   vadd.i16 %q[even], %q[even], q2\n"                                              \
                   "   vldrb.u8 q1, [%[w]], #16\n"                                                     \
                   "   vadd.i16 %q[odd], %q[odd], q3\n"                                                \
                   "   le       lr, 2b\n"                                                              \
                   "3:\n" flip                                                                         \
                   "   vmullb.s8 q2, q0, q1\n"                                                         \
                   "   subs     %[rows], #1\n"                                                         \
                   "   vmullt.s8 q3, q0, q1\n"                                                         \
                   "   add      %[x], %[x], %[skip]\n"                                                 \
                   "   vadd.i16 %q[even], %q[even], q2\n"                                              \
                   "   add      %[w], %[w], %[skip_w]\n"                                               \
                   "   vadd.i16 %q[odd], %q[odd], q3\n"                                                \
                   "   bne      1b\n"                                                                  \
                   : [even] "+&w"(even), [odd] "+&w"(odd), [x] "+&r"(x), [w] "+&r"(weights),               \
                     [rows] "+&r"(rows)                                                                 \
                   : [turns] "r"(columns - 1), [step] "r"(step), [skip] "r"(skip),                     \
                     [skip_w] "r"(skip_w), [count] "r"(count)                                          \
                   : "q0", "q1", "q2", "q3", "lr", "cc", "memory")

/* What the taps outside rows [top, bottom) and columns [left, right) add. */
static int16x8x2_t depthwise16_outside(const struct tritc_window *w, int32_t top, int32_t bottom,
                                       int32_t left, int32_t right, int32_t zero,
                                       const int8_t *weights)
{
    const int8x16_t zeros = vdupq_n_s8((int8_t)zero);
    int16x8x2_t sums = {{vdupq_n_s16(0), vdupq_n_s16(0)}};

    for (int32_t row = 0; row < w->kernel_height; ++row) {
        for (int32_t column = 0; column < w->kernel_width; ++column) {
            if ((row < top) || (row >= bottom) || (column < left) || (column >= right)) {
                const int8x16_t tap = vldrbq_s8(weights);

                sums.val[0] = vaddq_s16(sums.val[0], vmullbq_int_s8(zeros, tap));
                sums.val[1] = vaddq_s16(sums.val[1], vmulltq_int_s8(zeros, tap));
            }
            weights = &weights[16];
        }
    }
    return sums;
}
#endif

TRITC_INLINE void depthwise16_x(const x_t *x, const struct tritc_window *w, int32_t out_row,
                                int32_t out_column, int32_t count, int32_t zero, int32_t shift,
                                const int8_t *weights, int16_t *sums)
{
    const int32_t origin_row = (out_row * w->stride_height) - w->pad_top;
    const int32_t origin_column = (out_column * w->stride_width) - w->pad_left;
    int32_t top = 0;
    int32_t bottom = w->kernel_height;
    int32_t left = 0;
    int32_t right = w->kernel_width;
#if TRITC_HELIUM
    int16x8_t even = vdupq_n_s16(0);
    int16x8_t odd = vdupq_n_s16(0);
#endif

    if ((origin_row < 0) || (origin_column < 0) ||
        ((origin_row + ((bottom - 1) * w->dilation_height)) >= w->height) ||
        ((origin_column + ((right - 1) * w->dilation_width)) >= w->width)) {
        top = taps_before(origin_row, w->dilation_height, bottom);
        bottom = taps_until(origin_row, w->dilation_height, bottom, w->height);
        left = taps_before(origin_column, w->dilation_width, right);
        right = taps_until(origin_column, w->dilation_width, right, w->width);
#if TRITC_HELIUM
        if (zero != 0) {
            const int16x8x2_t outside =
                depthwise16_outside(w, top, bottom, left, right, zero, weights);

            even = outside.val[0];
            odd = outside.val[1];
        }
#endif
    }
#if TRITC_HELIUM
    if ((bottom > top) && (right > left)) {
        const int32_t columns = right - left;
        const int32_t step = w->dilation_width * w->channels;
        const int32_t skip = (w->dilation_height * w->width * w->channels) - ((columns - 1) * step);
        const int32_t skip_w = 16 * (w->kernel_width - columns);
        int32_t rows = bottom - top;

        weights = &weights[16 * ((top * w->kernel_width) + left)];
        x = &x[(((origin_row + (top * w->dilation_height)) * w->width) + origin_column +
                (left * w->dilation_width)) *
               w->channels];
        if (shift != 0) {
            TRITC_DEPTHWISE16("   vmov.i8  q2, #0x80\n   veor     q0, q0, q2\n");
        } else {
            TRITC_DEPTHWISE16("");
        }
    }
    /* In the order of the channels. The intrinsic would go through the stack. */
    __asm volatile("   vmov     q0, %q[even]\n"
                   "   vmov     q1, %q[odd]\n"
                   "   vst20.16 {q0, q1}, [%[sums]]\n"
                   "   vst21.16 {q0, q1}, [%[sums]]\n"
                   :
                   : [even] "w"(even), [odd] "w"(odd), [sums] "r"(sums)
                   : "q0", "q1", "memory");
#else
    for (int32_t c = 0; c < count; ++c) {
        int32_t sum = 0;
        const int8_t *weight = &weights[c];

        for (int32_t i = 0; i < w->kernel_height; ++i) {
            const int32_t row = origin_row + (i * w->dilation_height);

            for (int32_t j = 0; j < w->kernel_width; ++j) {
                const int32_t column = origin_column + (j * w->dilation_width);
                int32_t code = zero;

                if ((i >= top) && (i < bottom) && (j >= left) && (j < right)) {
                    code = (int32_t)x[(((row * w->width) + column) * w->channels) + c] - shift;
                }
                sum += code * *weight;
                weight = &weight[16];
            }
        }
        sums[c] = (int16_t)sum;
    }
#endif
}
