/* Places around a tensor that a mean counts as zeros. */
struct tritc_margins {
    int32_t top;
    int32_t left;
    int32_t bottom;
    int32_t right;
};
