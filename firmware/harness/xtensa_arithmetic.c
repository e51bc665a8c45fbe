/*
 * What the support library of the lx106's compiler lacks, because these functions are in the ROM
 * of the chip that it was made for: products of 64 bits, and division.
 */
#include <stdint.h>

uint64_t __umulsidi3(uint32_t a, uint32_t b);
int64_t __muldi3(int64_t a, int64_t b);
uint32_t __udivsi3(uint32_t dividend, uint32_t divisor);
uint32_t __umodsi3(uint32_t dividend, uint32_t divisor);
int32_t __divsi3(int32_t dividend, int32_t divisor);

/* By halves: the core multiplies 16 bits by 16. */
uint64_t __umulsidi3(uint32_t a, uint32_t b) {
    const uint32_t low = (a & 0xFFFFu) * (b & 0xFFFFu);
    const uint32_t left = (a >> 16) * (b & 0xFFFFu);
    const uint32_t right = (a & 0xFFFFu) * (b >> 16);
    const uint32_t middle = (low >> 16) + (left & 0xFFFFu) + (right & 0xFFFFu);
    const uint32_t high = (a >> 16) * (b >> 16) + (left >> 16) + (right >> 16) + (middle >> 16);
    return ((uint64_t)high << 32) | ((middle << 16) | (low & 0xFFFFu));
}

int64_t __muldi3(int64_t a, int64_t b) {
    const uint32_t a_low = (uint32_t)a;
    const uint32_t b_low = (uint32_t)b;
    const uint32_t a_high = (uint32_t)((uint64_t)a >> 32);
    const uint32_t b_high = (uint32_t)((uint64_t)b >> 32);
    const uint64_t product = __umulsidi3(a_low, b_low);
    const uint32_t high = (uint32_t)(product >> 32) + a_low * b_high + a_high * b_low;
    return (int64_t)(((uint64_t)high << 32) | (uint32_t)product);
}

/* Bit by bit; a division by zero gives all ones, as in hardware that does not trap. */
static uint32_t divide(uint32_t dividend, uint32_t divisor, uint32_t *remainder) {
    uint32_t quotient = 0;
    uint32_t rest = 0;
    for (uint32_t bit = 32; bit-- > 0u;) {
        const uint32_t carry = rest >> 31;
        rest = (rest << 1) | ((dividend >> bit) & 1u);
        if (carry != 0u || rest >= divisor) {
            rest -= divisor;
            quotient |= 1u << bit;
        }
    }
    *remainder = rest;
    return quotient;
}

uint32_t __udivsi3(uint32_t dividend, uint32_t divisor) {
    uint32_t remainder;
    return divide(dividend, divisor, &remainder);
}

uint32_t __umodsi3(uint32_t dividend, uint32_t divisor) {
    uint32_t remainder;
    (void)divide(dividend, divisor, &remainder);
    return remainder;
}

static uint32_t magnitude(int32_t value) {
    return value < 0 ? 0u - (uint32_t)value : (uint32_t)value;
}

int32_t __divsi3(int32_t dividend, int32_t divisor) {
    const uint32_t quotient = __udivsi3(magnitude(dividend), magnitude(divisor));
    return (int32_t)((dividend < 0) != (divisor < 0) ? 0u - quotient : quotient);
}
