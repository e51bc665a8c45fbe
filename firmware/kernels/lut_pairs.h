/* Sums of four words by tables: entry c0 + 3 * c1 + 9 * c2 + 27 * c3 is the sum of words[i] * (ci - 1) for
 * ci in 0, 1, 2. A byte of weights is the index of its entry. Words are pairs of columns, so that one
 * table serves two positions, and every output and tap that they count for. */
#define TRITC_LUT_ENTRIES 81

/* The table of four words that stand `apart` from each other. */
static TRITC_ALONE void lut_pairs_table(const uint32_t *words, int32_t apart, uint32_t *table)
{
    const uint32_t a = words[0];
    const uint32_t b = words[apart];
    const uint32_t c = words[2 * apart];
    const uint32_t d = words[3 * apart];
    uint32_t outer = 0u - a - b - c - d;

    for (int32_t i = 0; i < 3; ++i) {
        uint32_t sum = outer;

        for (int32_t j = 0; j < 3; ++j) {
            const uint32_t next = sum + b;
            const uint32_t last = next + b;

            table[0] = sum;
            table[1] = sum + a;
            table[2] = table[1] + a;
            table[3] = next;
            table[4] = next + a;
            table[5] = table[4] + a;
            table[6] = last;
            table[7] = last + a;
            table[8] = table[7] + a;
            table += 9;
            sum += c;
        }
        outer += d;
    }
}

/* Adds the entries of four tables to each of the sums; there is one at least. */
#if TRITC_THUMB == 2
#define TRITC_LUT_LOOK(weights)                                                                    \
    "ldrb r7, [r1, #" weights "]\n\t"                                                              \
    "ldrb r8, [r1, #" weights " + 1]\n\t"                                                          \
    "ldrb r9, [r1, #" weights " + 2]\n\t"                                                          \
    "ldrb r10, [r1, #" weights " + 3]\n\t"                                                         \
    "ldr r7, [r0, r7, lsl #2]\n\t"                                                                \
    "ldr r8, [r4, r8, lsl #2]\n\t"                                                                \
    "ldr r9, [r5, r9, lsl #2]\n\t"                                                                \
    "ldr r10, [r6, r10, lsl #2]\n\t"
static void lut_pairs_four(const uint32_t *tables, const uint8_t *weights, int32_t outputs,
                           uint32_t *sums)
{
    register const uint32_t *r0 __asm__("r0") = tables;
    register const uint8_t *r1 __asm__("r1") = weights;
    register int32_t r2 __asm__("r2") = outputs;
    register uint32_t *r3 __asm__("r3") = sums;

    /* Neighbouring loads take a cycle each: all of an output stand together, and two sums share theirs. */
    __asm__ volatile(".syntax unified\n\t"
                     "add r4, r0, #324\n\t"
                     "add r5, r4, #324\n\t"
                     "add r6, r5, #324\n\t"
                     "lsrs r2, r2, #1\n\t"
                     "ite cs\n\t"
                     "movcs r12, #1\n\t"
                     "movcc r12, #0\n\t"
                     "cbz r2, 2f\n"
                     "1:\n\t" TRITC_LUT_LOOK("0") "add r11, r7, r8\n\t"
                     "add r9, r9, r10\n\t"
                     "add r11, r11, r9\n\t" TRITC_LUT_LOOK("4") "adds r1, r1, #8\n\t"
                     "add r7, r7, r8\n\t"
                     "add r9, r9, r10\n\t"
                     "add r7, r7, r9\n\t"
                     "ldr r8, [r3]\n\t"
                     "ldr r9, [r3, #4]\n\t"
                     "add r11, r11, r8\n\t"
                     "add r7, r7, r9\n\t"
                     "str r11, [r3]\n\t"
                     "str r7, [r3, #4]\n\t"
                     "adds r3, r3, #8\n\t"
                     "subs r2, r2, #1\n\t"
                     "bne 1b\n"
                     "2:\n\t"
                     "cmp r12, #0\n\t"
                     "beq 3f\n\t" TRITC_LUT_LOOK("0") "ldr r11, [r3]\n\t"
                     "add r7, r7, r8\n\t"
                     "add r9, r9, r10\n\t"
                     "add r7, r7, r9\n\t"
                     "add r7, r7, r11\n\t"
                     "str r7, [r3]\n"
                     "3:\n\t"
                     : "+r"(r0), "+r"(r1), "+r"(r2), "+r"(r3)
                     :
                     : "r4", "r5", "r6", "r7", "r8", "r9", "r10", "r11", "r12", "cc", "memory");
}
#elif TRITC_THUMB == 1
#define TRITC_LUT_LOOK(weights, table, entry)                                                      \
    "ldrb " entry ", [r1, #" weights "]\n\t"                                                       \
    "lsls " entry ", " entry ", #2\n\t"                                                            \
    "ldr " entry ", [" table ", " entry "]\n\t"
static void lut_pairs_four(const uint32_t *tables, const uint8_t *weights, int32_t outputs,
                           uint32_t *sums)
{
    register const uint32_t *r0 __asm__("r0") = tables;
    register const uint8_t *r1 __asm__("r1") = weights;
    register uint32_t *r2 __asm__("r2") = &sums[outputs];
    register uint32_t *r3 __asm__("r3") = sums;

    __asm__ volatile(".syntax unified\n\t"
                     "mov r8, r2\n\t"
                     "movs r2, #162\n\t"
                     "lsls r2, r2, #1\n\t"
                     "adds r4, r0, r2\n\t"
                     "adds r5, r4, r2\n\t"
                     "adds r2, r5, r2\n"
                     "1:\n\t" TRITC_LUT_LOOK("0", "r0", "r6") TRITC_LUT_LOOK("1", "r4", "r7")
                     "adds r6, r6, r7\n\t" TRITC_LUT_LOOK("2", "r5", "r7")
                     "adds r6, r6, r7\n\t" TRITC_LUT_LOOK("3", "r2", "r7")
                     "adds r6, r6, r7\n\t"
                     "ldr r7, [r3]\n\t"
                     "adds r6, r6, r7\n\t"
                     "stmia r3!, {r6}\n\t"
                     "adds r1, r1, #4\n\t"
                     "cmp r3, r8\n\t"
                     "bne 1b\n\t"
                     : "+l"(r0), "+l"(r1), "+l"(r2), "+l"(r3)
                     :
                     : "r4", "r5", "r6", "r7", "r8", "cc", "memory");
}
#else
static TRITC_ALONE void lut_pairs_four(const uint32_t *tables, const uint8_t *weights,
                                       int32_t outputs, uint32_t *sums)
{
    const uint32_t *const second = &tables[TRITC_LUT_ENTRIES];
    const uint32_t *const third = &second[TRITC_LUT_ENTRIES];
    const uint32_t *const fourth = &third[TRITC_LUT_ENTRIES];

    for (int32_t o = 0; o < outputs; ++o) {
        const uint32_t w0 = weights[0];
        const uint32_t w1 = weights[1];
        const uint32_t w2 = weights[2];
        const uint32_t w3 = weights[3];

        sums[o] += tables[w0] + second[w1] + third[w2] + fourth[w3];
        weights += 4;
    }
}
#endif

/* The same for one to four tables. */
static void lut_pairs(const uint32_t *tables, int32_t count, const uint8_t *weights, int32_t outputs,
                      uint32_t *sums)
{
    if (count == 4) {
        lut_pairs_four(tables, weights, outputs, sums);
    } else {
        for (int32_t i = 0; i < count; ++i) {
            for (int32_t o = 0; o < outputs; ++o) {
                sums[o] += tables[weights[(o * count) + i]];
            }
            tables += TRITC_LUT_ENTRIES;
        }
    }
}

/* A convolution by such tables. */
struct tritc_lut_pairs {
    int32_t outputs;
    int32_t kernel_width;
    int32_t dilation_width;
    int32_t part; /* channels whose sums fit a lane */
    int32_t part_sums; /* words from a part's sums to the next one's */
};

/* What one input row adds to the output rows that it counts for: to[k], if any, is that of kernel row k.
 * Weights stand in blocks of sixteen channels, there by tap, then by output. */
static void lut_pairs_row(const uint32_t *words, const struct tritc_pairs *p,
                          const struct tritc_lut_pairs *l, const uint8_t *weights, uint32_t *const *to,
                          uint32_t *tables)
{
    const int32_t apart = p->phases * p->words;
    int32_t sums = 0;
    int32_t left = l->part;

    for (int32_t channel = 0; channel < p->count; channel += 16) {
        const int32_t count = ((p->count - channel) < 16) ? ((p->count - channel) / 4) : 4;
        const int32_t row_bytes = l->kernel_width * l->outputs * count;

        if (left == 0) {
            left = l->part;
            sums += l->part_sums;
        }
        left -= 4 * count;
        for (int32_t at = 0; at < apart; ++at) {
            const int32_t phase = at / p->words;
            int32_t tap = 0;
            int32_t tap_phase = 0;
            int32_t place = at - (phase * p->words);

            for (int32_t i = 0; i < count; ++i) {
                lut_pairs_table(&words[(4 * i * apart) + at], apart, &tables[i * TRITC_LUT_ENTRIES]);
            }
            for (int32_t x = 0; x < l->kernel_width; ++x) {
                if ((tap_phase == phase) && (place >= 0) && (place < p->half)) {
                    for (int32_t k = 0; k < p->kernel_height; ++k) {
                        if (to[k] != NULL) {
                            lut_pairs(tables, count, &weights[(k * row_bytes) + tap], l->outputs,
                                      &to[k][sums + (place * l->outputs)]);
                        }
                    }
                }
                tap += l->outputs * count;
                tap_phase += l->dilation_width;
                while (tap_phase >= p->stride_width) {
                    tap_phase -= p->stride_width;
                    --place;
                }
            }
        }
        words += 4 * count * apart;
        weights += p->kernel_height * row_bytes;
    }
}
