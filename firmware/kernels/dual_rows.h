/* The inner loop in assembly, for a compiler that would spill: 13 registers in all, loads in twos that
 * follow each other in a cycle, and no word waited for. */
#if defined(__ARM_FEATURE_DSP) && defined(__GNUC__) && !defined(__clang__) && defined(__OPTIMIZE__)
#define TRITC_DUAL_ASSEMBLY 1
#define TRITC_LOAD(x, from, at) "ldr %[" x "], [%[" from "], " at "]; "
#define TRITC_MASK(t, w, bits) "and %[" t "], %[m], %[" w "], ror " bits "; "
#define TRITC_ADD(s, t, x) "smlad %[" s "], %[" t "], %[" x "], %[" s "]; "
#define TRITC_ADD_0 TRITC_ADD("s0", "t0", "x0") TRITC_ADD("s1", "t0", "x1")
#define TRITC_ADD_1 TRITC_ADD("s2", "t1", "x0") TRITC_ADD("s3", "t1", "x1")
#define TRITC_LOAD_X(at) TRITC_LOAD("x0", "x", at) TRITC_LOAD("x1", "x", at " + 4")
#define TRITC_LOAD_W(at) TRITC_LOAD("w0", "w", at) TRITC_LOAD("w1", "w", at " + 4")
#define TRITC_BEGIN(at, w) TRITC_LOAD_W(w) TRITC_LOAD_X(at) "and %[t0], %[m], %[w0]; and %[t1], %[m], %[w1]; "
#define TRITC_NEXT(at, n) TRITC_MASK("t0", "w0", n) TRITC_ADD_1 TRITC_LOAD_X(at) TRITC_MASK("t1", "w1", n)
#define TRITC_STEPS(at) TRITC_ADD_0 TRITC_NEXT(at " + 8", "4") TRITC_ADD_0 TRITC_NEXT(at " + 16", "8")
#define TRITC_END(at) TRITC_ADD_0 TRITC_NEXT(at " + 24", "12") TRITC_ADD_0 TRITC_ADD_1
#define TRITC_TILE(at, w) TRITC_BEGIN(at, w) TRITC_STEPS(at) TRITC_END(at)
#define TRITC_SUMS [s0] "+r"(s0), [s1] "+r"(s1), [s2] "+r"(s2), [s3] "+r"(s3)
#define TRITC_READ [x] "+r"(x), [w] "+r"(weights), [w0] "=&r"(w0), [w1] "=&r"(w1)
#define TRITC_USED [x0] "=&r"(x0), [x1] "=&r"(x1), [t0] "=&r"(t0), [t1] "=&r"(t1)
#else
#define TRITC_DUAL_ASSEMBLY 0
#endif

/* Two pairs of rows and two positions at a time: what `blocks` blocks of columns add to the four sums.
 * Words of x alternate between the positions, those of weights between the pairs. */
static TRITC_ALWAYS_INLINE void dual_tile(const uint32_t *x, const uint32_t *weights, int32_t blocks, uint32_t *sums)
{
#if TRITC_DUAL_ASSEMBLY
    uint32_t s0 = sums[0];
    uint32_t s1 = sums[1];
    uint32_t s2 = sums[2];
    uint32_t s3 = sums[3];
    uint32_t w0;
    uint32_t w1;
    uint32_t x0;
    uint32_t x1;
    uint32_t t0;
    uint32_t t1;

    for (; blocks >= 4; blocks -= 4) {
        __asm volatile(TRITC_TILE("0", "0") TRITC_TILE("32", "8") TRITC_TILE("64", "16")
                           TRITC_TILE("96", "24") "adds %[x], 128; adds %[w], 32"
                       : TRITC_SUMS, TRITC_READ, TRITC_USED
                       : [m] "r"(TRITC_DUAL_MASK)
                       : "memory", "cc");
    }
    for (; blocks > 0; --blocks) {
        __asm volatile(TRITC_TILE("0", "0") "adds %[x], 32; adds %[w], 8"
                       : TRITC_SUMS, TRITC_READ, TRITC_USED
                       : [m] "r"(TRITC_DUAL_MASK)
                       : "memory", "cc");
    }
    sums[0] = s0;
    sums[1] = s1;
    sums[2] = s2;
    sums[3] = s3;
#else
    /*@ loop unroll 0; */
    for (int32_t block = 0; block < blocks; ++block) {
        for (uint32_t k = 0u; k < 4u; ++k) {
            const uint32_t first = dual_lanes(weights[2 * block], 4u * k);
            const uint32_t second = dual_lanes(weights[(2 * block) + 1], 4u * k);
            const uint32_t *pair = &x[(8 * block) + (2 * (int32_t)k)];

            sums[0] = multiply_lanes(first, pair[0], sums[0]);
            sums[1] = multiply_lanes(first, pair[1], sums[1]);
            sums[2] = multiply_lanes(second, pair[0], sums[2]);
            sums[3] = multiply_lanes(second, pair[1], sums[3]);
        }
    }
#endif
}

/* Both positions' accumulators by the first chunk. acc has room for whole pairs. Weights are those of two
 * pairs of rows at a time, then of the last pair where their number is odd. */
static void dual_rows_begin(const uint32_t *words, const struct tritc_dual *d, int32_t blocks,
                            const uint32_t *starts, int32_t *acc, int32_t *acc_b)
{
    const int32_t chunks = d->chunk_count;
    const uint32_t *weights = d->weights;
    int32_t o = 0;

    for (; (o + 2) < d->outputs; o += 4) {
        uint32_t sums[4] = {starts[0], starts[1], starts[0], starts[1]};

        dual_tile(words, weights, blocks, sums);
        dual_begin(sums[0], chunks, &acc[o]);
        dual_begin(sums[1], chunks, &acc_b[o]);
        dual_begin(sums[2], chunks, &acc[o + 2]);
        dual_begin(sums[3], chunks, &acc_b[o + 2]);
        weights += 2 * d->blocks;
    }
    if (o < d->outputs) {
        dual_begin(dual_pair(&words[0], 2, weights, blocks, starts[0]), chunks, &acc[o]);
        dual_begin(dual_pair(&words[1], 2, weights, blocks, starts[1]), chunks, &acc_b[o]);
    }
}

/* Adds to them what a later chunk gives, the blocks from `first` on. */
static void dual_rows_add(const uint32_t *words, const struct tritc_dual *d, int32_t first,
                          int32_t blocks, const uint32_t *starts, int32_t *acc, int32_t *acc_b)
{
    const uint32_t *weights = d->weights;
    int32_t o = 0;

    for (; (o + 2) < d->outputs; o += 4) {
        uint32_t sums[4] = {starts[0], starts[1], starts[0], starts[1]};

        dual_tile(words, &weights[2 * first], blocks, sums);
        dual_add(sums[0], &acc[o]);
        dual_add(sums[1], &acc_b[o]);
        dual_add(sums[2], &acc[o + 2]);
        dual_add(sums[3], &acc_b[o + 2]);
        weights += 2 * d->blocks;
    }
    if (o < d->outputs) {
        const uint32_t *last = &weights[first];

        dual_add(dual_pair(&words[0], 2, last, blocks, starts[0]), &acc[o]);
        dual_add(dual_pair(&words[1], 2, last, blocks, starts[1]), &acc_b[o]);
    }
}
