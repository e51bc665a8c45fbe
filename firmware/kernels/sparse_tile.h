#if TRITC_THUMB > 0
/* Loads of several words want low registers; high ones can be added to. */
#define TRITC_SPARSE_ADD(entry)                                                                    \
    "ldrb r3, [r1, #" entry "]\n\t"                                                               \
    "subs r0, r0, r3\n\t"                                                                          \
    "ldmia r0!, {r4, r5, r6, r7}\n\t"                                                              \
    "add r8, r4\n\t"                                                                               \
    "add r9, r5\n\t"                                                                               \
    "add r10, r6\n\t"                                                                              \
    "add r11, r7\n\t"
#define TRITC_SPARSE_LIST                                                                          \
    "ldrb r2, [r1]\n\t"                                                                            \
    "adds r1, r1, #1\n\t"                                                                          \
    "mov r0, r12\n\t"                                                                              \
    "subs r2, r2, #4\n\t"                                                                          \
    "blt 3f\n"                                                                                     \
    "2:\n\t" TRITC_SPARSE_ADD("0") TRITC_SPARSE_ADD("1") TRITC_SPARSE_ADD("2") TRITC_SPARSE_ADD("3")       \
    "adds r1, r1, #4\n\t"                                                                          \
    "subs r2, r2, #4\n\t"                                                                          \
    "bge 2b\n"                                                                                     \
    "3:\n\t"                                                                                       \
    "adds r2, r2, #4\n\t"                                                                          \
    "beq 5f\n"                                                                                     \
    "4:\n\t" TRITC_SPARSE_ADD("0")                                                                   \
    "adds r1, r1, #1\n\t"                                                                          \
    "subs r2, r2, #1\n\t"                                                                          \
    "bne 4b\n"                                                                                     \
    "5:\n\t"
#define TRITC_SPARSE_NEGATE(sum)                                                                   \
    "mov r4, " sum "\n\t"                                                                         \
    "rsbs r4, r4, #0\n\t"                                                                          \
    "mov " sum ", r4\n\t"

/* Four sums for each of `outputs`, from two lists each: the words of the second, from `top` down, less
 * those of the first. Gives the end of the lists. */
static const uint8_t *sparse_tile(const uint8_t *lists, int32_t outputs, const uint32_t *top,
                                  uint32_t *sums)
{
    register uint32_t *r0 __asm__("r0") = &sums[4 * outputs];
    register const uint8_t *r1 __asm__("r1") = lists;
    register const uint32_t *r2 __asm__("r2") = top;
    register uint32_t *r3 __asm__("r3") = sums;

    __asm__ volatile(".syntax unified\n\t"
                     "push {r0}\n\t"
                     "mov r12, r2\n\t"
                     "mov lr, r3\n"
                     "1:\n\t"
                     "movs r4, #0\n\t"
                     "mov r8, r4\n\t"
                     "mov r9, r4\n\t"
                     "mov r10, r4\n\t"
                     "mov r11, r4\n\t" TRITC_SPARSE_LIST TRITC_SPARSE_NEGATE("r8")
                         TRITC_SPARSE_NEGATE("r9") TRITC_SPARSE_NEGATE("r10")
                             TRITC_SPARSE_NEGATE("r11") TRITC_SPARSE_LIST "mov r0, lr\n\t"
                     "mov r4, r8\n\t"
                     "mov r5, r9\n\t"
                     "mov r6, r10\n\t"
                     "mov r7, r11\n\t"
                     "stmia r0!, {r4, r5, r6, r7}\n\t"
                     "mov lr, r0\n\t"
                     "ldr r4, [sp]\n\t"
                     "cmp r0, r4\n\t"
                     "beq 6f\n\t"
                     "b 1b\n"
                     "6:\n\t"
                     "add sp, sp, #4\n\t"
                     : "+l"(r0), "+l"(r1), "+l"(r2), "+l"(r3)
                     :
                     : "r4", "r5", "r6", "r7", "r8", "r9", "r10", "r11", "r12", "lr", "cc",
                       "memory");
    return r1;
}
#else
static const uint8_t *sparse_tile(const uint8_t *lists, int32_t outputs, const uint32_t *top,
                                  uint32_t *sums)
{
    for (int32_t o = 0; o < outputs; ++o) {
        uint32_t s0 = 0;
        uint32_t s1 = 0;
        uint32_t s2 = 0;
        uint32_t s3 = 0;

        for (int32_t sign = 0; sign < 2; ++sign) {
            uintptr_t words = (uintptr_t)top;
            int32_t count = *lists++;

            s0 = 0u - s0;
            s1 = 0u - s1;
            s2 = 0u - s2;
            s3 = 0u - s3;
            for (; count >= 4; count -= 4) {
                words -= lists[0];
                s0 += word_at(words);
                s1 += word_at(words + 4u);
                s2 += word_at(words + 8u);
                s3 += word_at(words + 12u);
                words -= lists[1];
                s0 += word_at(words + 16u);
                s1 += word_at(words + 20u);
                s2 += word_at(words + 24u);
                s3 += word_at(words + 28u);
                words -= lists[2];
                s0 += word_at(words + 32u);
                s1 += word_at(words + 36u);
                s2 += word_at(words + 40u);
                s3 += word_at(words + 44u);
                words -= lists[3];
                s0 += word_at(words + 48u);
                s1 += word_at(words + 52u);
                s2 += word_at(words + 56u);
                s3 += word_at(words + 60u);
                words += 64u;
                lists += 4;
            }
            for (; count > 0; --count) {
                words -= *lists++;
                s0 += word_at(words);
                s1 += word_at(words + 4u);
                s2 += word_at(words + 8u);
                s3 += word_at(words + 12u);
                words += 16u;
            }
        }
        *sums++ = s0;
        *sums++ = s1;
        *sums++ = s2;
        *sums++ = s3;
    }
    return lists;
}
#endif
