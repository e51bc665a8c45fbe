/* What one chunk of words of taps, those of two outputs in turn, adds to a row. */
struct tritc_triples {
    struct tritc_long starts[4]; /* of the first output's sums with both words of x, then the second's */
    uint32_t *lanes;             /* six for each two words of x */
    int32_t apart;               /* bytes from behind a chunk's words of x to the next two columns of words */
    int32_t pairs;               /* of words of x in a row; counted down */
    uint32_t carried[2];         /* of each output, from the words before to the next */
    const uint32_t *words;
    uint32_t target;
};

#if TRITC_THUMB == 2 && defined(__ARM_FEATURE_DSP)
/* In assembly for a compiler that would spill: the sums of two outputs and two words of x take eight
 * registers. The loads of a step follow each other in a cycle; all steps are 32 bytes, so that the first of
 * eight to run is jumped to. */
#define TRITC_TRIPLES_STEP                                                                         \
    "ldr.w r2, [r0], #8; ldr.w r3, [r1], #8; ldr.w r12, [r0, #-4]; ldr.w lr, [r1, #-4]; "          \
    "smlal r4, r5, r2, r3; smlal r6, r7, r12, r3; smlal r8, r9, r2, lr; smlal r10, r11, r12, lr; "
#define TRITC_TRIPLES_FOUR TRITC_TRIPLES_STEP TRITC_TRIPLES_STEP TRITC_TRIPLES_STEP TRITC_TRIPLES_STEP
/* As triples_flush: `a` and `b` are registers of two sums, the lanes at r12 + `at`, `to` where to carry. */
#define TRITC_TRIPLES_FLUSH(al, ah, bl, bh, at, to)                                                \
    "lsr r3, " ah ", #4; adds " bl ", " bl ", r3; adc " bh ", " bh ", #0; lsr r3, " al ", #24; "   \
    "orr r3, r3, " ah ", lsl #8; lsr " ah ", " bl ", #24; orr " ah ", " ah ", " bh ", lsl #8; "    \
    "pkhbt r3, r3, " ah ", lsl #16; bic r3, r3, #0xf000f000; "                                     \
    "pkhbt " al ", " al ", " al ", lsl #4; bic " al ", " al ", #0xf000f000; "                      \
    "pkhbt " bl ", " bl ", " bl ", lsl #4; bic " bl ", " bl ", #0xf000f000; lsr " bh ", " bh ", #4; " \
    "ldr r1, [r12, #" at "]; ldr " ah ", [r12, #" at " + 4]; ldr lr, [r12, #" at " + 8]; "         \
    "uadd16 " al ", " al ", r1; uadd16 " bl ", " bl ", " ah "; uadd16 r3, r3, lr; "                \
    "str " al ", [r12, #" at "]; str " bl ", [r12, #" at " + 4]; str r3, [r12, #" at " + 8]; "     \
    "str " bh ", [r2, #" to "]; "

__attribute__((noinline)) static void triples_row_sums(const uint32_t *x, const uint32_t *words, int32_t steps,
                                                       struct tritc_triples *d)
{
    register const uint32_t *r0 __asm("r0") = x;
    register const uint32_t *r1 __asm("r1") = words;
    register struct tritc_triples *r2 __asm("r2") = d;
    register int32_t r3 __asm("r3") = steps;

    __asm volatile(
        "add r12, r1, r3, lsl #3; str r1, [r2, #52]; push {r2, r12}; rsb r3, r3, #0; and r3, r3, #7; "
        "adr.w r12, 1f; add r12, r12, r3, lsl #5; orr r12, r12, #1; str r12, [r2, #56]; "
        "2: ldr r12, [r2, #44]; ldr lr, [r2, #48]; ldr r1, [r2, #52]; ldr r3, [r2, #56]; "
        "ldmia r2, {r4-r11}; adds r4, r4, r12; adc r5, r5, #0; adds r8, r8, lr; adc r9, r9, #0; bx r3; "
        ".p2align 2; 1: " TRITC_TRIPLES_FOUR TRITC_TRIPLES_FOUR
        "ldr r2, [sp, #4]; cmp r1, r2; bne 1b; ldr r2, [sp]; ldr r12, [r2, #32]; "
        TRITC_TRIPLES_FLUSH("r4", "r5", "r6", "r7", "0", "44")
        TRITC_TRIPLES_FLUSH("r8", "r9", "r10", "r11", "12", "48")
        "add r12, r12, #24; ldr r3, [r2, #36]; ldr r1, [r2, #40]; str r12, [r2, #32]; add r0, r0, r3; "
        "subs r1, r1, #1; str r1, [r2, #40]; bne.w 2b; pop {r2, r3}"
        : "+r"(r0), "+r"(r1), "+r"(r2), "+r"(r3)
        :
        : "r4", "r5", "r6", "r7", "r8", "r9", "r10", "r11", "r12", "lr", "memory", "cc");
}
#else
/* The first digits of two sums as lanes that are added to those of others: the first and second of a, the
 * same of b, the third of each. a's last two go on to b; what b's are for those that follow is returned. */
static inline uint32_t triples_flush(struct tritc_long a, struct tritc_long b, uint32_t *lanes)
{
    const uint32_t carried = a.high >> 4;

    b.low += carried;
    b.high += (b.low < carried) ? 1u : 0u;
    lanes[0] = add_lanes(lanes[0], (a.low & 0xfffu) | ((a.low << 4) & 0x0fff0000u));
    lanes[1] = add_lanes(lanes[1], (b.low & 0xfffu) | ((b.low << 4) & 0x0fff0000u));
    lanes[2] = add_lanes(lanes[2], (uint32_t)triples_digit(a, 2) | ((uint32_t)triples_digit(b, 2) << 16));
    return b.high >> 4;
}

/* Adds to the lanes what `steps` words of each output make of a row: at least one. x and words have two words
 * a step. */
static void triples_row_sums(const uint32_t *x, const uint32_t *words, int32_t steps, struct tritc_triples *d)
{
    for (; d->pairs > 0; --d->pairs) {
        struct tritc_long sums[4];

        for (int32_t i = 0; i < 4; ++i) {
            const uint32_t carried = ((i % 2) == 0) ? d->carried[i / 2] : 0u;

            sums[i].low = d->starts[i].low + carried;
            sums[i].high = d->starts[i].high + ((sums[i].low < carried) ? 1u : 0u);
            for (int32_t k = 0; k < (2 * steps); k += 2) {
                sums[i] = multiply_long(sums[i], x[k + (i % 2)], words[k + (i / 2)]);
            }
        }
        d->carried[0] = triples_flush(sums[0], sums[1], d->lanes);
        d->carried[1] = triples_flush(sums[2], sums[3], &d->lanes[3]);
        d->lanes = &d->lanes[6];
        x = &x[(2 * steps) + (d->apart / 4)];
    }
}
#endif
