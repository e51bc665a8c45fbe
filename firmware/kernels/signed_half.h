/* The low half of a word, as a number with a sign. An analyser that wants no number to change its sign gets
 * the same in another way. */
static inline int32_t signed_half(uint32_t half)
{
#if defined(__FRAMAC__)
    return (int32_t)((half & 0xffffu) ^ 0x8000u) - 0x8000;
#else
    return (int16_t)(uint16_t)half;
#endif
}
