/* Where exercise and waiting are worth the same: `roots.py`. */
#ifndef NEURALRATES_BOUNDARY_H
#define NEURALRATES_BOUNDARY_H

#include "level.h"

#define MOST_STEPS 12
#define LONGEST_STEP 1.5
#define ENOUGH 3e-3 /* length of a last step: what is missed is three times its square, and counts with its own square */
#define WORTHLESS 1e-14
#define BISECTIONS 40
#define MOST_BLOCKS (MOST_LINES / LANES)

/* The flows that this exercise exchanges, in its own coordinates. */
static void fill_exchange(exchange *e, const plane *in, frame turned, int back) {
    const size_t start = (size_t)back * in->flows;
    e->count = in->uses[back];
    for (int i = 0; i < e->count; i++) {
        const size_t k = start + in->used[start + i];
        e->amounts[i] = in->amounts[k];
        e->along[i] = turned.cosine * in->first[k] + turned.sine * in->second[k];
        e->across[i] = turned.cosine * in->second[k] - turned.sine * in->first[k];
    }
}

/* Subtract the worth of the flows in eight states, and add its derivative to u where wanted. */
FOR_EACH_PROCESSOR static void add_exchange(const exchange *e, const double *u, const double *v, double *values,
                                            double *slopes) {
    for (int k = 0; k < e->count; k++) {
        const double amount = e->amounts[k], along = e->along[k], across = e->across[k];
        double worth[LANES];
#pragma omp simd
        for (int j = 0; j < LANES; j++) {
            worth[j] = amount * fast_exp(-along * u[j] - across * v[j]);
            values[j] -= worth[j];
        }
        for (int j = 0; slopes != NULL && j < LANES; j++) slopes[j] += along * worth[j];
    }
}

/* Waiting less exercise in eight states, and its derivative to u where wanted. */
static void excess(const induction *run, int back, const double *u, const double *v, double *values, double *slopes) {
    const transition *to = &level_of(run, back)->to;
    for (int j = 0; j < LANES; j++) values[j] = 0.0;
    for (int j = 0; slopes != NULL && j < LANES; j++) slopes[j] = 0.0;
    add_exchange(&run->flows, u, v, values, slopes);
    if (back == 0) return;
    if (slopes == NULL)
        add_average(to, u, v, run->panel, values);
    else
        add_average_and_slope(to, u, v, run->panel, values, slopes);
}

static inline double within(double x, double low, double high) { return fmin(fmax(x, low), high); }

/* The state of each line by bisection; for lines that Newton's method did not settle. */
static void bisect(const induction *run, int back, const double *v, int blocks, double low, double high, double *found) {
    for (int block = 0; block < blocks; block++) {
        double left[LANES], right[LANES], middle[LANES], value[LANES];
        for (int j = 0; j < LANES; j++) {
            left[j] = low;
            right[j] = high;
        }
        for (int i = 0; i < BISECTIONS; i++) {
            for (int j = 0; j < LANES; j++) middle[j] = 0.5 * (left[j] + right[j]);
            excess(run, back, middle, v + block * LANES, value, NULL);
            for (int j = 0; j < LANES; j++) *(value[j] < 0.0 ? left + j : right + j) = middle[j];
        }
        for (int j = 0; j < LANES; j++) found[block * LANES + j] = 0.5 * (left[j] + right[j]);
    }
}

/* One step of Newton's method on every line; whether all are settled. */
static int newton_step(const induction *run, int back, const double *v, int blocks, double *states, unsigned char *settled) {
    const border *here = run->borders + back;
    int all = 1;
    for (int block = 0; block < blocks; block++) {
        double value[LANES], slope[LANES], *u = states + block * LANES;
        excess(run, back, u, v + block * LANES, value, slope);
        for (int j = 0; j < LANES; j++) {
            const double step = within(value[j] / fmax(slope[j], 1e-12), -LONGEST_STEP, LONGEST_STEP), before = u[j];
            u[j] = within(before - step, here->low, here->high);
            settled[block * LANES + j] = fabs(u[j] - before) <= ENOUGH || fabs(value[j]) <= WORTHLESS;
            all &= settled[block * LANES + j];
        }
    }
    return all;
}

/* The one state of each line in which the excess vanishes, from a guess; the nearer end of the states if there is none. */
static void solve_boundary(const induction *run, int back, const double *guess) {
    const border *here = run->borders + back;
    const rule *by = run->by;
    const int blocks = in_blocks(by->lines) / LANES;
    double v[MOST_LINES], states[MOST_LINES], slow[MOST_LINES];
    unsigned char settled[MOST_LINES];
    for (int l = 0; l < blocks * LANES; l++) {
        const int line = l < by->lines ? l : by->lines - 1;
        v[l] = by->nodes[line];
        states[l] = within(guess[line], here->low, here->high);
    }
    int all = 0;
    for (int step = 0; step < MOST_STEPS && !all; step++) all = newton_step(run, back, v, blocks, states, settled);
    if (!all) bisect(run, back, v, blocks, here->low, here->high, slow);
    for (int l = 0; l < by->lines; l++) here->states[l] = settled[l] ? states[l] : slow[l];
}

#endif
