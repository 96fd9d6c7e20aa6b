/* States in which exercise equals waiting, found in the logarithm of their ratio, which is nearly straight: `portfolio.root`,
 * `portfolio.roots` and `portfolio.bisected` for one trade. */
#ifndef NEURALRATES_ROOTS_H
#define NEURALRATES_ROOTS_H

#include "sums.h"

#define NEWTON_STEPS 7
#define BISECTIONS 40
#define GRID 128
#define CUT_OFF 4.0 /* deviations of a step within which the ends of the next exercise are felt */

/* Flows received on exercise, and what waiting is worth: masses at the nodes of the next exercise, none where there is none. */
typedef struct {
    long flows;
    const double *amounts, *loadings;
    int segments;
    const long *ends;
    const double *states, *masses;
    double step;
} Choice;

typedef struct {
    double value, slope;
} Ratio;

/* Logarithm of received / (given + waiting) and its slope; a leg that is empty counts as worth next to nothing. */
static Ratio log_ratio(const Choice *choice, double state) {
    Legs legs = legs_at(choice->flows, choice->amounts, choice->loadings, state);
    const double reach = REACH * sqrt(choice->step);
    if (legs.received == 0.0) legs.received = 1e-30;
    if (legs.given == 0.0) legs.given = 1e-30;
    for (int k = 0; k < choice->segments; k++) {
        const Range range = between(choice->states, k ? choice->ends[k - 1] : 0, choice->ends[k], state - reach, state + reach);
        const Averages found = masses_around(range.count, choice->states + range.start, choice->masses + range.start,
                                             0.5 / choice->step, state);
        legs.given += found.value;
        legs.given_slope += (found.moved - state * found.value) / choice->step;
    }
    return (Ratio){log(legs.received / legs.given), legs.received_slope / legs.received - legs.given_slope / legs.given};
}

static double clipped(double value, double low, double high) { return value < low ? low : (value > high ? high : value); }

/* Newton's method; whether its last step was at most this share of [low, high]. */
static int newton(const Choice *choice, double *state, double low, double high, double accuracy) {
    for (int k = 0; k < NEWTON_STEPS; k++) {
        const Ratio ratio = log_ratio(choice, *state);
        const double before = *state;
        *state = clipped(before - (ratio.slope == 0.0 ? 0.0 : ratio.value / ratio.slope), low, high);
        if (fabs(*state - before) <= accuracy * (high - low)) return 1;
    }
    return 0;
}

/* State between two others in which exercise equals waiting; the right one if there is none. */
static double bisected(const Choice *choice, double left, double right) {
    const int above = log_ratio(choice, left).value > 0.0;
    for (int k = 0; k < BISECTIONS; k++) {
        const double middle = 0.5 * (left + right);
        if ((log_ratio(choice, middle).value > 0.0) == above) {
            left = middle;
        } else {
            right = middle;
        }
    }
    return 0.5 * (left + right);
}

/* Ends between which a state is looked for, and those between which waiting is known: beyond these it wants for what is cut off
 * at the next exercise. */
typedef struct {
    double low, high, known_low, known_high;
} Ends;

/* Whether waiting is known between some states, and exercise equals it at one of them. */
static int known_root(const Choice *choice, const Ends *ends) {
    return ends->known_low < ends->known_high &&
           (log_ratio(choice, ends->known_low).value > 0.0) != (log_ratio(choice, ends->known_high).value > 0.0);
}

/* Newton's method; whether it settled, and not on a state beyond what is known while there is one within. */
static int settled(const Choice *choice, double *state, const Ends *ends) {
    if (!newton(choice, state, ends->low, ends->high, 1e-6)) return 0;
    return (*state > ends->known_low && *state < ends->known_high) || !known_root(choice, ends);
}

/* The one state, from that of the next exercise; else from break-even, from where steps never overshoot; else by bisection. */
static double one_root(const Choice *choice, double start, const Ends *ends) {
    double state = start;
    if (settled(choice, &state, ends)) return state;
    Choice without = *choice;
    without.segments = 0;
    state = 0.5 * (ends->low + ends->high);
    newton(&without, &state, ends->low, ends->high, 1e-6);
    if (settled(choice, &state, ends)) return state;
    const int known = known_root(choice, ends);
    return bisected(choice, known ? ends->known_low : ends->low, known ? ends->known_high : ends->high);
}

/* Up to `count` states in increasing order, looked for between the points of a grid; `high` where there are fewer. */
static void several_roots(const Choice *choice, double low, double high, int count, double *found) {
    int number = 0;
    double left = low;
    int above = log_ratio(choice, left).value > 0.0;
    for (int k = 1; k < GRID && number < count; k++) {
        const double right = low + (high - low) * (k / (GRID - 1.0));
        const int next = log_ratio(choice, right).value > 0.0;
        if (next != above) {
            double state = 0.5 * (left + right);
            const int settled = newton(choice, &state, left, right, 1e-8) && state > left && state < right;
            found[number++] = settled ? state : bisected(choice, left, right);
        }
        left = right;
        above = next;
    }
    while (number < count) found[number++] = high;
}

#endif
