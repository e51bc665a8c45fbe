/* Weights of two bits in the order in which lists want them: 1 for +1, 2 for -1, from the low bits of
 * each byte up. Outputs follow each other without a gap. */
struct tritc_codes {
    const uint8_t *next;
    uint32_t bits; /* what is left of a byte, below a bit that says where it ends */
};
