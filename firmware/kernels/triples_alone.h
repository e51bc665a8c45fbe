/* Where sums begin that something is carried to later. */
static inline struct tritc_long triples_alone(void)
{
    const struct tritc_long alone = {0u, 0x08008008u};

    return alone;
}
