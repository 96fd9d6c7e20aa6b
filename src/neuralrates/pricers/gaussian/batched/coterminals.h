/* The deviation at which a European swaption is worth its quote: `coterminals.meet` of this folder for one quote. */
#ifndef NEURALRATES_COTERMINALS_H
#define NEURALRATES_COTERMINALS_H

#include "induction.h"
#include "normal.h"

#define HALF_WIDTH 12.0
#define MOST_STEPS 16
#define ENOUGH 1e-6 /* share of the deviation that the last step moved; what is missed then is about its square */
#define NOTHING 1e-300

/* A right to receive flows, each worth so much today and moved so much by the state; `amounts` is work space. */
typedef struct {
    long flows;
    const double *present_values, *moves;
    double *amounts;
} European;

/* State in which exercise is worth nothing, looked for from one near it. Source: Jamshidian (1989). */
static double break_even(const European *option, double deviation, double start, int from_middle, Ratio *ratio) {
    const double variance = deviation * deviation;
    double most = -INFINITY, least = INFINITY;
    for (long f = 0; f < option->flows; f++) {
        if (option->present_values[f] == 0.0) continue;
        most = option->moves[f] > most ? option->moves[f] : most;
        least = option->moves[f] < least ? option->moves[f] : least;
    }
    const double low = -most * variance - HALF_WIDTH * deviation, high = -least * variance + HALF_WIDTH * deviation;
    decayed(option->flows, option->present_values, option->moves, variance, option->amounts);
    const Choice choice = {option->flows, option->amounts, option->moves, 0, NULL, NULL, NULL, 1.0};
    double state = from_middle ? 0.5 * (low + high) : clipped(start, low, high);
    newton(&choice, &state, low, high, 1e-6);
    if (ratio) *ratio = log_ratio(&choice, state);
    return state;
}

/* Value, with derivative to the deviation.
 *
 * Source: Hagan (2002), equation 3.9. */
FOR_EACH_PROCESSOR
static Ratio european(const European *option, double deviation, double state, double side) {
    const double *present_values = option->present_values, *moves = option->moves, centre = state / deviation;
    double value = 0.0, slope = 0.0;
#pragma omp simd reduction(+ : value, slope)
    for (long f = 0; f < option->flows; f++) {
        const double distance = side * (centre + moves[f] * deviation), density = fast_exp(-0.5 * distance * distance);
        value += present_values[f] * fast_normal_distribution(distance, density);
        slope += present_values[f] * density * moves[f];
    }
    return (Ratio){value, slope * side / ROOT_OF_TWO_PI};
}

/* Derivatives of the value to what each flow is worth today, and to its move. */
FOR_EACH_PROCESSOR
static void european_slopes(const European *option, double deviation, double state, double side, double *restrict taken,
                            double *restrict to_moves) {
    const double *present_values = option->present_values, *moves = option->moves, centre = state / deviation;
    const double scale = side * deviation / ROOT_OF_TWO_PI;
#pragma omp simd
    for (long f = 0; f < option->flows; f++) {
        const double distance = side * (centre + moves[f] * deviation), density = fast_exp(-0.5 * distance * distance);
        taken[f] = fast_normal_distribution(distance, density);
        to_moves[f] = scale * present_values[f] * density;
    }
}

/* Deviation and break-even state together, by Newton's method in the logarithm of the value. */
static double meet(const European *option, double side, double target, double start, int known, double *state) {
    double deviation = start;
    for (int k = 0; k < MOST_STEPS; k++) {
        *state = break_even(option, deviation, *state, 0, NULL);
        if (known) break;
        const Ratio found = european(option, deviation, *state, side);
        const double value = at_least(found.value, NOTHING);
        const double step = value * log(value / target) / found.slope, before = deviation;
        if (!isfinite(step)) break;
        deviation = clipped(before - step, 0.5 * before, 2.0 * before);
        if (!(fabs(deviation - before) > ENOUGH * before)) break;
    }
    return deviation;
}

#endif
