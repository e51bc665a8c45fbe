/* A list says which words are added: a count, then as many distances in bytes. Each is taken back from
 * the end of the four words before, and four words stand there. */
static inline const uint32_t *words_before(const uint32_t *words, uint32_t bytes)
{
    return (const uint32_t *)(const void *)((const uint8_t *)words - bytes);
}
