/* A list says which words are added: a count, then as many distances in bytes. Each is taken back from
 * the end of the four words before, and four words stand there. */
static inline const uint32_t *words_before(const uint32_t *words, uint32_t bytes)
{
    return (const uint32_t *)(const void *)((const uint8_t *)words - bytes);
}

#if TRITC_THUMB > 0
#define TRITC_SPARSE_ADD(entry)                                                                    \
    "ldrb %[bytes], [%[list], #" #entry "]\n\t"                                                    \
    "subs %[words], %[words], %[bytes]\n\t"                                                        \
    "ldmia %[words]!, {r4, r5, r6, r7}\n\t"                                                        \
    "add %[s0], r4\n\t"                                                                            \
    "add %[s1], r5\n\t"                                                                            \
    "add %[s2], r6\n\t"                                                                            \
    "add %[s3], r7\n\t"
#endif

/* The sums of four words at a time, for one output: of the words of the second list from `top` down,
 * less those of the first. Gives the end of the two lists. */
static const uint8_t *sparse_visit(const uint8_t *list, const uint32_t *top, uint32_t *sums)
{
    uint32_t s0 = 0;
    uint32_t s1 = 0;
    uint32_t s2 = 0;
    uint32_t s3 = 0;

    for (int32_t sign = 0; sign < 2; ++sign) {
        const uint32_t *words = top;
        int32_t count = *list++;

        s0 = 0u - s0;
        s1 = 0u - s1;
        s2 = 0u - s2;
        s3 = 0u - s3;
#if TRITC_THUMB > 0
        uint32_t bytes;

        /* High registers can only be added to, and loads in one instruction want low ones. */
        __asm__ volatile(".syntax unified\n\t"
                         "subs %[count], %[count], #4\n\t"
                         "blt 2f\n"
                         "1:\n\t" TRITC_SPARSE_ADD(0) TRITC_SPARSE_ADD(1) TRITC_SPARSE_ADD(2)
                             TRITC_SPARSE_ADD(3) "adds %[list], %[list], #4\n\t"
                         "subs %[count], %[count], #4\n\t"
                         "bge 1b\n"
                         "2:\n\t"
                         "adds %[count], %[count], #4\n\t"
                         "beq 4f\n"
                         "3:\n\t" TRITC_SPARSE_ADD(0) "adds %[list], %[list], #1\n\t"
                         "subs %[count], %[count], #1\n\t"
                         "bne 3b\n"
                         "4:\n\t"
                         : [s0] "+h"(s0), [s1] "+h"(s1), [s2] "+h"(s2), [s3] "+h"(s3),
                           [words] "+l"(words), [list] "+l"(list), [count] "+l"(count),
                           [bytes] "=&l"(bytes)
                         :
                         : "r4", "r5", "r6", "r7", "cc", "memory");
#else
        for (; count >= 4; count -= 4) {
            words = words_before(words, list[0]);
            s0 += words[0];
            s1 += words[1];
            s2 += words[2];
            s3 += words[3];
            words = words_before(words, list[1]);
            s0 += words[4];
            s1 += words[5];
            s2 += words[6];
            s3 += words[7];
            words = words_before(words, list[2]);
            s0 += words[8];
            s1 += words[9];
            s2 += words[10];
            s3 += words[11];
            words = words_before(words, list[3]);
            s0 += words[12];
            s1 += words[13];
            s2 += words[14];
            s3 += words[15];
            words += 16;
            list += 4;
        }
        for (; count > 0; --count) {
            words = words_before(words, *list++);
            s0 += words[0];
            s1 += words[1];
            s2 += words[2];
            s3 += words[3];
            words += 4;
        }
#endif
    }
    sums[0] = s0;
    sums[1] = s1;
    sums[2] = s2;
    sums[3] = s3;
    return list;
}
