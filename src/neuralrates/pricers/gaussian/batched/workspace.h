/* Memory for one right at a time, taken once a call. */
#ifndef NEURALRATES_WORKSPACE_H
#define NEURALRATES_WORKSPACE_H

#include <stdlib.h>

#include "forward.h"

/* Sizes of the largest right of a call. */
typedef struct {
    long exercises, flows, nodes, boundaries; /* flows and nodes padded */
} Size;

typedef struct {
    void *memory;
    long nodes;
    double *present_values, *loadings;
    unsigned char *to_come;
    Space space, coarse_space;
    Level *levels, *coarse_levels;
    double *scratch;
    Scratch forward;
    double *to_present_values, *to_loadings;
} Workspace;

static double *next_doubles(double **at, long count) {
    double *found = *at;
    *at += count;
    return found;
}

static long *next_longs(long **at, long count) {
    long *found = *at;
    *at += count;
    return found;
}

static unsigned char *next_bytes(unsigned char **at, long count) {
    unsigned char *found = *at;
    *at += count;
    return found;
}

static Space space_in(double **at, unsigned char **bytes, long exercises) {
    Space space;
    space.variances = next_doubles(at, exercises);
    space.steps = next_doubles(at, exercises);
    space.lows = next_doubles(at, exercises);
    space.highs = next_doubles(at, exercises);
    space.floored = next_bytes(bytes, exercises);
    space.too_early = next_bytes(bytes, exercises);
    return space;
}

static void levels_in(double **at, long **ends, const Size *size, Level *levels) {
    for (long i = 0; i < size->exercises; i++) {
        levels[i].states = next_doubles(at, size->nodes);
        levels[i].weights = next_doubles(at, size->nodes);
        levels[i].values = next_doubles(at, size->nodes);
        levels[i].slopes = next_doubles(at, size->nodes);
        levels[i].drift = next_doubles(at, size->nodes);
        levels[i].kinks = next_doubles(at, size->boundaries);
        levels[i].ends = next_longs(ends, size->boundaries + 1);
    }
}

static Scratch scratch_in(double **at, const Size *size) {
    Scratch rows;
    rows.loadings = next_doubles(at, size->flows);
    rows.amounts = next_doubles(at, size->flows);
    rows.flows = next_doubles(at, size->flows);
    rows.moved = next_doubles(at, size->flows);
    rows.masses = next_doubles(at, size->nodes);
    rows.chances = next_doubles(at, size->nodes);
    rows.next_masses = next_doubles(at, size->nodes);
    rows.next_chances = next_doubles(at, size->nodes);
    rows.steps = next_doubles(at, size->exercises);
    return rows;
}

/* Whether there was memory; `memory` is freed by the caller. */
static int open_workspace(const Size *size, Workspace *work) {
    const size_t table = (size_t)size->exercises * (size_t)size->flows;
    const size_t level = 5 * (size_t)size->nodes + (size_t)size->boundaries;
    const size_t doubles = 2 * table + 8 * (size_t)size->flows + 6 * (size_t)size->nodes +
                           (size_t)size->exercises * (2 * level + 9);
    const size_t bytes = table + 4 * (size_t)size->exercises;
    const size_t levels = 2 * (size_t)size->exercises * sizeof(Level);
    const size_t ends = 2 * (size_t)size->exercises * (size_t)(size->boundaries + 1) * sizeof(long);
    work->memory = calloc(1, doubles * sizeof(double) + levels + ends + bytes);
    if (!work->memory) return 0;
    work->nodes = size->nodes;
    double *at = work->memory;
    work->levels = (Level *)(at + doubles);
    long *segments = (long *)((unsigned char *)work->levels + levels);
    unsigned char *end = (unsigned char *)segments + ends;
    work->coarse_levels = work->levels + size->exercises;
    work->present_values = next_doubles(&at, (long)table);
    work->to_present_values = next_doubles(&at, (long)table);
    work->loadings = next_doubles(&at, size->flows);
    work->to_loadings = next_doubles(&at, size->flows);
    work->scratch = next_doubles(&at, 2 * (size->flows + size->nodes));
    work->forward = scratch_in(&at, size);
    levels_in(&at, &segments, size, work->levels);
    levels_in(&at, &segments, size, work->coarse_levels);
    work->to_come = next_bytes(&end, (long)table);
    work->space = space_in(&at, &end, size->exercises);
    work->coarse_space = space_in(&at, &end, size->exercises);
    return 1;
}

#endif
