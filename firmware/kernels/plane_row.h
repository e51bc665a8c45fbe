/* The first `count` of four neighbouring elements, packed. */
static inline uint32_t first_x(const x_t *x, int32_t count)
{
    uint32_t bytes = 0u;

    if (count >= 4) {
        return four_x(x);
    }
    for (int32_t k = 0; k < count; ++k) {
        bytes |= ((uint32_t)x[k] & 0xffu) << (8 * k);
    }
    return bytes;
}

/* A row of the tensor, channels [first, first + count) with count of 1 to 4, as one row of each of four
 * planes of 16-bit lanes: two columns a word, places outside the tensor hold `zero`. `width` is in
 * words, `apart` from one plane to the next. */
static void plane_row_x(const x_t *x, const struct tritc_window *w, int32_t row, int32_t first,
                        int32_t count, x_t zero, int32_t width, int32_t apart, uint32_t *planes)
{
    const uint32_t outside = ((uint32_t)zero & 0xffu) * 0x01010101u;
    const int32_t inside = ((row >= 0) && (row < w->height)) ? w->width : 0;
    const x_t *from = &x[(inside == 0) ? 0 : (row * w->width * w->channels) + first];

    for (int32_t i = 0; i < width; ++i) {
        const int32_t a = (2 * i) - w->pad_left;
        const int32_t b = a + 1;
        const uint32_t left = ((a >= 0) && (a < inside)) ? first_x(&from[a * w->channels], count) : outside;
        const uint32_t right = ((b >= 0) && (b < inside)) ? first_x(&from[b * w->channels], count) : outside;
        const uint32_t even = even_x(left);
        const uint32_t odd = odd_x(left);
        const uint32_t even_right = even_x(right);
        const uint32_t odd_right = odd_x(right);

        planes[i] = (even & 0xffffu) | (even_right << 16);
        planes[i + apart] = (odd & 0xffffu) | (odd_right << 16);
        planes[i + (2 * apart)] = (even >> 16) | (even_right & 0xffff0000u);
        planes[i + (3 * apart)] = (odd >> 16) | (odd_right & 0xffff0000u);
    }
}
