/* How elementwise operations walk through their operands: an outer loop of strides, an inner one of whole steps. */
#ifndef NEURALRATES_WALK_H
#define NEURALRATES_WALK_H

#include "functions.h"
#include "instruction.h"

/* An operand: its start, and by how many numbers each loop moves on; the inner one by one or not at all. */
typedef struct {
    const char *start;
    ptrdiff_t outer;
    int moves;
} Stream;

typedef struct {
    char *result;
    ptrdiff_t outer, inner;
    Stream from[OPERANDS];
} Walk;

ALWAYS_INLINE ptrdiff_t lanes_of(const Instruction *at, const Machine *machine) {
    return machine->lanes[at->inner];
}

/* The first number of what `size` bytes long numbers in the workspace stand for, of all points or of those chosen. */
ALWAYS_INLINE char *work_at(const Machine *machine, Operand at, int inner, ptrdiff_t size) {
    return machine->work + at.offset * machine->capacity + at.start * machine->lanes[inner] * size;
}

ALWAYS_INLINE const char *operand_at(const Machine *machine, Operand from, int inner, ptrdiff_t size) {
    return from.kind <= ONE ? work_at(machine, from, inner, size) : machine->constants + from.offset;
}

ALWAYS_INLINE ptrdiff_t whole_steps(ptrdiff_t count, ptrdiff_t size) {
    return (count * size + STEP - 1) / STEP * (STEP / size);
}

/* The loops of an operation on `count` operands; one loop alone where no operand repeats. Sizes of a number in bytes. */
ALWAYS_INLINE Walk walk_of(const Instruction *at, const Machine *machine, int count, ptrdiff_t size, ptrdiff_t made) {
    const ptrdiff_t lanes = lanes_of(at, machine), width = at->width;
    const int alone = machine->capacity == 1;
    int repeats = 0;
    Walk walk = {.result = work_at(machine, at->result, at->inner, made)};
    for (int k = 0; k < count; k++) {
        const int kind = at->from[k].kind;
        Stream *stream = &walk.from[k];
        stream->start = operand_at(machine, at->from[k], at->inner, size);
        stream->outer = kind == MANY ? lanes : kind == CONSTANTS;
        stream->moves = kind == MANY || (alone ? kind == CONSTANTS : kind == ONE);
        repeats |= kind == ONE || kind == CONSTANTS;
    }
    const int flat = alone || !repeats || width == 1;
    walk.outer = flat ? 1 : width;
    walk.inner = alone ? whole_steps(width, size > made ? size : made) : flat ? width * lanes : lanes;
    return walk;
}

/* Run a statement for each j of `count` numbers, whole steps at a time: y[j] and what the operands hold are at hand. */
#define FOR_EACH(type, count, statement)                                          \
    for (ptrdiff_t first = 0; first < (count); first += STEP / (ptrdiff_t)sizeof(type)) { \
        _Pragma("omp simd") for (ptrdiff_t j = first; j < first + STEP / (ptrdiff_t)sizeof(type); j++) { statement; } \
    }

#endif
