/* Two numbers of 16 bits in one word, `low + high * 65536` modulo 2^32: as words are added and
 * subtracted, so are the pairs. */
static inline int32_t low_lane(uint32_t word)
{
    return signed_half(word);
}

static inline int32_t high_lane(uint32_t word)
{
#if defined(__FRAMAC__)
    return signed_half((word + 0x8000u) >> 16);
#else
    return (int32_t)(word - (uint32_t)low_lane(word)) >> 16;
#endif
}
