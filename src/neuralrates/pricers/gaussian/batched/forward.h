/* From today forward over what a backward induction kept: derivatives, and probabilities of exercise; `forward` of this folder. */
#ifndef NEURALRATES_FORWARD_H
#define NEURALRATES_FORWARD_H

#include "induction.h"

/* Where derivatives and probabilities of one right go; the derivatives are NULL where none are wanted. */
typedef struct {
    double *probabilities, *present_values, *loadings, *variances;
} Wanted;

/* Rows of numbers that are needed on the way. */
typedef struct {
    double *loadings, *amounts, *flows, *moved; /* by flow */
    double *masses, *chances, *next_masses, *next_chances; /* by node */
    double *steps; /* by exercise */
} Scratch;

/* Masses that the nodes of the first exercise have today, and the same in the bank-account measure. */
static void begin(const Space *space, const Level *level, const double *mean_loadings, Scratch *rows) {
    const double tilt = -mean_loadings[0], step = space->steps[0];
    double moved = 0.0;
    for (long k = 0; k < level->count; k++) {
        const double state = level->states[k];
        rows->masses[k] = rows->chances[k] = level->weights[k] * fast_exp(-0.5 / step * state * state);
        moved += rows->masses[k] * state * level->slopes[k];
    }
    tilted(level->count, level->states, tilt, -0.5 * tilt * tilt * step, rows->chances);
    rows->steps[0] = moved * (0.5 / step);
}

/* What is exercised here: derivatives to what each flow is worth, to its loading, and to the variance. */
static double take(const Right *right, long exercise, double variance, const Level *level, const Wanted *wanted, Scratch *rows) {
    const double *present_values = right->present_values + exercise * right->flows;
    spanned_loadings(right, exercise, rows->loadings);
    memset(rows->flows, 0, right->flows * sizeof(double));
    memset(rows->moved, 0, right->flows * sizeof(double));
    for (long k = level->held; k < level->count; k++)
        if (level->weights[k] != 0.0) exercised(right->flows, rows->loadings, level->states[k], rows->masses[k], rows->flows, rows->moved);
    double growing = 0.0;
    double *restrict found = wanted->present_values + exercise * right->flows;
    for (long f = 0; f < right->flows; f++) {
        const double loading = rows->loadings[f], decay = exp(-0.5 * loading * loading * variance);
        const double amount = present_values[f] * decay;
        found[f] = rows->flows[f] * decay;
        wanted->loadings[f] -= amount * (loading * variance * rows->flows[f] + rows->moved[f]);
        growing -= 0.5 * amount * loading * loading * rows->flows[f];
    }
    return growing;
}

/* Masses of the next exercise's nodes from those where this one waits. */
static void carry(const Space *space, long next, double mean_loading, const Level *level, const Level *later, Scratch *rows) {
    const double step = space->steps[next], half = 0.5 / step, tilt = -mean_loading, reach = REACH * sqrt(step);
    double drift = 0.0;
    tilted(level->held, level->states, -tilt, -0.5 * tilt * tilt * step, rows->chances);
    for (long k = 0; k < level->held; k++)
        if (level->weights[k] != 0.0) drift += rows->masses[k] * level->drift[k];
    for (long at = 0; at < later->count; at += LANES) {
        const double *nodes = later->states + at, low = nodes[0] - reach, high = nodes[LANES - 1] + reach;
        double *masses = rows->next_masses + at, *chances = rows->next_chances + at;
        for (int l = 0; l < LANES; l++) masses[l] = chances[l] = 0.0;
        for (int n = 0; n < level->segments && level->ends[n] <= level->held; n++) {
            const Range range = between(level->states, n ? level->ends[n - 1] : 0, level->ends[n], low, high);
            add_spread(range.count, level->states + range.start, rows->masses + range.start, rows->chances + range.start, half,
                       nodes, masses, chances);
        }
        for (int l = 0; l < LANES; l++) {
            masses[l] *= later->weights[at + l];
            chances[l] *= later->weights[at + l];
        }
    }
    tilted(later->count, later->states, tilt, 0.0, rows->next_chances);
    rows->steps[next] = drift;
    double *masses = rows->masses, *chances = rows->chances;
    rows->masses = rows->next_masses;
    rows->chances = rows->next_chances;
    rows->next_masses = masses;
    rows->next_chances = chances;
}

/* Probabilities of exercise and, where wanted, derivatives of the value: where exercise meets waiting the value has no jump, so
 * nodes and boundaries count as fixed. Source of the change of measure: Hagan (2002), equation 2.1. */
static void run_forward(const Right *right, const Space *space, const Level *levels, const double *mean_loadings, const Wanted *wanted,
                        Scratch *rows) {
    begin(space, levels, mean_loadings, rows);
    for (long i = 0; i < right->exercises; i++) {
        const Level *level = levels + i;
        double probability = 0.0;
        for (long k = level->held; k < level->count; k++) probability += rows->chances[k];
        wanted->probabilities[i] = probability;
        if (wanted->present_values) wanted->variances[i] = take(right, i, space->variances[i], level, wanted, rows);
        if (i + 1 < right->exercises) carry(space, i + 1, mean_loadings[i + 1], level, level + 1, rows);
    }
    if (!wanted->present_values) return;
    for (long i = 0; i < right->exercises; i++) {
        const double here = space->floored[i] ? 0.0 : rows->steps[i];
        const double next = i + 1 < right->exercises && !space->floored[i + 1] ? rows->steps[i + 1] : 0.0;
        wanted->variances[i] += here - next;
    }
}

#endif
