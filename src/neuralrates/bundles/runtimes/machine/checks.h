/* The one check of a program: no instruction reads or writes outside the constants and the workspace, whatever the points. */
#ifndef NEURALRATES_CHECKS_H
#define NEURALRATES_CHECKS_H

#include "operations.h"

enum { SPARES = 16 };
enum { MOST = 1 << 20 }; /* numbers of a point that a tensor may have */

/* A program: instructions and constants, which nothing changes after the check. */
typedef struct {
    Instruction *instructions;
    char *constants;
    Operand input, *outputs;
    int32_t *output_widths;
    int64_t count, constant_bytes, work_bytes, capacity, inputs, output_count;
    _Atomic(char *) spare[SPARES]; /* workspaces that no call is using */
} Program;

/* Bytes of a point (or of constants) that an operation touches: whole steps where the points come one by one. */
static int64_t touched(const Program *program, int64_t count, int64_t size) {
    return program->capacity == 1 ? whole_steps(count, size) * size : count * size;
}

static int holds(int64_t room, int64_t offset, int64_t bytes, int64_t size) {
    return offset >= 0 && offset % size == 0 && bytes >= 0 && offset <= room && bytes <= room - offset;
}

static int is_count(int64_t count) { return count >= 1 && count <= MOST; }

/* Whether some bytes are there from the first number of a part of the workspace on. */
static int is_room(const Program *program, Operand at, int64_t bytes, int64_t size) {
    if (at.offset < 0 || at.start < 0 || at.start > MOST) return 0;
    return holds(program->work_bytes, at.offset + at.start * size, bytes, size);
}

/* Whether all that an operand may touch is there: `count` numbers of a point, or constants. */
static int is_there(const Program *program, Operand from, int64_t count, int64_t size) {
    const int64_t numbers = from.kind == MANY || from.kind == CONSTANTS ? count : 1;
    if (from.kind < MANY || from.kind > CONSTANT || !is_count(count)) return 0;
    const int64_t bytes = touched(program, numbers, size);
    return from.kind <= ONE ? is_room(program, from, bytes, size)
                            : holds(program->constant_bytes, from.offset, bytes, size);
}

static int is_moving(const Program *program, Operand from, int64_t count, int64_t size) {
    return from.kind == MANY && is_there(program, from, count, size);
}

static int are_constants(const Program *program, int64_t offset, int64_t count, int64_t size) {
    return holds(program->constant_bytes, offset, count * size, size);
}

/* Whether whole numbers among the constants lie from `low` up to below `high`, and never fall where they must not. */
static int are_places(const Program *program, int64_t offset, int64_t count, int64_t high, int rising) {
    if (!are_constants(program, offset, count, sizeof(int32_t))) return 0;
    const int32_t *places = (const int32_t *)(program->constants + offset);
    for (int64_t k = 0; k < count; k++) {
        if (places[k] < 0 || places[k] >= high) return 0;
        if (rising && k && places[k] < places[k - 1]) return 0;
    }
    return 1;
}

static int is_dense(const Program *program, const Instruction *at, int64_t size) {
    const int64_t inputs = at->setting[INPUTS], repeats = at->setting[REPEATS];
    if (!is_count(inputs) || !is_count(repeats) || at->width % repeats) return 0;
    const int64_t width = at->width / repeats, is_dot = program->capacity == 1 && width == 1;
    const int64_t row = is_dot || program->capacity > 1 ? width : whole_steps(width, size);
    const int64_t written = ((repeats - 1) * width + row) * size;
    return is_count(inputs * repeats) && is_moving(program, at->from[0], inputs * repeats, size) &&
           is_room(program, at->result, written, size) &&
           are_constants(program, at->setting[WEIGHTS], inputs * row, size) &&
           are_constants(program, at->setting[ADDED], row, size);
}

/* A sparse product, or sums of fractions, which have `kinds` constants for each term and are of many points alone. */
static int is_sparse(const Program *program, const Instruction *at, int64_t repeats, int64_t kinds) {
    const int64_t inputs = at->setting[INPUTS];
    if (!is_count(inputs) || !is_count(repeats) || at->width % repeats || !is_count(inputs * repeats)) return 0;
    const int64_t width = at->width / repeats;
    if (!are_places(program, at->setting[STARTS], width + 1, MOST, 1)) return 0;
    const int64_t last = ((const int32_t *)(program->constants + at->setting[STARTS]))[width];
    return is_moving(program, at->from[0], inputs * repeats, sizeof(double)) &&
           are_places(program, at->setting[PLACES], last, inputs, 0) &&
           are_constants(program, at->setting[WEIGHTS], kinds * last, sizeof(double)) &&
           are_constants(program, at->setting[ADDED], width, sizeof(double));
}

/* Whether an instruction's operands and settings are in order, its result apart. */
static int is_form_sound(const Program *program, const Instruction *at, const Entry *entry, int64_t place) {
    const int64_t size = entry->size, width = at->width, first = at->setting[0];
    switch (entry->form) {
        case NUMBER_BY_NUMBER:
            for (int k = 0; k < entry->operands; k++)
                if (!is_there(program, at->from[k], width, size)) return 0;
            return 1;
        case PLAIN: return is_moving(program, at->from[0], width, size);
        case DENSE: return is_dense(program, at, size);
        case SPARSE: return is_sparse(program, at, at->setting[REPEATS], 1);
        case FRACTIONS: return program->capacity > 1 && is_sparse(program, at, 1, 3);
        case TAKEN:
            return is_moving(program, at->from[0], first, size) && are_places(program, at->setting[1], width, first, 0);
        case TAKEN_BY_POINT:
            return at->from[0].kind != ONE && at->from[0].kind != CONSTANT && is_there(program, at->from[0], first, size) &&
                   is_moving(program, at->from[1], width, size);
        case PUT_BY_POINT:
            return is_moving(program, at->from[0], width, size) && is_moving(program, at->from[1], first, size) &&
                   is_moving(program, at->from[2], first, size);
        case REDUCED: return width == 1 && is_moving(program, at->from[0], first, size);
        case JUMPING:
            return first > place && first <= program->count &&
                   (entry->operands == 0 || is_moving(program, at->from[0], 1, size));
        case STOPPING: return first >= 1;
        case CHOOSING: return is_moving(program, at->from[0], 1, size);
        case POINTS: return is_moving(program, at->from[0], width, size);
    }
    return 0;
}

static int is_sound(const Program *program, int64_t place) {
    const Instruction *at = program->instructions + place;
    if (at->code < 0 || at->code >= ENTRY_COUNT || (at->inner | 1) != 1 || !is_count(at->width)) return 0;
    const Entry *entry = ENTRIES + at->code;
    const int64_t wider = entry->size > entry->result_size ? entry->size : entry->result_size;
    const int64_t bytes = touched(program, at->width, wider) / wider * entry->result_size;
    const int has_result = entry->form != JUMPING && entry->form != STOPPING && entry->form != CHOOSING;
    if (has_result && !is_room(program, at->result, bytes, entry->result_size)) return 0;
    return is_form_sound(program, at, entry, place);
}

#endif
