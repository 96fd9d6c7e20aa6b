/* The deviation at which a European swaption is worth its quote: `coterminals.meet` of this folder for one quote. */
#ifndef NEURALRATES_COTERMINALS_H
#define NEURALRATES_COTERMINALS_H

#include "induction.h"

#define HALF_WIDTH 12.0
#define MOST_STEPS 16
#define ENOUGH 1e-8
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

/* Value, with derivative to the deviation; `taken` and `to_moves` are derivatives to present values and moves, or NULL.
 *
 * Source: Hagan (2002), equation 3.9. */
static Ratio european(const European *option, double deviation, double state, double side, double *taken, double *to_moves) {
    double value = 0.0, slope = 0.0;
    for (long f = 0; f < option->flows; f++) {
        const double move = option->moves[f], paid = option->present_values[f];
        if (paid == 0.0 && !taken) continue;
        const double distance = side * (state / deviation + move * deviation);
        const double chance = 0.5 * erfc(-distance * 0.70710678118654752440);
        const double moved = side * paid * exp(-0.5 * distance * distance) / ROOT_OF_TWO_PI;
        value += paid * chance;
        slope += moved * move;
        if (taken) {
            taken[f] = chance;
            to_moves[f] = moved * deviation;
        }
    }
    return (Ratio){value, slope};
}

/* Deviation and break-even state together, by Newton's method in the logarithm of the value. */
static double meet(const European *option, double side, double target, double start, int known, double *state) {
    double deviation = start;
    for (int k = 0; k < MOST_STEPS; k++) {
        *state = break_even(option, deviation, *state, 0, NULL);
        if (known) break;
        const Ratio found = european(option, deviation, *state, side, NULL, NULL);
        const double value = at_least(found.value, NOTHING);
        const double step = value * log(value / target) / found.slope, before = deviation;
        if (!isfinite(step)) break;
        deviation = clipped(before - step, 0.5 * before, 2.0 * before);
        if (!(fabs(deviation - before) > ENOUGH * before)) break;
    }
    return deviation;
}

#endif
