/* The number of a word in twos complement. Compilers see that it is the same bits. */
static inline int32_t number_of(uint32_t word)
{
    return (word <= 0x7fffffffu) ? (int32_t)word : (-1 - (int32_t)(0xffffffffu - word));
}
