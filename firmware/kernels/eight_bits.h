/* The low bits of two times four bytes in one byte. */
static inline uint8_t eight_bits(uint32_t first, uint32_t second)
{
    uint32_t bits = (first & 0x01010101u) | ((second & 0x01010101u) << 4);

    bits |= bits >> 7;
    bits |= bits >> 14;
    return (uint8_t)(bits & 0xffu);
}
