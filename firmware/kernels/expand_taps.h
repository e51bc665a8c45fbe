/* Weights of 16 channels, one tap after another, from codes of `bits` bits in two's complement: a vector
 * of bytes holds 8 / bits taps, low bits first. */
static void expand_taps(const uint8_t *codes, int32_t taps, int32_t bits, int8_t *weights)
{
    const int32_t most = 8 - bits;
    int32_t up = most;

    for (int32_t tap = 0; tap < taps; ++tap) {
#if TRITC_HELIUM
        const int8x16_t left = vshlq_r_s8(vreinterpretq_s8_u8(vldrbq_u8(codes)), up);

        vstrbq_s8(weights, vshlq_r_s8(left, -most));
#else
        for (int32_t c = 0; c < 16; ++c) {
            const int32_t left = (int32_t)(((uint32_t)codes[c] << up) & 255u);

            weights[c] = (int8_t)(((left ^ 128) - 128) >> most);
        }
#endif
        up -= bits;
        if (up < 0) {
            up = most;
            codes = &codes[16];
        }
        weights = &weights[16];
    }
}
