/* What one exercise leaves behind, and what a run over all of them works with. */
#ifndef NEURALRATES_LEVEL_H
#define NEURALRATES_LEVEL_H

#include "break_even.h"
#include "shared.h"

/* Where exercise ends. */
typedef struct {
    double angle; /* of u in the plane, radians */
    frame turned;
    double low, high;    /* ends of the states */
    double *states;      /* u, by line */
    double offset, tilt; /* of their average from break-even; slope in v */
} border;

/* Nodes where waiting is worth more. */
typedef struct {
    double *states, *weights; /* of shared nodes, then of those of one line each; weights carry a sign */
    double *expanded;         /* [degree][node]: waiting less exercise as weighted Hermite coefficients */
    transition to;            /* the next exercise; not for the last */
} level;

/* Flows that an exercise exchanges for those of the next, in its coordinates: amount exp(-along u - across v). */
typedef struct {
    int count;
    double *amounts, *along, *across;
} exchange;

typedef struct {
    const rule *by;
    const plane *in;
    const break_even *start;
    border *borders; /* by exercise, counted from the last */
    level *levels;   /* as many as are kept */
    int kept;        /* all, or the last two */
    double *lines;   /* v of the nodes of one line each, then padding */
    exchange flows;  /* of the exercise at hand */
    spread_lines spread;
    double *values; /* [line][shared], then of the other nodes */
    double *panel;  /* two densities a column and lane */
    double *rights; /* values today of the rights that begin at each exercise */
} induction;

static inline level *level_of(const induction *run, int back) { return run->levels + back % run->kept; }

static void lay_out_level(level *one, arena *from, const rule *r) {
    const size_t count = (size_t)r->columns;
    one->states = take_doubles(from, count);
    one->weights = take_doubles(from, count);
    one->expanded = take_doubles(from, count * (size_t)r->degrees);
    lay_out_transition(&one->to, from, r);
}

static void lay_out_induction(induction *run, arena *from, const rule *by, int exercises, int flows, int keep) {
    const size_t n = (size_t)exercises, lines = (size_t)by->lines, count = (size_t)by->columns;
    run->by = by;
    run->kept = keep || exercises < 2 ? exercises : 2;
    run->borders = take(from, n * sizeof(border));
    run->levels = take(from, (size_t)run->kept * sizeof(level));
    double *states = take_doubles(from, n * lines);
    for (size_t i = 0; i < n && from->memory != NULL; i++) run->borders[i].states = states + i * lines;
    for (int i = 0; i < run->kept; i++) {
        level counted;
        lay_out_level(from->memory == NULL ? &counted : run->levels + i, from, by);
    }
    run->lines = take_doubles(from, count);
    run->flows.amounts = take_doubles(from, (size_t)flows);
    run->flows.along = take_doubles(from, (size_t)flows);
    run->flows.across = take_doubles(from, (size_t)flows);
    lay_out_lines(&run->spread, from, by);
    run->values = take_doubles(from, lines * (size_t)by->shared + count);
    run->panel = take_doubles(from, 2 * count * LANES);
    run->rights = take_doubles(from, n);
}

#endif
