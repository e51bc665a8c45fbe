/* Input rows of a window as pairs of columns, so that one sum of words is a sum for two outputs of a
 * row: `half` columns apart. A row is planes of `words` words, one for each channel and, where the
 * stride is more than 1, for each of the columns that a stride passes. */
struct tritc_pairs {
    int32_t height; /* of the input */
    int32_t width;
    int32_t channels;
    int32_t count; /* of channels in a group */
    int32_t kernel_height;
    int32_t stride_height;
    int32_t stride_width;
    int32_t dilation_height;
    int32_t pad_top;
    int32_t pad_left;
    int32_t phases; /* planes of a channel */
    int32_t words;
    int32_t half;
    int32_t kept; /* rows that the next output row needs again */
    int32_t room; /* words of the buffer */
    int32_t zero; /* what padding holds */
};
