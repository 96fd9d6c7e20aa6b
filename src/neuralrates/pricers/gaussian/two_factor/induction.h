/* Backward induction over the exercises of one right: `induction.py`. */
#ifndef NEURALRATES_INDUCTION_H
#define NEURALRATES_INDUCTION_H

#include "boundary.h"

/* Direction across the boundary: from that of break-even, turned as the next exercise's boundary is turned. */
static double angle_across(const induction *run, int back) {
    if (back == 0) return run->start[0].angle;
    const border *later = run->borders + back - 1;
    return run->start[back].angle + (later->angle - atan(later->tilt) - run->start[back - 1].angle);
}

/* A guess of the boundary: the next exercise's, moved as break-even moves, and turned upright. */
static void guess_boundary(const induction *run, int back, double *guess) {
    const rule *by = run->by;
    const double break_even = run->start[back].state;
    const border *later = run->borders + back - 1;
    double mean = 0.0;
    for (int l = 0; back && l < by->lines; l++) mean += later->states[l] * by->weights[l];
    for (int l = 0; l < by->lines; l++)
        guess[l] = back ? break_even + later->offset + (later->states[l] - mean - later->tilt * by->nodes[l]) : break_even;
}

/* The boundary of a run with at least as many lines, on the lines of this one. */
static void take_boundary(const induction *run, int back, const induction *finer) {
    const rule *by = run->by, *other = finer->by;
    border *here = run->borders + back;
    for (int l = 0; l < by->lines; l++) here->states[l] = 0.0;
    for (int k = 0; k < by->degrees && k < other->degrees; k++) {
        double coefficient = 0.0;
        for (int l = 0; l < other->lines; l++)
            coefficient += finer->borders[back].states[l] * other->projection[k * other->lines + l];
        for (int l = 0; l < by->lines; l++) here->states[l] += coefficient * by->projection[k * by->lines + l] / by->weights[l];
    }
    for (int l = 0; l < by->lines; l++) here->states[l] = within(here->states[l], here->low, here->high);
}

static void find_boundary(const induction *run, int back, const induction *finer) {
    const rule *by = run->by;
    border *here = run->borders + back;
    double guess[MOST_LINES];
    if (run->in->uses[back] == 0) { /* exercise enters what the next one enters: waiting is worth more in every state */
        for (int l = 0; l < by->lines; l++) here->states[l] = here->low;
    } else if (finer != NULL) {
        take_boundary(run, back, finer);
    } else {
        guess_boundary(run, back, guess);
        solve_boundary(run, back, guess);
    }
    here->offset = -run->start[back].state;
    here->tilt = 0.0;
    for (int l = 0; l < by->lines; l++) {
        here->offset += here->states[l] * by->projection[l];
        if (by->lines > 1) here->tilt += here->states[l] * by->projection[by->lines + l];
    }
}

/* Nodes from the central root to the end of the states, and in the slivers between it and the root of each line. */
static void place_nodes(const induction *run, int back) {
    const rule *by = run->by;
    const border *here = run->borders + back;
    level *one = level_of(run, back);
    double mean = 0.0;
    for (int l = 0; l < by->lines; l++) mean += here->states[l] * by->weights[l];
    const double centre = fmin(mean, here->high), half = 0.5 * (here->high - centre);
    for (int i = 0; i < by->columns; i++) one->weights[i] = 0.0;
    for (int i = 0; i < by->shared; i++) {
        const int point = i < by->points ? i : by->points - 1;
        one->states[i] = centre + half * (by->point[point] + 1.0);
        if (i < by->points) one->weights[i] = half * by->point_weight[i];
    }
    int i = by->shared;
    for (int l = 0; l < by->lines; l++) {
        const double width = 0.5 * (centre - here->states[l]);
        for (int k = 0; k < by->slivers; k++, i++) {
            one->states[i] = here->states[l] + width * (by->sliver[k] + 1.0);
            one->weights[i] = width * by->sliver_weight[k];
        }
    }
    for (; i < by->columns; i++) one->states[i] = one->states[i - 1];
}

/* Subtract the worth of the flows in states that every line has. */
FOR_EACH_PROCESSOR static void add_shared_exchange(const exchange *e, const rule *by, const double *restrict u,
                                                   double *restrict values) {
    for (int k = 0; k < e->count; k++) {
        double across[MOST_LINES];
        for (int l = 0; l < by->lines; l++) across[l] = fast_exp(-e->across[k] * by->nodes[l]);
        for (int j = 0; j < by->shared; j += LANES) {
            double worth[LANES];
#pragma omp simd
            for (int i = 0; i < LANES; i++) worth[i] = e->amounts[k] * fast_exp(-e->along[k] * u[j + i]);
            for (int l = 0; l < by->lines; l++)
                for (int i = 0; i < LANES; i++) values[(size_t)l * by->shared + j + i] -= across[l] * worth[i];
        }
    }
}

/* Waiting less exercise at the nodes. */
static void fill_values(induction *run, int back) {
    const rule *by = run->by;
    level *one = level_of(run, back);
    double *shared = run->values, *own = run->values + (size_t)by->lines * by->shared;
    memset(shared, 0, (size_t)by->lines * by->shared * sizeof(double));
    add_shared_exchange(&run->flows, by, one->states, shared);
    if (back) {
        fill_lines(&run->spread, &one->to, by, 0.0, 0.0);
        add_shared_averages(&one->to, &run->spread, by, one->states, run->panel, shared);
    }
    for (int i = by->shared; i < by->columns; i += LANES)
        excess(run, back, one->states + i, run->lines + i, own + i - by->shared, NULL);
}

/* Weighted Hermite coefficients, by node, of the values. */
FOR_EACH_PROCESSOR static void expand_values(const induction *run, int back) {
    const rule *by = run->by;
    const level *one = level_of(run, back);
    const double *own = run->values + (size_t)by->lines * by->shared;
    for (int k = 0; k < by->degrees; k++) {
        double *restrict found = one->expanded + (size_t)k * by->columns;
        const double *projection = by->projection + (size_t)k * by->lines;
        for (int i = 0; i < by->columns; i++) found[i] = 0.0;
        for (int l = 0; l < by->lines; l++) {
            const double factor = projection[l], *restrict values = run->values + (size_t)l * by->shared;
#pragma omp simd
            for (int i = 0; i < by->shared; i++) found[i] += factor * values[i];
        }
        for (int i = 0; i < by->lines * by->slivers; i++) found[by->shared + i] = projection[i / by->slivers] * own[i];
        for (int i = 0; i < by->columns; i++) found[i] *= one->weights[i];
    }
}

/* Value today of the right that begins with this exercise. */
static double value_of_right(const induction *run, int back) {
    const level *one = level_of(run, back);
    const double *values = run->in->values + (size_t)back * run->in->flows;
    double found = 0.0, waiting = 0.0;
    for (int k = 0; k < run->in->flows; k++) found += values[k];
    for (int i = 0; i < run->by->columns; i++) run->panel[i] = -0.5 * one->states[i] * one->states[i];
    exponentials(run->panel, run->by->columns);
    for (int i = 0; i < run->by->columns; i++) waiting += run->panel[i] * one->expanded[i];
    return found + waiting / ROOT_TWO_PI;
}

static void step_back(induction *run, int back, const induction *finer) {
    const rule *by = run->by;
    border *here = run->borders + back;
    level *one = level_of(run, back);
    here->angle = finer == NULL ? angle_across(run, back) : finer->borders[back].angle;
    here->turned = frame_of(here->angle);
    here->low = -by->half_width - run->start[back].lowest;
    here->high = by->half_width + run->start[back].highest;
    if (back) {
        const level *later = level_of(run, back - 1);
        fill_transition(&one->to, later->states, run->borders[back - 1].turned, here->turned, run->in->steps[back]);
        fill_coefficients(&one->to, by, later->expanded);
    }
    fill_exchange(&run->flows, run->in, here->turned, back);
    find_boundary(run, back, finer);
    place_nodes(run, back);
    fill_values(run, back);
    expand_values(run, back);
    run->rights[back] = value_of_right(run, back);
}

/* Run backward through the exercises; coordinates and boundaries are those of a finer run where one is given. */
static void induce(induction *run, const plane *in, const break_even *start, const induction *finer) {
    const rule *by = run->by;
    run->in = in;
    run->start = start;
    for (int i = by->shared; i < by->columns; i++) {
        const int line = (i - by->shared) / by->slivers;
        run->lines[i] = by->nodes[line < by->lines ? line : by->lines - 1];
    }
    for (int back = 0; back < in->exercises; back++) step_back(run, back, finer);
}

#endif
