/* The square root, correctly rounded, by integers alone: a bit of the root at a time, and one more to
 * round by. No root of 24 bits lies halfway between two floats. NaN for negative x. */
static float tritc_sqrt(float x)
{
    uint32_t bits;
    uint32_t root = 0;
    uint32_t twice = 0;
    int32_t exponent;

    (void)memcpy(&bits, &x, sizeof bits);
    if (((bits << 1) == 0u) || (bits == 0x7f800000u)) {
        return x; /* zeros and infinity */
    }
    if (bits > 0x7f800000u) {
        bits = 0x7fc00000u;
        (void)memcpy(&x, &bits, sizeof x);
        return x;
    }

    exponent = (int32_t)(bits >> 23) - 127;
    bits &= 0x7fffffu;
    if (exponent == -127) {
        exponent = -126;
        for (int32_t i = 0; (i < 23) && (bits < 0x800000u); ++i) {
            bits <<= 1;
            --exponent;
        }
    } else {
        bits |= 0x800000u;
    }
    bits <<= 1 + (exponent & 1);
    exponent >>= 1;

    for (uint32_t bit = 0x1000000u; bit != 0u; bit >>= 1) {
        const uint32_t next = twice + bit;

        if (next <= bits) {
            twice = next + bit;
            bits -= next;
            root += bit;
        }
        bits <<= 1;
    }
    root += root & 1u;
    bits = (root >> 1) + ((uint32_t)(exponent + 126) << 23);
    (void)memcpy(&x, &bits, sizeof x);
    return x;
}
