/* Operations that take numbers from places and put them there, that look for the largest, and that choose points. */
#ifndef NEURALRATES_PLACES_H
#define NEURALRATES_PLACES_H

#include "walk.h"

/* Numbers that stand at places known beforehand; the first setting is how many there are to take from. */
#define TAKE(name, type)                                                        \
    FOR_EACH_PROCESSOR static void name(const Instruction *at, Machine *machine) {  \
        const int32_t *places = (const int32_t *)(machine->constants + at->setting[1]); \
        const type *x = (const type *)operand_at(machine, at->from[0], at->inner, sizeof(type));         \
        type *y = (type *)work_at(machine, at->result, at->inner, sizeof(type));                         \
        const ptrdiff_t lanes = lanes_of(at, machine);                          \
        if (machine->capacity == 1) {                                           \
            for (ptrdiff_t k = 0; k < at->width; k++) y[k] = x[places[k]];      \
            return;                                                             \
        }                                                                       \
        for (ptrdiff_t k = 0; k < at->width; k++)                               \
            FOR_EACH(type, lanes, y[k * lanes + j] = x[places[k] * lanes + j])  \
    }

TAKE(take, double)
TAKE(take_single, float)

/* Numbers of each point by places of its own; none where a place is none. */
static void take_by_point(const Instruction *at, Machine *machine) {
    const double *x = (const double *)operand_at(machine, at->from[0], at->inner, sizeof(double));
    const double *places = (const double *)operand_at(machine, at->from[1], at->inner, sizeof(double));
    double *y = (double *)work_at(machine, at->result, at->inner, sizeof(double));
    const ptrdiff_t lanes = lanes_of(at, machine), count = at->setting[0];
    const int spread = at->from[0].kind == CONSTANTS;
    for (ptrdiff_t k = 0; k < at->width; k++)
        for (ptrdiff_t j = 0; j < lanes; j++) {
            const double place = places[k * lanes + j], from_end = place < 0.0 ? place + (double)count : place;
            const int is_place = from_end >= 0.0 && from_end < (double)count;
            const ptrdiff_t row = is_place ? (ptrdiff_t)from_end : 0;
            y[k * lanes + j] = is_place ? x[spread ? row : row * lanes + j] : (double)NAN;
        }
}

/* Numbers put in, or added, at places of each point's own; a place that is none spoils the first number. */
static void put_by_point(const Instruction *at, Machine *machine) {
    const double *ground = (const double *)operand_at(machine, at->from[0], at->inner, sizeof(double));
    const double *places = (const double *)operand_at(machine, at->from[1], at->inner, sizeof(double));
    const double *updates = (const double *)operand_at(machine, at->from[2], at->inner, sizeof(double));
    double *y = (double *)work_at(machine, at->result, at->inner, sizeof(double));
    const ptrdiff_t lanes = lanes_of(at, machine), count = at->width;
    memcpy(y, ground, (size_t)(count * lanes) * sizeof *y);
    for (ptrdiff_t k = 0; k < at->setting[0]; k++)
        for (ptrdiff_t j = 0; j < lanes; j++) {
            const double place = places[k * lanes + j], from_end = place < 0.0 ? place + (double)count : place;
            const int is_place = from_end >= 0.0 && from_end < (double)count;
            double *target = y + (is_place ? (ptrdiff_t)from_end : 0) * lanes + j;
            const double update = is_place ? updates[k * lanes + j] : (double)NAN;
            *target = at->setting[1] ? *target + update : update;
        }
}

/* The largest (smallest) of the numbers of a point, and its place: the first of equal ones, and of what is no number. */
#define EXTREME(name, comparison, found)                                        \
    FOR_EACH_PROCESSOR static void name(const Instruction *at, Machine *machine) {  \
        const double *x = (const double *)operand_at(machine, at->from[0], at->inner, sizeof(double));     \
        double *y = (double *)work_at(machine, at->result, at->inner, sizeof(double));                     \
        const ptrdiff_t lanes = lanes_of(at, machine);                          \
        for (ptrdiff_t j = 0; j < lanes; j++) {                                 \
            double best = x[j];                                                 \
            ptrdiff_t place = 0;                                                \
            for (ptrdiff_t k = 1; k < at->setting[0]; k++) {                    \
                const double next = x[k * lanes + j];                           \
                const int is_next = (next comparison best) | ((next != next) & (best == best)); \
                place = is_next ? k : place;                                    \
                best = is_next ? next : best;                                   \
            }                                                                   \
            (void)place;                                                        \
            y[j] = (double)found;                                               \
        }                                                                       \
    }

EXTREME(largest, >, best)
EXTREME(smallest, <, best)
EXTREME(place_of_largest, >, place)
EXTREME(place_of_smallest, <, place)

/* Each number's largest over all points, which every point then has. */
FOR_EACH_PROCESSOR static void largest_of_points(const Instruction *at, Machine *machine) {
    const double *x = (const double *)operand_at(machine, at->from[0], at->inner, sizeof(double));
    double *y = (double *)work_at(machine, at->result, at->inner, sizeof(double));
    const ptrdiff_t lanes = lanes_of(at, machine);
    for (ptrdiff_t k = 0; k < at->width; k++) {
        double best = x[k * lanes];
        for (ptrdiff_t j = 1; j < lanes; j++) best = x[k * lanes + j] > best ? x[k * lanes + j] : best;
        for (ptrdiff_t j = 0; j < lanes; j++) y[k * lanes + j] = best;
    }
}

/* Go on elsewhere, further on: always, or where the first point has no truth. */
static void jump(const Instruction *at, Machine *machine) { machine->next = at->setting[0]; }

static void jump_unless(const Instruction *at, Machine *machine) {
    if (*(const double *)operand_at(machine, at->from[0], 0, sizeof(double)) == 0.0) machine->next = at->setting[0];
}

static void stop(const Instruction *at, Machine *machine) { machine->stopped = at->setting[0]; }

/* The points of a branch are those with a truth, the last of them repeated up to a multiple of TOGETHER. */
static void choose_points(const Instruction *at, Machine *machine) {
    if (machine->capacity == 1) return;
    const double *truths = (const double *)operand_at(machine, at->from[0], 0, sizeof(double));
    const ptrdiff_t lanes = machine->lanes[0];
    ptrdiff_t count = 0;
    for (ptrdiff_t j = 0; j < lanes; j++)
        if (truths[j] != 0.0) machine->places[count++] = (int32_t)j;
    if (count == 0) machine->places[count++] = 0;
    for (; count % TOGETHER; count++) machine->places[count] = machine->places[count - 1];
    machine->lanes[1] = count;
}

/* Numbers of the chosen points, and back. */
static void take_points(const Instruction *at, Machine *machine) {
    const double *x = (const double *)operand_at(machine, at->from[0], 0, sizeof(double));
    double *y = (double *)work_at(machine, at->result, 1, sizeof(double));
    const ptrdiff_t lanes = machine->lanes[0], chosen = machine->lanes[1];
    for (ptrdiff_t k = 0; k < at->width; k++)
        for (ptrdiff_t j = 0; j < chosen; j++) y[k * chosen + j] = x[k * lanes + machine->places[j]];
}

static void put_points(const Instruction *at, Machine *machine) {
    const double *x = (const double *)operand_at(machine, at->from[0], 1, sizeof(double));
    double *y = (double *)work_at(machine, at->result, 0, sizeof(double));
    const ptrdiff_t lanes = machine->lanes[0], chosen = machine->lanes[1];
    for (ptrdiff_t k = 0; k < at->width; k++)
        for (ptrdiff_t j = 0; j < chosen; j++) y[k * lanes + machine->places[j]] = x[k * chosen + j];
}

#endif
