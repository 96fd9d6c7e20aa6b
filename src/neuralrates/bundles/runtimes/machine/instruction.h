/* A graph as instructions over a workspace, and the machine that runs them.
 *
 * A tensor is `width` numbers at a point. For many points it is stored number by number, each of them for all `lanes` points
 * side by side; for a single point its numbers stand side by side, rounded up to whole STEPs. */
#ifndef NEURALRATES_INSTRUCTION_H
#define NEURALRATES_INSTRUCTION_H

#include <stddef.h>
#include <stdint.h>

enum {
    STEP = 64,      /* bytes that are worked on at once */
    TOGETHER = 16,  /* points that are worked on at once: lanes are a multiple of it, or one */
    OPERANDS = 3,
    SETTINGS = 6
};

/* Where an operand is: numbers of a point, a single number of a point, constants, a single constant. */
typedef enum { MANY, ONE, CONSTANTS, CONSTANT } Kind;

/* Offset in bytes from the start of the constants, or in bytes a lane from the start of the workspace; there the first number. */
typedef struct {
    int32_t kind, offset, start;
} Operand;

/* What to do, on all points or (inner) those that a branch has chosen, with how wide a result, put where. */
typedef struct {
    int32_t code, inner, width;
    Operand result, from[OPERANDS];
    int32_t setting[SETTINGS];
} Instruction;

/* Memory of one call: no two calls share any but the constants, which nobody writes to. */
typedef struct {
    const char *constants;
    char *work;
    int32_t *places;         /* of the points that a branch has chosen */
    ptrdiff_t capacity;      /* lanes that the workspace has room for */
    ptrdiff_t lanes[2];      /* of all points, and of those that a branch has chosen */
    ptrdiff_t next;          /* instruction */
    int32_t stopped;         /* what for: a branch that is left out, by its number; 0 where nothing is */
} Machine;

typedef void (*Operation)(const Instruction *, Machine *);

#endif
