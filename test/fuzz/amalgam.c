/*
 * The end of a program that holds many networks, behind their C and these names:
 *   FUZZ_NETWORKS(ROW)    ROW(n0, N0) ROW(n1, N1) ... for every network
 *   FUZZ_ROOM             at least the bytes of every input, output and arena
 *   FUZZ_HEAP             1 where there is a heap, whose bounds a sanitizer may watch
 *
 * Bytes 0 and 1 of an input say which network runs, what follows byte 3 is its tensor. Byte 0 of an
 * output is 0, or has bit 0 set when the network wrote behind its output or arena, bit 1 when it gave
 * another output with input and output in its arena; its tensor follows byte 3.
 */
#define HEAD 4u
#define GUARD 8u
#define PAINT 0x5Au

struct network {
    void (*run)(uint8_t *arena, const void *input, void *output);
    uint32_t input_bytes;
    uint32_t output_bytes;
    uint32_t arena_bytes;
    uint32_t input_offset;
    uint32_t output_offset;
};

#define SHIM(name, NAME)                                                                           \
    static void shim_##name(uint8_t *arena, const void *input, void *output)                       \
    {                                                                                              \
        name##_run_in(arena, input, output);                                                       \
    }
#define ROW(name, NAME)                                                                            \
    {                                                                                              \
        shim_##name, NAME##_INPUT_SIZE * (uint32_t)sizeof(name##_input_t),                         \
            NAME##_OUTPUT_SIZE * (uint32_t)sizeof(name##_output_t), NAME##_ARENA_SIZE,             \
            NAME##_INPUT_AT, NAME##_OUTPUT_AT,                                             \
    },

FUZZ_NETWORKS(SHIM)

static const struct network networks[] = {FUZZ_NETWORKS(ROW)};

#if FUZZ_HEAP

#include <stdlib.h>

static uint8_t *room(uint32_t which, uint32_t bytes)
{
    uint8_t *made = malloc(bytes);

    (void)which;
    if (!made) {
        abort();
    }
    return made;
}

static void leave(uint8_t *made)
{
    free(made);
}

static uint8_t broken(const uint8_t *made, uint32_t bytes)
{
    (void)made;
    (void)bytes;
    return 0;
}

#else

static uint8_t *room(uint32_t which, uint32_t bytes)
{
    static union {
        uint32_t alignment;
        uint8_t bytes[FUZZ_ROOM + GUARD];
    } rooms[3];

    memset(&rooms[which].bytes[bytes], PAINT, GUARD);
    return rooms[which].bytes;
}

static void leave(uint8_t *made)
{
    (void)made;
}

static uint8_t broken(const uint8_t *made, uint32_t bytes)
{
    uint32_t wrong = 0;

    for (uint32_t i = 0; i < GUARD; ++i) {
        wrong |= made[bytes + i] ^ PAINT;
    }
    return (uint8_t)(wrong != 0u);
}

#endif

void fuzz_run(const fuzz_input_t *input, fuzz_output_t *output)
{
    const struct network *network = &networks[input[0] | ((uint32_t)input[1] << 8)];
    uint8_t *from = room(0, network->input_bytes);
    uint8_t *to = room(1, network->output_bytes);
    uint8_t *arena = room(2, network->arena_bytes);

    memcpy(from, &input[HEAD], network->input_bytes);
    /* What a network forgets to write shows, and what it reads unwritten changes with the input. */
    memset(to, PAINT, network->output_bytes);
    memset(arena, input[2], network->arena_bytes);
    network->run(arena, from, to);
    memcpy(&output[HEAD], to, network->output_bytes);
    /* Again, with input and output where the arena has room for them. */
    memcpy(&arena[network->input_offset], from, network->input_bytes);
    network->run(arena, &arena[network->input_offset], &arena[network->output_offset]);
    output[0] = broken(to, network->output_bytes) | broken(arena, network->arena_bytes);
    if (memcmp(&arena[network->output_offset], to, network->output_bytes) != 0) {
        output[0] = (uint8_t)(output[0] | 2u);
    }
    leave(from);
    leave(to);
    leave(arena);
}
