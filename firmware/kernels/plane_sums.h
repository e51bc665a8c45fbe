/* Two outputs' sums begin in the middle of their ranges, so that they never borrow: of 14 bits below, of
 * 18 above. */
#define TRITC_PLANE_LOW 8192
#define TRITC_PLANE_HIGH 131072
#define TRITC_PLANE_START 0x80002000u

/* The sums of pairs of outputs, for a kernel of three rows of two words each, a word from pair to pair. */
static void plane_sums_three(const uint32_t *a, const uint32_t *b, const uint32_t *c,
                             const uint32_t *taps, int32_t pairs, uint32_t *sums)
{
    const uint32_t a0 = taps[0];
    const uint32_t a1 = taps[1];
    const uint32_t b0 = taps[2];
    const uint32_t b1 = taps[3];
    const uint32_t c0 = taps[4];
    const uint32_t c1 = taps[5];

    for (int32_t i = 0; i < pairs; ++i) {
        uint32_t sum = multiply_lanes(a[i], a0, TRITC_PLANE_START);

        sum = multiply_lanes(a[i + 1], a1, sum);
        sum = multiply_lanes(b[i], b0, sum);
        sum = multiply_lanes(b[i + 1], b1, sum);
        sum = multiply_lanes(c[i], c0, sum);
        sums[i] = multiply_lanes(c[i + 1], c1, sum);
    }
}

/* Adds what one row of the kernel gives; from pair to pair it is `step` words. */
static void plane_sums_add(const uint32_t *row, int32_t step, const uint32_t *taps, int32_t words,
                           int32_t pairs, uint32_t *sums)
{
    for (int32_t i = 0; i < pairs; ++i) {
        uint32_t sum = sums[i];

        for (int32_t k = 0; k < words; ++k) {
            sum = multiply_lanes(row[k], taps[k], sum);
        }
        sums[i] = sum;
        row += step;
    }
}

/* The sums of one plane's output row. The plane holds as many input rows as the kernel, each where its
 * number leaves it. */
static void plane_sums(const uint32_t *plane, int32_t width, const struct tritc_window *w, int32_t out_row,
                       const uint32_t *taps, int32_t words, int32_t pairs, uint32_t *sums)
{
    const int32_t height = w->kernel_height;
    const int32_t top = out_row * w->stride_height;

    if ((height == 3) && (words == 2) && (w->stride_width == 1)) {
        plane_sums_three(&plane[(top % 3) * width], &plane[((top + 1) % 3) * width],
                         &plane[((top + 2) % 3) * width], taps, pairs, sums);
    } else {
        for (int32_t i = 0; i < pairs; ++i) {
            sums[i] = TRITC_PLANE_START;
        }
        for (int32_t k = 0; k < height; ++k) {
            plane_sums_add(&plane[((top + k) % height) * width], w->stride_width, &taps[k * words], words,
                           pairs, sums);
        }
    }
}
