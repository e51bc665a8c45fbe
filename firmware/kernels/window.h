/* A window that slides over a channels-last tensor. */
struct tritc_window {
    int32_t height; /* of the input */
    int32_t width;
    int32_t channels;
    int32_t kernel_height;
    int32_t kernel_width;
    int32_t stride_height;
    int32_t stride_width;
    int32_t dilation_height; /* from one tap to the next */
    int32_t dilation_width;
    int32_t pad_top;
    int32_t pad_left;
    int32_t out_height;
    int32_t out_width;
};
