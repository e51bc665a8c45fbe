/* Three neighbouring elements of a row, and likewise three taps, are one number each: a + b * 2^12 + c * 2^24.
 * Their product has the sums of a convolution as its digits to the base 2^12, so one multiplication with
 * 64 bits makes nine products and adds them up. Of the five digits the first three are whole; the last two
 * lack what the next three elements give, and are carried over to them. All digits begin with 2048 in the
 * middle of their range, so that none borrows. */
#define TRITC_TRIPLES_MIDDLE 2048

/* Three of -128 leave 32 bits: where there can be such, words are of numbers that are raised by this much,
 * and sums are given what that makes of the taps less. */
#define TRITC_TRIPLES_RAISED 0x100000u

/* Three elements. */
static inline uint32_t triple(int32_t a, int32_t b, int32_t c)
{
    return (uint32_t)a + ((uint32_t)b << 12) + ((uint32_t)c << 24);
}

/* Where the sums of three outputs begin that nothing is carried to from others before them. */
static inline struct tritc_long triples_start(void)
{
    const struct tritc_long start = {0x00800800u, 0x08008008u};

    return start;
}

/* The first, second or third digit, by its number 0, 1 or 2. */
static inline int32_t triples_digit(struct tritc_long sums, int32_t digit)
{
    const uint32_t bits = (digit == 2) ? ((sums.low >> 24) | (sums.high << 8)) : (sums.low >> (12 * digit));

    return (int32_t)(bits & 0xfffu);
}
