/*
 * A plugin for QEMU that counts what calls of one function execute, up to their return:
 * instructions, estimated cycles, and the same for stretches of it.
 *
 * Arguments: table=FILE, out=FILE, profile=FILE, run=ADDRESS (hexadecimal), stretches=N, and
 * model=NAME, of which "none" counts instructions only.
 *
 * The table has a line for each instruction and each mark, hexadecimal but for names:
 *   I address bytes kind transfers reads writes base updates_base
 *   M address stretch       the stretch that ends before the instruction at that address
 * The output has for each call a line "call INSTRUCTIONS CYCLES UNKNOWN", where UNKNOWN counts
 * those that the table lacks, and N + 1 lines "stretch INSTRUCTIONS CYCLES BYTES", the last for
 * what follows the last mark. BYTES are those of the different instructions executed there.
 * The profile has for each instruction of the last call a line "ADDRESS TIMES CYCLES", its address
 * hexadecimal, and a line "end".
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model.h"
#include "qemu_plugin.h"

#ifndef INTERFACE_VERSION
#define INTERFACE_VERSION 1
#endif
int qemu_plugin_version = INTERFACE_VERSION;

const char *const kind_names[KIND_COUNT] = {
    [KIND_ALU] = "alu",
    [KIND_ALU_SHIFTED] = "alu-shifted",
    [KIND_MULTIPLY] = "multiply",
    [KIND_MULTIPLY_ADD] = "multiply-add",
    [KIND_DSP_MULTIPLY] = "dsp-multiply",
    [KIND_DSP_ALU] = "dsp-alu",
    [KIND_LONG_MULTIPLY] = "long-multiply",
    [KIND_LONG_MULTIPLY_ADD] = "long-multiply-add",
    [KIND_DIVIDE] = "divide",
    [KIND_LOAD] = "load",
    [KIND_LOAD_MULTIPLE] = "load-multiple",
    [KIND_STORE] = "store",
    [KIND_STORE_INDEXED] = "store-indexed",
    [KIND_STORE_MULTIPLE] = "store-multiple",
    [KIND_BRANCH] = "branch",
    [KIND_CALL] = "call",
    [KIND_JUMP] = "jump",
    [KIND_IT] = "it",
    [KIND_NOP] = "nop",
    [KIND_SYSTEM] = "system",
    [KIND_LOOP_START] = "loop-start",
    [KIND_LOOP_END] = "loop-end",
    [KIND_FP] = "fp",
    [KIND_FP_MULTIPLY_ADD] = "fp-multiply-add",
    [KIND_FP_DIVIDE] = "fp-divide",
    [KIND_FP_LOAD] = "fp-load",
    [KIND_FP_STORE] = "fp-store",
    [KIND_VECTOR_ALU] = "vector-alu",
    [KIND_VECTOR_MULTIPLY] = "vector-multiply",
    [KIND_VECTOR_LOAD] = "vector-load",
    [KIND_VECTOR_STORE] = "vector-store",
    [KIND_VECTOR_PREDICATE] = "vector-predicate",
    [KIND_VECTOR_MOVE] = "vector-move",
};

static const struct model *const models[] = {&cortex_m0, &cortex_m0plus, &cortex_m3,
                                             &cortex_m4, &cortex_m7,     &cortex_m55};

/* An instruction as it is met. */
struct site {
    struct instruction instruction;
    int known;              /* the table has it */
    uint32_t stretch_after; /* 1 + the stretch that ends before it; 0: none */
    uint32_t seen;          /* 1 + the stretch that executed it last */
    uint64_t times, cycles; /* in this call */
};

struct stretch {
    uint64_t instructions, cycles, bytes;
};

/* Sites by address: a hash table with open addressing. */
#define SITES (1u << 20)
static struct site *sites[SITES];

static const struct model *model;
static FILE *out;
static FILE *profile;
static uint32_t run_address;
static uint32_t stretch_count;
static struct stretch *stretches;

/* The call that is being counted. */
static int running;
static uint32_t return_address;
static uint32_t stretch;
static uint64_t cycles_before;
static uint64_t unknown;
static struct site *previous;

static void give_up(const char *reason) {
    (void)fprintf(stderr, "counter: %s\n", reason);
    exit(1);
}

static struct site *site_at(uint32_t address) {
    uint32_t slot = (address * 2654435761u) >> 12;
    for (uint32_t tries = 0; tries < SITES; tries++) {
        struct site **place = &sites[(slot + tries) % SITES];
        if (*place == NULL) {
            *place = calloc(1, sizeof **place);
            if (*place == NULL) {
                break;
            }
            (*place)->instruction.address = address;
        }
        if ((*place)->instruction.address == address) {
            return *place;
        }
    }
    give_up("too many instructions");
    return NULL;
}

static uint32_t next_to(const struct site *site) {
    return site->instruction.address + site->instruction.bytes;
}

static void begin_call(void) {
    running = 1;
    /* The one executed before the first is the call. */
    return_address = previous == NULL ? 0u : next_to(previous);
    previous = NULL;
    unknown = 0;
    stretch = 0;
    cycles_before = 0;
    for (uint32_t i = 0; i <= stretch_count; i++) {
        stretches[i] = (struct stretch){0, 0, 0};
    }
    for (uint32_t i = 0; i < SITES; i++) {
        if (sites[i] != NULL) {
            sites[i]->seen = 0;
            sites[i]->times = 0;
            sites[i]->cycles = 0;
        }
    }
    if (model != NULL) {
        model->reset();
    }
}

static void enter_stretch(uint32_t next) {
    const uint64_t now = model == NULL ? 0u : model->cycles();
    stretches[stretch].cycles += now - cycles_before;
    cycles_before = now;
    stretch = next;
}

static void write_profile(void) {
    rewind(profile);
    for (uint32_t i = 0; i < SITES; i++) {
        const struct site *site = sites[i];
        if (site != NULL && site->times > 0u) {
            (void)fprintf(profile, "%" PRIx32 " %" PRIu64 " %" PRIu64 "\n",
                          site->instruction.address, site->times, site->cycles);
        }
    }
    (void)fprintf(profile, "end\n");
    (void)fflush(profile);
}

/* A jump costs the instruction that jumps. */
static void jump(struct site *from) {
    const uint64_t before = model->cycles();
    model->jump(&from->instruction);
    from->cycles += model->cycles() - before;
}

static void step(struct site *site) {
    const uint64_t before = model->cycles();
    model->step(&site->instruction, previous == NULL ? NULL : &previous->instruction);
    site->cycles += model->cycles() - before;
}

static void end_call(void) {
    uint64_t instructions = 0;
    if (model != NULL && previous != NULL) {
        jump(previous);
    }
    enter_stretch(stretch);
    running = 0;
    for (uint32_t i = 0; i <= stretch_count; i++) {
        instructions += stretches[i].instructions;
    }
    (void)fprintf(out, "call %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", instructions, cycles_before,
                  unknown);
    for (uint32_t i = 0; i <= stretch_count; i++) {
        const struct stretch *s = &stretches[i];
        (void)fprintf(out, "stretch %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", s->instructions,
                      s->cycles, s->bytes);
    }
    (void)fflush(out);
    write_profile();
}

static void count(struct site *site) {
    struct stretch *now = &stretches[stretch];
    now->instructions++;
    site->times++;
    unknown += site->known ? 0u : 1u;
    if (site->seen != stretch + 1u) {
        site->seen = stretch + 1u;
        now->bytes += site->instruction.bytes;
    }
    if (model != NULL) {
        if (previous != NULL && site->instruction.address != next_to(previous)) {
            jump(previous);
        }
        step(site);
    }
}

static void executed(unsigned int cpu, void *data) {
    struct site *site = data;
    const uint32_t address = site->instruction.address;
    (void)cpu;
    if (running && address == return_address) {
        end_call();
    } else if (!running && address == run_address) {
        begin_call();
    }
    if (running) {
        if (site->stretch_after != 0u) {
            enter_stretch(site->stretch_after);
        }
        count(site);
    }
    previous = site;
}

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb *block) {
    const size_t length = qemu_plugin_tb_n_insns(block);
    (void)id;
    for (size_t i = 0; i < length; i++) {
        struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(block, i);
        struct site *site = site_at((uint32_t)qemu_plugin_insn_vaddr(insn));
        /* QEMU 7.2 tells a wrong size of an instruction at the end of a page: the table's is right. */
        if (!site->known) {
            site->instruction.bytes = (uint32_t)qemu_plugin_insn_size(insn);
        }
        qemu_plugin_register_vcpu_insn_exec_cb(insn, executed, QEMU_PLUGIN_CB_NO_REGS, site);
    }
}

static enum kind kind_named(const char *name) {
    for (int kind = 0; kind < KIND_COUNT; kind++) {
        if (strcmp(kind_names[kind], name) == 0) {
            return (enum kind)kind;
        }
    }
    give_up("the table has an unknown kind of instruction");
    return KIND_ALU;
}

static void read_table(const char *path) {
    char line[256];
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        give_up("the table cannot be read");
        return;
    }
    while (fgets(line, sizeof line, file) != NULL) {
        uint32_t address, number;
        char kind[32];
        struct instruction i = {0};
        if (sscanf(line, "M %" SCNx32 " %" SCNx32, &address, &number) == 2) {
            site_at(address)->stretch_after = number + 1u;
        } else if (sscanf(line,
                          "I %" SCNx32 " %" SCNx32 " %31s %" SCNx32 " %" SCNx64 " %" SCNx64
                          " %" SCNx64 " %d",
                          &i.address, &i.bytes, kind, &i.transfers, &i.reads, &i.writes, &i.base,
                          &i.updates_base) == 8) {
            struct site *site = site_at(i.address);
            i.kind = kind_named(kind);
            site->instruction = i;
            site->known = 1;
        } else {
            give_up("the table has a line that is neither instruction nor mark");
        }
    }
    (void)fclose(file);
}

static const char *argument(int argc, char **argv, const char *name) {
    const size_t length = strlen(name);
    for (int i = 0; i < argc; i++) {
        if (strncmp(argv[i], name, length) == 0 && argv[i][length] == '=') {
            return argv[i] + length + 1u;
        }
    }
    give_up("an argument is missing");
    return "";
}

/* A file that stays open: nothing says how long arguments are kept. */
static FILE *created(int argc, char **argv, const char *name) {
    FILE *file = fopen(argument(argc, argv, name), "w");
    if (file == NULL) {
        give_up("the output cannot be written");
    }
    return file;
}

int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv) {
    const char *name = argument(argc, argv, "model");
    (void)info;
    for (size_t i = 0; i < sizeof models / sizeof *models; i++) {
        if (strcmp(models[i]->name, name) == 0) {
            model = models[i];
        }
    }
    if (model == NULL && strcmp(name, "none") != 0) {
        give_up("there is no model of that name");
    }
    run_address = (uint32_t)strtoul(argument(argc, argv, "run"), NULL, 16);
    stretch_count = (uint32_t)strtoul(argument(argc, argv, "stretches"), NULL, 10);
    stretches = calloc(stretch_count + 1u, sizeof *stretches);
    out = created(argc, argv, "out");
    profile = created(argc, argv, "profile");
    if (stretches == NULL) {
        give_up("there is too little memory");
    }
    read_table(argument(argc, argv, "table"));
    qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
    return 0;
}
