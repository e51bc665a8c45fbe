#if TRITC_HELIUM
/* Four channels at once: the twins of clamp32, shift_even32 and thresholds_reached. */
TRITC_INLINE int32x4_t clamp_lanes(int32x4_t n, int32x4_t low, int32x4_t high)
{
    return vminq_s32(vmaxq_s32(n, low), high);
}

/* Less `tie_band` where floor(p / 2^shift) is odd, p falls below that step exactly where it was a tie. */
TRITC_INLINE int32x4_t shift_even_lanes(int32x4_t p, int32_t shift, int32_t tie_band)
{
    const int32x4_t odd = vandq_s32(vshlq_r_s32(p, -shift), vdupq_n_s32(1));

    return vshlq_r_s32(vmlaq_n_s32(p, odd, -tie_band), -shift);
}

/* Lists of thresholds stand `stride` apart, or are one for all channels where that is 0. */
TRITC_INLINE int32x4_t thresholds_reached_lanes(int32x4_t acc, const int32_t *thresholds,
                                                int32_t steps, int32_t stride)
{
    const uint32x4_t lists = vmulq_n_u32(vidupq_n_u32(0u, 1), (uint32_t)stride);
    int32x4_t count = vdupq_n_s32(steps);

    for (int32_t j = 0; j < steps; ++j) {
        const int32x4_t threshold = (stride == 0)
                                        ? vdupq_n_s32(thresholds[j])
                                        : vldrwq_gather_shifted_offset_s32(&thresholds[j], lists);

        count = vaddq_s32(count, vshrq_n_s32(vsubq_s32(acc, threshold), 31));
    }
    return count;
}

/* Four outputs, each known to fit. */
TRITC_INLINE void store_lanes(void *y, int32_t size, int32x4_t outputs)
{
    if (size == 1) {
        vstrbq_s32((int8_t *)y, outputs);
    } else if (size == 2) {
        vstrhq_s32((int16_t *)y, outputs);
    } else {
        vstrwq_s32((int32_t *)y, outputs);
    }
}
#endif
