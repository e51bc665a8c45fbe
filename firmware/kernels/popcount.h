/* Products of signs by counting bits: 32 of them in an exclusive or. Counts are added up in place, a bit
 * of each in one word, before any is moved: adders take three words of one weight to two. */
#if defined(__BYTE_ORDER__) && (__BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__)
#error "bytes of bits are read as words of little-endian memory"
#endif

static inline uint32_t carry_of(uint32_t a, uint32_t b, uint32_t c)
{
    return (a & b) | ((a ^ b) & c);
}

/* How many bits are set in each four. */
static inline uint32_t bits_in_fours(uint32_t bits)
{
    const uint32_t twos = bits - ((bits >> 1) & 0x55555555u);

    return (twos & 0x33333333u) + ((twos >> 2) & 0x33333333u);
}

/* The sums of the two fours in each byte. */
static inline uint32_t sums_in_bytes(uint32_t fours)
{
    return (fours & 0x0f0f0f0fu) + ((fours >> 4) & 0x0f0f0f0fu);
}

static inline uint32_t add_bytes(uint32_t bytes, uint32_t sum)
{
#if defined(__ARM_FEATURE_DSP)
    return __usada8(bytes, 0u, sum);
#else
    const uint32_t halves = (bytes & 0x00ff00ffu) + ((bytes >> 8) & 0x00ff00ffu);

    return sum + (halves & 0xffffu) + (halves >> 16);
#endif
}

/* Word i of a row, a set bit wherever x has one and the weight is not -1, or none and it is: binary rows
 * have a set bit for -1; ternary ones a word of what is not 0 before it. */
static inline uint32_t row_bits(const uint32_t *x, const uint32_t *weights, int32_t i, int32_t ternary)
{
    return (ternary != 0) ? ((x[i] ^ weights[(2 * i) + 1]) & weights[2 * i]) : (x[i] ^ weights[i]);
}

/* The bits of four words from i on: their sum and `ones` stay in `ones`, with `twos` what is returned is
 * carried, of weight four. */
static inline uint32_t add_four(const uint32_t *x, const uint32_t *weights, int32_t i, int32_t ternary,
                                uint32_t *ones, uint32_t *twos)
{
    const uint32_t v0 = row_bits(x, weights, i, ternary);
    const uint32_t v1 = row_bits(x, weights, i + 1, ternary);
    const uint32_t v2 = row_bits(x, weights, i + 2, ternary);
    const uint32_t v3 = row_bits(x, weights, i + 3, ternary);
    const uint32_t odd = *ones ^ v0 ^ v1;
    const uint32_t a = carry_of(v0, v1, *ones);
    const uint32_t b = carry_of(v2, v3, odd);
    const uint32_t carried = carry_of(a, b, *twos);

    *ones = odd ^ v2 ^ v3;
    *twos ^= a ^ b;
    return carried;
}

/* How many bits a whole row makes. */
static inline int32_t count_row(const uint32_t *x, const uint32_t *weights, int32_t words, int32_t ternary)
{
    const int32_t rest = words & 3;
    int32_t blocks = words >> 3;
    uint32_t ones = 0u;
    uint32_t twos = 0u;
    uint32_t fours = 0u;
    uint32_t eights = 0u;

    if (rest > 0) {
        ones = row_bits(x, weights, 0, ternary);
        if (rest > 1) {
            const uint32_t a = row_bits(x, weights, 1, ternary);
            const uint32_t b = (rest > 2) ? row_bits(x, weights, 2, ternary) : 0u;

            twos = carry_of(ones, a, b);
            ones ^= a ^ b;
        }
        x = &x[rest];
        weights = &weights[rest << ternary];
    }
    if ((words & 4) != 0) {
        fours = add_four(x, weights, 0, ternary, &ones, &twos);
        x = &x[4];
        weights = &weights[4 << ternary];
    }
    while (blocks > 0) {
        /* Bytes hold the counts of 31 blocks. */
        int32_t some = (blocks < 31) ? blocks : 31;
        uint32_t bytes = 0u;

        blocks -= some;
        for (; some > 0; --some) {
            const uint32_t a = add_four(x, weights, 0, ternary, &ones, &twos);
            const uint32_t b = add_four(x, weights, 4, ternary, &ones, &twos);

            bytes += sums_in_bytes(bits_in_fours(carry_of(a, b, fours)));
            fours ^= a ^ b;
            x = &x[8];
            weights = &weights[8 << ternary];
        }
        eights = add_bytes(bytes, eights);
    }
    ones = bits_in_fours(ones) + (2u * bits_in_fours(twos));
    fours = sums_in_bytes(ones) + (4u * sums_in_bytes(bits_in_fours(fours)));
    return (int32_t)add_bytes(fours, 8u * eights);
}

/* acc[o] = the counts of row o, of plane p times 2^p. A plane of x is `words` words. */
static inline void count_planes(const uint32_t *x, int32_t planes, int32_t words, const uint32_t *weights,
                                int32_t ternary, int32_t outputs, int32_t *acc)
{
    for (int32_t o = 0; o < outputs; ++o) {
        const uint32_t *plane = &x[planes * words];
        int32_t sum = 0;

        while (plane != x) {
            plane -= words;
            sum = (2 * sum) + count_row(plane, weights, words, ternary);
        }
        acc[o] = sum;
        weights = &weights[words << ternary];
    }
}
