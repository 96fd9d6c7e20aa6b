/* Backward induction of one right under one factor: `state_space`, `induction` of this folder for one trade. */
#ifndef NEURALRATES_INDUCTION_H
#define NEURALRATES_INDUCTION_H

#include "roots.h"

#define SMALLEST_VARIANCE 1e-22
#define SMALLEST_STEP 1e-14
#define ROOT_OF_TWO_PI 2.5066282746310002
/* Numbers of nodes, and where states end. */
typedef struct {
    long points;         /* to a segment */
    const double *nodes; /* Gauss-Legendre on [-1, 1] */
    const double *weights;
    int boundaries;
    double half_width;
} Rule;

/* A right: `flows` is padded, what is added has no amount and no loading. */
typedef struct {
    long exercises, flows;
    const double *variances, *loadings;
    const double *present_values; /* by exercise, `flows` apart */
    const unsigned char *to_come; /* whether the exercise or a later one is paid the flow, as `present_values` */
} Right;

/* One exercise: nodes where waiting is worth more stand before those where exercise is. */
typedef struct {
    long held, count; /* nodes of waiting; of both */
    int segments;
    long *ends; /* of the nodes of each segment, in which they increase */
    double *states, *weights, *values, *slopes, *drift; /* weights with 1 / sqrt(2 pi variance) of the step before */
    double *kinks;
} Level;

typedef struct {
    double *variances, *steps, *lows, *highs; /* a step leads to its exercise */
    unsigned char *floored, *too_early;
} Space;

/* The larger of two, and not a number where the first is none. */
static inline double at_least(double value, double low) { return value < low ? low : value; }

/* Where the state of each exercise lives: see `reach` of `neuralrates.pricers.gaussian.resolution`. */
static void lay_out(const Right *right, double half_width, Space *space) {
    const double *loadings = right->loadings;
    double last = -INFINITY, centre = 0.0, held = 0.0, variance = 0.0;
    for (long f = 0; f < right->flows; f++)
        if (right->to_come[f] && loadings[f] > last) last = loadings[f];
    for (long i = 0; i < right->exercises; i++) {
        const double asked = at_least(right->variances[i], SMALLEST_VARIANCE);
        if (i == 0) {
            space->steps[0] = asked;
            space->floored[0] = right->variances[0] < SMALLEST_VARIANCE;
        } else {
            const double before = at_least(right->variances[i - 1], SMALLEST_VARIANCE);
            const double least = at_least(SMALLEST_STEP * before, SMALLEST_VARIANCE), wanted = asked - before;
            space->floored[i] = !(wanted >= least);
            space->steps[i] = at_least(wanted, least);
        }
        variance += space->steps[i];
        double nearest = last;
        for (long f = 0; f < right->flows; f++)
            if (right->to_come[i * right->flows + f] && loadings[f] < nearest) nearest = loadings[f];
        if (i == 0) held = nearest;
        centre -= held * space->steps[i];
        held = nearest;
        const double margin = half_width * sqrt(variance);
        space->variances[i] = variance;
        space->lows[i] = -last * variance - margin;
        space->highs[i] = centre + margin;
        const double *flows = right->present_values + i * right->flows;
        space->too_early[i] = i + 1 < right->exercises && memcmp(flows, flows + right->flows, right->flows * sizeof(double)) == 0;
    }
}

/* Nodes of one segment. */
static void place(const Rule *rule, double start, double end, double norm, Level *level) {
    const double half = 0.5 * (end - start);
    for (long k = 0; k < rule->points; k++) {
        level->states[level->count] = start + half * (rule->nodes[k] + 1.0);
        level->weights[level->count++] = half * rule->weights[k] * norm;
    }
    for (; level->count < padded(level->count); level->count++) {
        level->states[level->count] = level->states[level->count - 1];
        level->weights[level->count] = 0.0;
    }
    level->ends[level->segments++] = level->count;
}

/* Nodes of all segments, those of waiting first; of a last exercise, only where it is worth something. Whether all is numbers. */
static int place_nodes(const Rule *rule, const Choice *choice, const Space *space, long exercise, Level *level) {
    const int last = choice->segments == 0, segments = rule->boundaries + 1;
    const double norm = 1.0 / (ROOT_OF_TWO_PI * sqrt(space->steps[exercise]));
    int numbers = 1;
    level->count = level->held = level->segments = 0;
    for (int taken = last; taken < 2; taken++) {
        double start = space->lows[exercise];
        for (int k = 0; k < segments; k++) {
            const double end = k < rule->boundaries ? level->kinks[k] : space->highs[exercise];
            if (end > start || isnan(end) || isnan(start)) {
                const double ratio = log_ratio(choice, 0.5 * (start + end)).value;
                numbers = numbers && !isnan(ratio);
                if ((ratio > 0.0 && !space->too_early[exercise]) == taken) place(rule, start, end, norm, level);
            }
            start = end;
        }
        if (!taken) level->held = level->count;
    }
    return numbers;
}

/* Boundaries of an exercise: given where a finer run knows them. */
static void find_kinks(const Rule *rule, const Choice *choice, const Space *space, long exercise, const Level *later,
                       const double *given, double *kinks) {
    const double low = space->lows[exercise], high = space->highs[exercise];
    for (int k = 0; k < rule->boundaries; k++)
        kinks[k] = clipped(given ? given[k] : (later ? later->kinks[k] : 0.5 * (low + high)), low, high);
    if (given || space->too_early[exercise]) return;
    if (rule->boundaries == 1) {
        const double felt = CUT_OFF * sqrt(choice->step);
        const Ends ends = {low, high, later ? at_least(space->lows[exercise + 1] + felt, low) : low,
                           later && space->highs[exercise + 1] - felt < high ? space->highs[exercise + 1] - felt : high};
        kinks[0] = one_root(choice, kinks[0], &ends);
    } else {
        several_roots(choice, low, high, rule->boundaries, kinks);
    }
}

/* Masses at the nodes of a later exercise: its values, and its slopes where derivatives are wanted. */
typedef struct {
    const double *values, *slopes;
} Masses;

/* Values at a group of nodes where waiting is worth more, from those of the next exercise; and what derivatives need.
 *
 * A Gaussian average moves with its mean as the average of the slopes, and with its variance s as the average of slope times
 * distance over 2 s: no kernel is differentiated. */
static void wait(const Level *later, const Masses *masses, double step, Level *level, long at) {
    const double half = 0.5 / step, reach = REACH * sqrt(step), *states = level->states + at;
    double *values = level->values + at, *slopes = level->slopes + at, *drift = level->drift + at;
    for (int l = 0; l < LANES; l++) values[l] = slopes[l] = drift[l] = 0.0;
    for (int k = 0; k < later->segments; k++) {
        const long start = k ? later->ends[k - 1] : 0;
        const Range range = between(later->states, start, later->ends[k], states[0] - reach, states[LANES - 1] + reach);
        const double *nodes = later->states + range.start, *worth = masses->values + range.start;
        if (masses->slopes) {
            add_three_averages(range.count, nodes, worth, masses->slopes + range.start, half, states, values, slopes, drift);
        } else {
            add_averages(range.count, nodes, worth, half, states, values);
        }
    }
    for (int l = 0; l < LANES; l++) drift[l] = (drift[l] - states[l] * slopes[l]) * half;
}

/* Values at all nodes. */
static void fill(const Choice *choice, const Level *later, const Masses *masses, Level *level) {
    for (long k = 0; k < level->held; k += LANES) wait(later, masses, choice->step, level, k);
    for (long k = level->held; k < level->count; k += LANES)
        worth_in(choice->flows, choice->amounts, choice->loadings, level->states + k, level->values + k, level->slopes + k);
}

/* Loadings of one exercise's flows: those before the first that is paid and after the last are dropped, lest they grow beyond all
 * numbers where the others do not. */
static void spanned_loadings(const Right *right, long exercise, double *loadings) {
    const double *flows = right->present_values + exercise * right->flows;
    long first = 0, end = right->flows;
    while (first < end && flows[first] == 0.0) first++;
    while (end > first && flows[end - 1] == 0.0) end--;
    for (long f = 0; f < right->flows; f++) loadings[f] = f >= first && f < end ? right->loadings[f] : 0.0;
}

/* Amounts and loadings of the flows that an exercise is paid, without the others, padded; how many. */
static long paid_flows(const Right *right, long exercise, double variance, double *loadings, double *amounts) {
    const double *flows = right->present_values + exercise * right->flows;
    long count = 0;
    for (long f = 0; f < right->flows; f++) {
        if (flows[f] == 0.0) continue;
        amounts[count] = flows[f];
        loadings[count++] = right->loadings[f];
    }
    for (; count < padded(count); count++) amounts[count] = loadings[count] = 0.0;
    decayed(count, amounts, loadings, variance, amounts);
    return count;
}

/* From the last exercise to the first; `scratch` holds two rows of flows and two of masses. Value of the right today. */
static double induce(const Rule *rule, const Right *right, const Space *space, const Level *finer, int with_slopes, long nodes,
                     Level *levels, double *scratch) {
    double *loadings = scratch, *amounts = loadings + right->flows, *worth = amounts + right->flows, *turned = worth + nodes;
    const Masses masses = {worth, with_slopes ? turned : NULL};
    double value = 0.0;
    for (long i = right->exercises - 1; i >= 0; i--) {
        Level *level = levels + i;
        const Level *later = i + 1 < right->exercises ? level + 1 : NULL;
        const long paid = paid_flows(right, i, space->variances[i], loadings, amounts);
        Choice choice = {paid, amounts, loadings, 0, NULL, NULL, NULL, 1.0};
        if (later) {
            for (long k = 0; k < later->count; k++) {
                worth[k] = later->weights[k] * later->values[k];
                turned[k] = later->weights[k] * later->slopes[k];
            }
            choice.segments = later->segments;
            choice.ends = later->ends;
            choice.states = later->states;
            choice.masses = worth;
            choice.step = space->steps[i + 1];
        }
        find_kinks(rule, &choice, space, i, later, finer ? finer[i].kinks : NULL, level->kinks);
        if (!place_nodes(rule, &choice, space, i, level)) value = NAN;
        fill(&choice, later, &masses, level);
    }
    const double half = 0.5 / space->steps[0];
    for (long k = 0; k < levels->count; k++)
        value += levels->weights[k] * levels->values[k] * exp(-half * levels->states[k] * levels->states[k]);
    return value;
}

#endif
