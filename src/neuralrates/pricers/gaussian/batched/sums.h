/* The sums over flows and over nodes that a backward induction is made of: all its exponentials are here. */
#ifndef NEURALRATES_SUMS_H
#define NEURALRATES_SUMS_H

#include "functions.h"

/* What is received and what is given in a state, and their slopes. */
typedef struct {
    double received, received_slope, given, given_slope;
} Legs;

/* Flows worth amount times e^(-loading x) each in state x. */
FOR_EACH_PROCESSOR
static Legs legs_at(long count, const double *amounts, const double *loadings, double state) {
    double received = 0.0, received_slope = 0.0, given = 0.0, given_slope = 0.0;
#pragma omp simd reduction(+ : received, received_slope, given, given_slope)
    for (long k = 0; k < count; k++) {
        const double worth = amounts[k] * fast_exp(-loadings[k] * state);
        const double gained = worth > 0.0 ? worth : 0.0, lost = worth > 0.0 ? 0.0 : -worth;
        received += gained;
        received_slope -= loadings[k] * gained;
        given += lost;
        given_slope -= loadings[k] * lost;
    }
    return (Legs){received, received_slope, given, given_slope};
}

#define REACH 9.0 /* deviations beyond which nodes weigh nothing: 2e-19 together */

#define LANES 8
#define FEW 32 /* nodes that are sooner summed than searched */

/* Flows and segments end on whole groups of numbers that a processor takes at once; what is added weighs nothing. */
static inline long padded(long count) { return (count + LANES - 1) / LANES * LANES; }

typedef struct {
    long start, count;
} Range;

/* The first of increasing nodes that is not below a value. */
static long first_from(const double *nodes, long start, long end, double value) {
    while (start < end) {
        const long middle = start + (end - start) / 2;
        if (nodes[middle] < value) {
            start = middle + 1;
        } else {
            end = middle;
        }
    }
    return start;
}

/* Nodes of one segment between two states, in whole groups; all of them where they are few, or something is no number. */
static Range between(const double *nodes, long start, long end, double low, double high) {
    if (end - start <= FEW || !(nodes[start] <= nodes[end - 1]) || isnan(low) || isnan(high)) return (Range){start, end - start};
    const long first = first_from(nodes, start, end, low) / LANES * LANES;
    return (Range){first, padded(first_from(nodes, first, end, high) - first)};
}

/* Average of something around a state, and of the same times the node. */
typedef struct {
    double value, moved;
} Averages;

/* Average of what has these masses at the nodes, and of the same times the node; `half` is 1 / (2 variance). */
FOR_EACH_PROCESSOR
static Averages masses_around(long count, const double *nodes, const double *masses, double half, double state) {
    double value = 0.0, moved = 0.0;
#pragma omp simd reduction(+ : value, moved)
    for (long k = 0; k < count; k++) {
        const double distance = nodes[k] - state;
        const double part = masses[k] * fast_exp(-half * distance * distance);
        value += part;
        moved += part * nodes[k];
    }
    return (Averages){value, moved};
}

/* Add the averages around as many states as a group has of what has these masses at the nodes. */
FOR_EACH_PROCESSOR
static void add_averages(long count, const double *nodes, const double *masses, double half, const double *states,
                         double *restrict values) {
    double total[LANES] = {0.0};
    for (long k = 0; k < count; k++)
#pragma omp simd
        for (int l = 0; l < LANES; l++) {
            const double distance = nodes[k] - states[l];
            total[l] += masses[k] * fast_exp(-half * distance * distance);
        }
    for (int l = 0; l < LANES; l++) values[l] += total[l];
}

/* The same, and of what has other masses, and of that times the node. */
FOR_EACH_PROCESSOR
static void add_three_averages(long count, const double *nodes, const double *masses, const double *turned, double half,
                               const double *states, double *restrict values, double *restrict slopes, double *restrict moved) {
    double total[LANES] = {0.0}, slope[LANES] = {0.0}, drift[LANES] = {0.0};
    for (long k = 0; k < count; k++)
#pragma omp simd
        for (int l = 0; l < LANES; l++) {
            const double distance = nodes[k] - states[l], density = fast_exp(-half * distance * distance);
            const double part = turned[k] * density;
            total[l] += masses[k] * density;
            slope[l] += part;
            drift[l] += part * nodes[k];
        }
    for (int l = 0; l < LANES; l++) {
        values[l] += total[l];
        slopes[l] += slope[l];
        moved[l] += drift[l];
    }
}

/* Worth of flows in as many states as a group has, and its slopes. */
FOR_EACH_PROCESSOR
static void worth_in(long count, const double *amounts, const double *loadings, const double *states, double *restrict values,
                     double *restrict slopes) {
    double total[LANES] = {0.0}, slope[LANES] = {0.0};
    for (long k = 0; k < count; k++)
#pragma omp simd
        for (int l = 0; l < LANES; l++) {
            const double worth = amounts[k] * fast_exp(-loadings[k] * states[l]);
            total[l] += worth;
            slope[l] -= loadings[k] * worth;
        }
    for (int l = 0; l < LANES; l++) {
        values[l] = total[l] > 0.0 || isnan(total[l]) ? total[l] : 0.0;
        slopes[l] = slope[l];
    }
}

/* Add what two kinds of masses of some states weigh at as many nodes as a group has, by the density around each. */
FOR_EACH_PROCESSOR
static void add_spread(long count, const double *states, const double *masses, const double *chances, double half,
                       const double *nodes, double *restrict first, double *restrict second) {
    double one[LANES] = {0.0}, other[LANES] = {0.0};
    for (long k = 0; k < count; k++)
#pragma omp simd
        for (int l = 0; l < LANES; l++) {
            const double distance = nodes[l] - states[k], density = fast_exp(-half * distance * distance);
            one[l] += masses[k] * density;
            other[l] += chances[k] * density;
        }
    for (int l = 0; l < LANES; l++) {
        first[l] += one[l];
        second[l] += other[l];
    }
}

/* Multiply by e^(tilt x + constant) in each state x. */
FOR_EACH_PROCESSOR
static void tilted(long count, const double *states, double tilt, double constant, double *restrict values) {
#pragma omp simd
    for (long k = 0; k < count; k++) values[k] *= fast_exp(tilt * states[k] + constant);
}

/* Add a mass in a state to what a unit of every flow is worth, and to the same times the state. */
FOR_EACH_PROCESSOR
static void exercised(long count, const double *loadings, double state, double mass, double *restrict flows,
                      double *restrict moved) {
#pragma omp simd
    for (long k = 0; k < count; k++) {
        const double worth = mass * fast_exp(-loadings[k] * state);
        flows[k] += worth;
        moved[k] += worth * state;
    }
}

/* What flows are worth at times when the state has this variance: amounts by which they are multiplied later. */
FOR_EACH_PROCESSOR
static void decayed(long count, const double *present_values, const double *loadings, double variance, double *amounts) {
#pragma omp simd
    for (long k = 0; k < count; k++) amounts[k] = present_values[k] * fast_exp(-0.5 * variance * loadings[k] * loadings[k]);
}

#endif
