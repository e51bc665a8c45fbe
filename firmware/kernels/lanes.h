/* Two sums in one word, `low + high * 65536` modulo 2^32, each in 16 bits: as words are added and
 * subtracted, so are the pairs. */
static inline int32_t low_lane(uint32_t word)
{
    return (int16_t)(uint16_t)word;
}

static inline int32_t high_lane(uint32_t word)
{
    return (int32_t)(word - (uint32_t)low_lane(word)) >> 16;
}
