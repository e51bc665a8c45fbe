/* Copies `count` elements as signed bytes: their codes less `shift`, which is 128 for unsigned ones
 * and 0 for signed ones; flipping the top bit is that subtraction. */
TRITC_INLINE void copy_signed_x(const x_t *from, int32_t count, int32_t shift, int8_t *to)
{
#if TRITC_HELIUM
    __asm volatile("   vdup.8   q1, %[shift]\n"
                   "   wlstp.8  lr, %[count], 2f\n"
                   "1: vldrb.u8 q0, [%[from]], #16\n"
                   "   veor     q0, q0, q1\n"
                   "   vstrb.8  q0, [%[to]], #16\n"
                   "   letp     lr, 1b\n"
                   "2:\n"
                   : [from] "+&r"(from), [to] "+&r"(to)
                   : [count] "r"(count), [shift] "r"(shift)
                   : "q0", "q1", "lr", "memory");
#else
    for (int32_t i = 0; i < count; ++i) {
        to[i] = (int8_t)(from[i] - shift);
    }
#endif
}
