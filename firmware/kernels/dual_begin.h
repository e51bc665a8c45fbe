/* The first chunk's sums, less what the starts of all chunks add. */
static inline void dual_begin(uint32_t sum, int32_t chunks, int32_t *acc)
{
    acc[0] = (int32_t)(sum & 0x3fffu) - (TRITC_DUAL_LOW * chunks);
    acc[1] = (int32_t)(sum >> 14) - (TRITC_DUAL_HIGH * chunks);
}
