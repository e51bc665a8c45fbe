/* A box of a tensor that is put together, and where in the source its rows and columns begin. */
struct tritc_part {
    int32_t out_width; /* of the whole tensor */
    int32_t out_channels;
    int32_t top;
    int32_t left;
    int32_t first; /* channel */
    int32_t height;
    int32_t width;
    int32_t channels;
    const int32_t *rows;
    const int32_t *columns;
};
