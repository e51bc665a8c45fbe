/*
 * The float32 arithmetic that the support library of the lx106's compiler lacks, because these
 * functions are in the ROM of the chip that it was made for: IEEE single precision, rounded to
 * nearest and ties to even, subnormal numbers included. Division and comparisons are in the library.
 */
#include <stdint.h>

float __addsf3(float a, float b);
float __subsf3(float a, float b);
float __mulsf3(float a, float b);
float __floatsisf(int32_t a);
float __floatunsisf(uint32_t a);

#define SIGN 0x80000000u
#define INFINITE 0x7F800000u
#define NAN_BITS 0x7FC00000u
#define LEADING_BIT 0x00800000u

static uint32_t bits_of(float value) {
    union {
        float value;
        uint32_t bits;
    } both = {.value = value};
    return both.bits;
}

static float float_of(uint32_t bits) {
    union {
        uint32_t bits;
        float value;
    } both = {.bits = bits};
    return both.value;
}

/* `value >> count`, the lowest bit set if any bit falls off, so that rounding knows of it. */
static uint32_t shifted(uint32_t value, int32_t count) {
    if (count > 31) {
        return (value != 0u) ? 1u : 0u;
    }
    const uint32_t lost = (count == 0) ? 0u : value << (32 - count);
    return (value >> count) | ((lost != 0u) ? 1u : 0u);
}

/* `mantissa * 2^(exponent - 156)`: `exponent` is the float's own field where
 * the mantissa's leading bit is bit 29, six bits above where a float has it. */
static float packed(uint32_t sign, int32_t exponent, uint32_t mantissa) {
    if (mantissa == 0u) {
        return float_of(sign);
    }
    while (mantissa >= (LEADING_BIT << 7)) {
        mantissa = shifted(mantissa, 1);
        exponent++;
    }
    while (mantissa < (LEADING_BIT << 6)) {
        mantissa <<= 1;
        exponent--;
    }
    if (exponent <= 0) {
        mantissa = shifted(mantissa, 1 - exponent);
        exponent = 0;
    }
    const uint32_t rest = mantissa & 0x3Fu;
    uint32_t bits = mantissa >> 6;
    bits += (rest > 0x20u || (rest == 0x20u && (bits & 1u) != 0u)) ? 1u : 0u;
    /* The leading bit adds one to the exponent below it; so does a carry of the rounding. */
    bits += (exponent > 0) ? (uint32_t)(exponent - 1) << 23 : 0u;
    return float_of(sign | (exponent > 254 || bits >= INFINITE ? INFINITE : bits));
}

static int32_t exponent_of(uint32_t magnitude) {
    const int32_t field = (int32_t)(magnitude >> 23);
    return (field == 0) ? 1 : field;
}

static uint32_t mantissa_of(uint32_t magnitude) {
    const uint32_t fraction = magnitude & (LEADING_BIT - 1u);
    return (magnitude >= LEADING_BIT) ? fraction | LEADING_BIT : fraction;
}

float __addsf3(float a, float b) {
    uint32_t large = bits_of(a);
    uint32_t small = bits_of(b);
    if ((large & ~SIGN) < (small & ~SIGN)) {
        const uint32_t swap = large;
        large = small;
        small = swap;
    }
    const uint32_t sign = large & SIGN;
    const uint32_t differ = (large ^ small) & SIGN;
    large &= ~SIGN;
    small &= ~SIGN;
    if (large > INFINITE || (large == INFINITE && small == INFINITE && differ != 0u)) {
        return float_of(NAN_BITS);
    }
    if (large == INFINITE) {
        return float_of(sign | INFINITE);
    }
    const int32_t exponent = exponent_of(large);
    const uint32_t base = mantissa_of(large) << 6;
    const uint32_t other = shifted(mantissa_of(small) << 6, exponent - exponent_of(small));
    const uint32_t sum = (differ != 0u) ? base - other : base + other;
    return packed((sum == 0u && differ != 0u) ? 0u : sign, exponent, sum);
}

float __subsf3(float a, float b) {
    return __addsf3(a, float_of(bits_of(b) ^ SIGN));
}

float __mulsf3(float a, float b) {
    const uint32_t sign = (bits_of(a) ^ bits_of(b)) & SIGN;
    const uint32_t left = bits_of(a) & ~SIGN;
    const uint32_t right = bits_of(b) & ~SIGN;
    if (left > INFINITE || right > INFINITE) {
        return float_of(NAN_BITS);
    }
    if (left == INFINITE || right == INFINITE) {
        return float_of((left == 0u || right == 0u) ? NAN_BITS : sign | INFINITE);
    }
    int32_t exponent = exponent_of(left) + exponent_of(right) - 127;
    uint64_t product = (uint64_t)mantissa_of(left) * mantissa_of(right);
    /* Up to 48 bits; the lowest 17 only matter by being there, once the leading bit is high enough. */
    while (product != 0u && product < ((uint64_t)LEADING_BIT << 23)) {
        product <<= 1;
        exponent--;
    }
    const uint32_t sticky = ((product & 0x1FFFFu) != 0u) ? 1u : 0u;
    return packed(sign, exponent, (uint32_t)(product >> 17) | sticky);
}

float __floatsisf(int32_t a) {
    const uint32_t sign = (a < 0) ? SIGN : 0u;
    const uint32_t magnitude = (a < 0) ? 0u - (uint32_t)a : (uint32_t)a;
    return packed(sign, 156, magnitude);
}

float __floatunsisf(uint32_t a) {
    return packed(0u, 156, a);
}
