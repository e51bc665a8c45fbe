/* Words that each hold two elements of a channel, `distance` columns apart, as the plain sum
 * low + (high << 16): adding and subtracting words adds and subtracts both. */
struct tritc_twins {
    int32_t width; /* of the tensor */
    int32_t channels;
    int32_t left; /* columns of padding before the tensor */
    int32_t distance;
    int32_t columns; /* of words */
    int32_t zero; /* what padding holds */
};

static inline uint32_t twin_of(int32_t low, int32_t high)
{
    return (uint32_t)low + ((uint32_t)high << 16);
}

/* The sums of a word's low elements, where they fit 16 bits, and of its high ones. */
static inline int32_t twin_low(uint32_t word)
{
    return (int32_t)((word & 0xffffu) ^ 0x8000u) - 0x8000;
}

static inline int32_t twin_high(uint32_t word, int32_t low)
{
#if defined(__FRAMAC__)
    /* The same number, for an analyser that wants none to change its sign. */
    return (int32_t)(((word - (uint32_t)low) >> 16) ^ 0x8000u) - 0x8000;
#else
    return (int32_t)(word - (uint32_t)low) >> 16;
#endif
}

/* A row outside the tensor. */
static void twin_padding(const struct tritc_twins *t, uint32_t *words)
{
    const uint32_t word = twin_of(t->zero, t->zero);

    for (int32_t i = 0; i < t->columns * t->channels; ++i) {
        words[i] = word;
    }
}
