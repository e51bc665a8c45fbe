/* A table holds 90 halves: the sum of four inputs with each choice of weights. A weight byte is the
 * offset in bytes of its entry. */
static inline int32_t lut4_entry(const uint32_t *table, uint32_t offset)
{
    return *(const tritc_half *)(const void *)((const uint8_t *)table + offset);
}

#if TRITC_THUMB > 0
#define TRITC_LUT4_FIVE(more)                                                                      \
    "stmia %[table]!, {r2, r3, r4, r5, r6}\n\t"                                                    \
    "add r2, %[" more "]\n\t"                                                                     \
    "add r3, %[" more "]\n\t"                                                                     \
    "add r4, %[" more "]\n\t"                                                                     \
    "add r5, %[" more "]\n\t"                                                                     \
    "add r6, %[" more "]\n\t"
#endif

static inline void lut4_five(uint32_t *table, uint32_t w0, uint32_t w1, uint32_t w2, uint32_t w3,
                             uint32_t w4)
{
    table[0] = w0;
    table[1] = w1;
    table[2] = w2;
    table[3] = w3;
    table[4] = w4;
}

/* Nine times five words, growing by `c`, and by `d` after three times and six. */
static inline uint32_t *lut4_words(uint32_t *table, uint32_t c, uint32_t d, uint32_t w0,
                                   uint32_t w1, uint32_t w2, uint32_t w3, uint32_t w4)
{
#if TRITC_THUMB > 0
    register uint32_t r2 __asm__("r2") = w0;
    register uint32_t r3 __asm__("r3") = w1;
    register uint32_t r4 __asm__("r4") = w2;
    register uint32_t r5 __asm__("r5") = w3;
    register uint32_t r6 __asm__("r6") = w4;

    __asm__ volatile(".syntax unified\n\t" TRITC_LUT4_FIVE("c") TRITC_LUT4_FIVE("c") TRITC_LUT4_FIVE("d")
                         TRITC_LUT4_FIVE("c") TRITC_LUT4_FIVE("c") TRITC_LUT4_FIVE("d")
                             TRITC_LUT4_FIVE("c") TRITC_LUT4_FIVE("c") TRITC_LUT4_FIVE("d")
                     : [table] "+l"(table), "+l"(r2), "+l"(r3), "+l"(r4), "+l"(r5), "+l"(r6)
                     : [c] "l"(c), [d] "l"(d)
                     : "cc", "memory");
#else
    for (int32_t i = 0; i < 3; ++i) {
        lut4_five(table, w0, w1, w2, w3, w4);
        lut4_five(&table[5], w0 + c, w1 + c, w2 + c, w3 + c, w4 + c);
        w0 += 2u * c;
        w1 += 2u * c;
        w2 += 2u * c;
        w3 += 2u * c;
        w4 += 2u * c;
        lut4_five(&table[10], w0, w1, w2, w3, w4);
        table += 15;
        w0 += d;
        w1 += d;
        w2 += d;
        w3 += d;
        w4 += d;
    }
#endif
    return table;
}

/* acc[0] += the entries of four tables, 45 words each, that four bytes of weights choose. */
static inline void lut4_row(const uint8_t *weights, const uint32_t *tables, int32_t *acc)
{
    *acc += lut4_entry(tables, weights[0]) + lut4_entry(&tables[45], weights[1]) +
            lut4_entry(&tables[90], weights[2]) + lut4_entry(&tables[135], weights[3]);
}

#if TRITC_THUMB == 1
/* An index, its entry, the sum: no register but these two is free beside four tables. */
#define TRITC_LUT4_ENTRY(byte, table)                                                              \
    "ldrb %[entry], [%[weights], #" byte "]\n\t"                                                  \
    "ldrh %[entry], [%[" table "], %[entry]]\n\t"                                                 \
    "adds %[sum], %[sum], %[entry]\n\t"
#define TRITC_LUT4_ROW(row)                                                                        \
    "ldr %[sum], [%[acc], #" row "]\n\t" TRITC_LUT4_ENTRY(row, "t0") TRITC_LUT4_ENTRY(row "+1", "t1")  \
        TRITC_LUT4_ENTRY(row "+2", "t2") TRITC_LUT4_ENTRY(row "+3", "t3")                                \
    "str %[sum], [%[acc], #" row "]\n\t"
#elif TRITC_THUMB == 2
/* Loads in a row take a cycle each where none waits for the one before it. */
#define TRITC_LUT4_ROW(row)                                                                        \
    "ldrb %[i0], [%[weights], #" row "]\n\t"                                                      \
    "ldrb %[i1], [%[weights], #" row "+1]\n\t"                                                    \
    "ldrb %[i2], [%[weights], #" row "+2]\n\t"                                                    \
    "ldrb %[i3], [%[weights], #" row "+3]\n\t"                                                    \
    "ldrh %[i0], [%[t0], %[i0]]\n\t"                                                               \
    "ldrh %[i1], [%[t1], %[i1]]\n\t"                                                               \
    "ldrh %[i2], [%[t2], %[i2]]\n\t"                                                               \
    "ldrh %[i3], [%[t3], %[i3]]\n\t"                                                               \
    "ldr %[sum], [%[acc], #" row "]\n\t"                                                          \
    "add %[i0], %[i1]\n\t"                                                                         \
    "add %[i2], %[i3]\n\t"                                                                         \
    "add %[sum], %[i0]\n\t"                                                                        \
    "add %[sum], %[i2]\n\t"                                                                        \
    "str %[sum], [%[acc], #" row "]\n\t"
#endif

/* acc[o] += the same for each row o of four bytes. */
static void lut4_rows(const uint8_t *weights, int32_t outputs, const uint32_t *tables, int32_t *acc)
{
    const int32_t *end = &acc[outputs];
#if defined(TRITC_LUT4_ROW)
    const int32_t *whole = &acc[outputs & ~3];
#if TRITC_THUMB == 1
    uint32_t entry;
#else
    uint32_t i0;
    uint32_t i1;
    uint32_t i2;
    uint32_t i3;
#endif
    uint32_t sum;

    if (acc != whole) {
        __asm__ volatile(".syntax unified\n"
                         "1:\n\t" TRITC_LUT4_ROW("0") TRITC_LUT4_ROW("4") TRITC_LUT4_ROW("8")
                             TRITC_LUT4_ROW("12") "adds %[weights], %[weights], #16\n\t"
                         "adds %[acc], %[acc], #16\n\t"
                         "cmp %[acc], %[whole]\n\t"
                         "bne 1b\n\t"
                         : [weights] "+l"(weights), [acc] "+l"(acc), [sum] "=&l"(sum),
#if TRITC_THUMB == 1
                           [entry] "=&l"(entry)
#else
                           [i0] "=&r"(i0), [i1] "=&r"(i1), [i2] "=&r"(i2), [i3] "=&r"(i3)
#endif
                         : [t0] "l"(tables), [t1] "l"(&tables[45]), [t2] "l"(&tables[90]),
                           [t3] "l"(&tables[135]), [whole] "h"(whole)
                         : "cc", "memory");
    }
#else
    while ((end - acc) >= 8) {
        lut4_row(weights, tables, acc);
        lut4_row(&weights[4], tables, &acc[1]);
        lut4_row(&weights[8], tables, &acc[2]);
        lut4_row(&weights[12], tables, &acc[3]);
        lut4_row(&weights[16], tables, &acc[4]);
        lut4_row(&weights[20], tables, &acc[5]);
        lut4_row(&weights[24], tables, &acc[6]);
        lut4_row(&weights[28], tables, &acc[7]);
        weights += 32;
        acc += 8;
    }
#endif
    while (acc != end) {
        lut4_row(weights, tables, acc);
        weights += 4;
        ++acc;
    }
}
