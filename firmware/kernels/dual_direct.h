/* The inner loop in assembly, for compilers that would spill more: 14 registers, all that there are without a
 * frame pointer; -DTRITC_PORTABLE leaves it out. Where two instructions issue at a time, masked words
 * alternate between two registers; elsewhere loads come in twos, which follow each other in a cycle. */
#if defined(__ARM_FEATURE_DSP) && defined(__GNUC__) && !defined(__clang__) && defined(__OPTIMIZE__) &&   \
    !defined(TRITC_PORTABLE)
#define TRITC_DIRECT_ASSEMBLY 1
#define TRITC_DIRECT_X(extend, at)                                                                  \
    "ldr %[o0], [%[x], " at "]; ldr %[o1], [%[x], " at " + 4]; "                                   \
    extend " %[e0], %[o0]; " extend " %[o0], %[o0], ror 8; "                                       \
    extend " %[e1], %[o1]; " extend " %[o1], %[o1], ror 8; "
#define TRITC_DIRECT_AND(t, w) "and %[" t "], %[m], %[" w "]; "
#define TRITC_DIRECT_ROR(t, w, bits) "and %[" t "], %[m], %[" w "], ror " bits "; "
#define TRITC_DIRECT_ADD(s, t, x) "smlad %[" s "], %[" t "], %[" x "], %[" s "]; "
#define TRITC_DIRECT_W(w, at) "ldr %[" w "], [%[w], " at "]; "
/* Of the cores with the extension, those with doubles in hardware are Cortex-M7. */
#if defined(__ARM_FP) && ((__ARM_FP & 8) != 0)
#define TRITC_DIRECT_PAIR(s, load)                                                                  \
    TRITC_DIRECT_AND("q", "p") TRITC_DIRECT_ROR("r", "p", "4")                                       \
    TRITC_DIRECT_ADD(s, "q", "e0") TRITC_DIRECT_ROR("q", "p", "8")                                   \
    TRITC_DIRECT_ADD(s, "r", "o0") TRITC_DIRECT_ROR("r", "p", "12")                                  \
    load TRITC_DIRECT_ADD(s, "q", "e1") TRITC_DIRECT_ADD(s, "r", "o1")
#define TRITC_DIRECT_BLOCK(extend, x, w)                                                            \
    TRITC_DIRECT_W("p", w) TRITC_DIRECT_X(extend, x)                                                 \
    TRITC_DIRECT_PAIR("s0", TRITC_DIRECT_W("p", w " + 4"))                                           \
    TRITC_DIRECT_PAIR("s1", TRITC_DIRECT_W("p", w " + 8"))                                           \
    TRITC_DIRECT_PAIR("s2", TRITC_DIRECT_W("p", w " + 12"))                                          \
    TRITC_DIRECT_PAIR("s3", "")
#else
#define TRITC_DIRECT_PAIR(s, w)                                                                     \
    TRITC_DIRECT_AND("r", w) TRITC_DIRECT_ADD(s, "r", "e0")                                          \
    TRITC_DIRECT_ROR("r", w, "4") TRITC_DIRECT_ADD(s, "r", "o0")                                     \
    TRITC_DIRECT_ROR("r", w, "8") TRITC_DIRECT_ADD(s, "r", "e1")                                     \
    TRITC_DIRECT_ROR("r", w, "12") TRITC_DIRECT_ADD(s, "r", "o1")
#define TRITC_DIRECT_BLOCK(extend, x, w)                                                            \
    TRITC_DIRECT_X(extend, x) TRITC_DIRECT_W("p", w) TRITC_DIRECT_W("q", w " + 4")                    \
    TRITC_DIRECT_PAIR("s0", "p") TRITC_DIRECT_PAIR("s1", "q")                                        \
    TRITC_DIRECT_W("p", w " + 8") TRITC_DIRECT_W("q", w " + 12")                                     \
    TRITC_DIRECT_PAIR("s2", "p") TRITC_DIRECT_PAIR("s3", "q")
#endif
#define TRITC_DIRECT_FOUR(extend)                                                                   \
    "0: " TRITC_DIRECT_BLOCK(extend, "0", "0") TRITC_DIRECT_BLOCK(extend, "8", "16")                 \
    TRITC_DIRECT_BLOCK(extend, "16", "32") TRITC_DIRECT_BLOCK(extend, "24", "48")                    \
    "ldr %[r], %[end]; add %[x], 32; add %[w], 64; cmp %[x], %[r]; bne 0b"
#define TRITC_DIRECT_ONE(extend) TRITC_DIRECT_BLOCK(extend, "0", "0") "add %[x], 8; add %[w], 16"
#define TRITC_DIRECT_OPERANDS                                                                       \
    [s0] "+r"(s0), [s1] "+r"(s1), [s2] "+r"(s2), [s3] "+r"(s3), [x] "+r"(x), [w] "+r"(weights),    \
    [e0] "=&r"(e0), [o0] "=&r"(o0), [e1] "=&r"(e1), [o1] "=&r"(o1), [p] "=&r"(p), [q] "=&r"(q),    \
    [r] "=&r"(r)
#else
#define TRITC_DIRECT_ASSEMBLY 0
#endif

/* Adds to acc what one chunk, `blocks` blocks of eight columns, makes of four pairs of rows: a word of each
 * for every block. `starting`: how many chunks acc begins for, with the first; 0 with later ones. */
static TRITC_ALWAYS_INLINE void dual_four_x(const x_t *x, const uint32_t *weights, int32_t blocks,
                                            uint32_t start, int32_t starting, int32_t *acc)
{
    uint32_t s0 = start;
    uint32_t s1 = start;
    uint32_t s2 = start;
    uint32_t s3 = start;
#if TRITC_DIRECT_ASSEMBLY
    uint32_t e0;
    uint32_t o0;
    uint32_t e1;
    uint32_t o1;
    uint32_t p;
    uint32_t q;
    uint32_t r;

    if (blocks >= 4) {
        const x_t *end = &x[8 * (blocks & ~3)];

        if ((x_t)-1 < 0) {
            __asm volatile(TRITC_DIRECT_FOUR("sxtb16")
                           : TRITC_DIRECT_OPERANDS
                           : [m] "r"(TRITC_DUAL_MASK), [end] "m"(end)
                           : "memory", "cc");
        } else {
            __asm volatile(TRITC_DIRECT_FOUR("uxtb16")
                           : TRITC_DIRECT_OPERANDS
                           : [m] "r"(TRITC_DUAL_MASK), [end] "m"(end)
                           : "memory", "cc");
        }
    }
    for (blocks &= 3; blocks > 0; --blocks) {
        if ((x_t)-1 < 0) {
            __asm volatile(TRITC_DIRECT_ONE("sxtb16")
                           : TRITC_DIRECT_OPERANDS
                           : [m] "r"(TRITC_DUAL_MASK)
                           : "memory", "cc");
        } else {
            __asm volatile(TRITC_DIRECT_ONE("uxtb16")
                           : TRITC_DIRECT_OPERANDS
                           : [m] "r"(TRITC_DUAL_MASK)
                           : "memory", "cc");
        }
    }
#else
    for (; blocks > 0; --blocks) {
        s0 = dual_block_x(x, weights[0], s0);
        s1 = dual_block_x(x, weights[1], s1);
        s2 = dual_block_x(x, weights[2], s2);
        s3 = dual_block_x(x, weights[3], s3);
        x += 8;
        weights += 4;
    }
#endif
    if (starting > 0) {
        dual_begin(s0, starting, &acc[0]);
        dual_begin(s1, starting, &acc[2]);
        dual_begin(s2, starting, &acc[4]);
        dual_begin(s3, starting, &acc[6]);
    } else {
        dual_add(s0, &acc[0]);
        dual_add(s1, &acc[2]);
        dual_add(s2, &acc[4]);
        dual_add(s3, &acc[6]);
    }
}

/* acc = the products of x and four pairs of rows. What is left after whole blocks, if anything, is in
 * `last` and a chunk of its own, as `starts` has it. Returns where the next rows' words are. */
static const uint32_t *dual_direct_x(const x_t *x, const struct tritc_dual *d, const x_t *last,
                                    const uint32_t *starts, const uint32_t *weights, int32_t *acc)
{
    const int32_t chunks = d->chunk_count;
    const uint8_t *blocks = d->chunks;
    int32_t starting = chunks + (((d->inputs & 7) != 0) ? 1 : 0);

    for (int32_t c = 0; c < chunks; ++c) {
        dual_four_x(x, weights, blocks[c], starts[c], starting, acc);
        starting = 0;
        x += 8 * (int32_t)blocks[c];
        weights += 4 * (int32_t)blocks[c];
    }
    if ((d->inputs & 7) != 0) {
        dual_four_x(last, weights, 1, starts[chunks], 0, acc);
        weights += 4;
    }
    return weights;
}
