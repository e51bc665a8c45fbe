/* A list says which words are added: a count, then as many distances in bytes. Each is taken back from
 * the end of the four words before, and four words stand there. Places are numbers: on the way they may
 * lie before the words, where no pointer may. */
static inline uint32_t word_at(uintptr_t place)
{
    return *(const uint32_t *)place;
}
