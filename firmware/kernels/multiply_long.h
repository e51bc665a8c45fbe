/* 64 bits in two words. */
struct tritc_long {
    uint32_t low;
    uint32_t high;
};

static inline int64_t signed_word(uint32_t word)
{
    return (int64_t)(word ^ 0x80000000u) - 0x80000000;
}

/* sum + the product of the signed words. In assembly, as compilers would add it to others first. */
static inline struct tritc_long multiply_long(struct tritc_long sum, uint32_t a, uint32_t b)
{
#if defined(__ARM_FEATURE_DSP) && defined(__GNUC__)
    __asm("smlal %0, %1, %2, %3" : "+r"(sum.low), "+r"(sum.high) : "r"(a), "r"(b));
#else
    const uint64_t product = (uint64_t)(signed_word(a) * signed_word(b));
    const uint64_t both = (((uint64_t)sum.high << 32) | sum.low) + product;

    sum.low = (uint32_t)both;
    sum.high = (uint32_t)(both >> 32);
#endif
    return sum;
}
