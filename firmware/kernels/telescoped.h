/* acc[o] = the sum of x[k] * w[o][k] for four times `blocks` rows of trits, whose inputs are padded
 * with zero weights to whole chunks of 16. Byte k of a block of four rows is
 * b = w0 + 4 w1 + 16 w2 + 64 w3. Rounding b / 4^r takes the rows below r away; with T_r the sum of x
 * times what is left, row r is T_r - 4 T_(r + 1). */
#if TRITC_HELIUM
/* Sixteen inputs in register `x`: what `first` begins, the others add to. */
#define TRITC_TELESCOPE(add, x, load_w, load_x)                                                        \
    "   vmladav" add ".s8 %[t0], " x ", q1\n"                                                          \
    "   vrshr.s8 q2, q1, #2\n"                                                                         \
    "   vmladav" add ".s8 %[t1], " x ", q2\n"                                                          \
    "   vrshr.s8 q3, q1, #4\n"                                                                         \
    "   vmladav" add ".s8 %[t2], " x ", q3\n"                                                          \
    "   vrshr.s8 q2, q1, #6\n" load_w                                                                  \
    "   vmladav" add ".s8 %[t3], " x ", q2\n" load_x
#define TRITC_TELESCOPE_W "   vldrb.u8 q1, [%[w]], #16\n"
#define TRITC_TELESCOPE_ROWS                                                                           \
    "   sub     %[t0], %[t0], %[t1], lsl #2\n"                                                         \
    "   sub     %[t1], %[t1], %[t2], lsl #2\n"                                                         \
    "   sub     %[t2], %[t2], %[t3], lsl #2\n"                                                         \
    "   strd    %[t0], %[t1], [%[acc]], #8\n"                                                          \
    "   strd    %[t2], %[t3], [%[acc]], #8\n"
/* Up to four chunks stay in registers while the rows pass by. */
#define TRITC_TELESCOPE_FEW(loads, chunks)                                                             \
    __asm volatile("   vldrb.u8 q0, [%[x]]\n" loads                                                    \
                   "   dls     lr, %[blocks]\n"                                                        \
                   "1:\n" TRITC_TELESCOPE_W TRITC_TELESCOPE("", "q0", "", "") chunks                   \
                       TRITC_TELESCOPE_ROWS                                                            \
                   "   le      lr, 1b\n"                                                               \
                   : [t0] "=&Te"(t0), [t1] "=&Te"(t1), [t2] "=&Te"(t2), [t3] "=&Te"(t3),               \
                     [w] "+&r"(weights), [acc] "+&r"(acc)                                              \
                   : [blocks] "r"(blocks), [x] "r"(x)                                                  \
                   : "q0", "q1", "q2", "q3", "q4", "q5", "q6", "lr", "memory")
#define TRITC_TELESCOPE_MORE(x) TRITC_TELESCOPE_W TRITC_TELESCOPE("a", x, "", "")

TRITC_INLINE void telescoped_few(const int8_t *x, const uint8_t *weights, int32_t chunks, int32_t blocks,
                           int32_t *acc)
{
    int32_t t0;
    int32_t t1;
    int32_t t2;
    int32_t t3;

    if (chunks == 1) {
        TRITC_TELESCOPE_FEW("", "");
    } else if (chunks == 2) {
        TRITC_TELESCOPE_FEW("   vldrb.u8 q4, [%[x], #16]\n", TRITC_TELESCOPE_MORE("q4"));
    } else if (chunks == 3) {
        TRITC_TELESCOPE_FEW("   vldrb.u8 q4, [%[x], #16]\n"
                            "   vldrb.u8 q5, [%[x], #32]\n",
                            TRITC_TELESCOPE_MORE("q4") TRITC_TELESCOPE_MORE("q5"));
    } else {
        TRITC_TELESCOPE_FEW("   vldrb.u8 q4, [%[x], #16]\n"
                            "   vldrb.u8 q5, [%[x], #32]\n"
                            "   vldrb.u8 q6, [%[x], #48]\n",
                            TRITC_TELESCOPE_MORE("q4") TRITC_TELESCOPE_MORE("q5")
                                TRITC_TELESCOPE_MORE("q6"));
    }
}

TRITC_INLINE void telescoped_many(const int8_t *x, const uint8_t *weights, int32_t chunks, int32_t blocks,
                            int32_t *acc)
{
    const int8_t *at;
    int32_t t0;
    int32_t t1;
    int32_t t2;
    int32_t t3;

    /* Each turn loads what the next one multiplies; the last turn stands behind the loop. */
    __asm volatile("1: vldrb.u8 q1, [%[w]], #16\n"
                   "   mov     %[t0], #0\n"
                   "   vldrb.u8 q0, [%[x]]\n"
                   "   add     %[at], %[x], #16\n"
                   "   mov     %[t1], #0\n"
                   "   mov     %[t2], #0\n"
                   "   mov     %[t3], #0\n"
                   "   dls     lr, %[turns]\n"
                   "2:\n" TRITC_TELESCOPE("a", "q0", TRITC_TELESCOPE_W,
                                          "   vldrb.u8 q0, [%[at]], #16\n")
                   "   le      lr, 2b\n" TRITC_TELESCOPE("a", "q0", "", "")
                   "   subs    %[blocks], #1\n" TRITC_TELESCOPE_ROWS
                   "   bne     1b\n"
                   : [t0] "=&Te"(t0), [t1] "=&Te"(t1), [t2] "=&Te"(t2), [t3] "=&Te"(t3),
                     [at] "=&r"(at), [w] "+&r"(weights), [acc] "+&r"(acc), [blocks] "+&r"(blocks)
                   : [turns] "r"(chunks - 1), [x] "r"(x)
                   : "q0", "q1", "q2", "q3", "lr", "cc", "memory");
}
#endif

TRITC_INLINE void telescoped(const int8_t *x, const uint8_t *weights, int32_t inputs, int32_t blocks,
                       int32_t *acc)
{
    const int32_t chunks = (inputs + 15) / 16;

#if TRITC_HELIUM
    if (chunks <= 4) {
        telescoped_few(x, weights, chunks, blocks, acc);
    } else {
        telescoped_many(x, weights, chunks, blocks, acc);
    }
#else
    for (int32_t block = 0; block < blocks; ++block) {
        int32_t t[4] = {0, 0, 0, 0};

        for (int32_t k = 0; k < inputs; ++k) {
            const int32_t b = (int32_t)(weights[k] ^ 128u) - 128;

            t[0] += x[k] * b;
            t[1] += x[k] * ((b + 2) >> 2);
            t[2] += x[k] * ((b + 8) >> 4);
            t[3] += x[k] * ((b + 32) >> 6);
        }
        acc[0] = t[0] - (4 * t[1]);
        acc[1] = t[1] - (4 * t[2]);
        acc[2] = t[2] - (4 * t[3]);
        acc[3] = t[3];
        weights = &weights[16 * chunks];
        acc = &acc[4];
    }
#endif
}
