/* A number as a word, in twos complement: a sum of words is the sum of their numbers modulo 2^32. */
static inline uint32_t word_of(int32_t number)
{
    return (uint32_t)number;
}
