/* Where a bond portfolio is worth nothing, and which way leads there: `break_even.falling`. */
#ifndef NEURALRATES_FALLING_H
#define NEURALRATES_FALLING_H

#include "geometry.h"

#define TURNS 2
#define NEWTON_STEPS 3
#define FARTHEST 8.0
#define NOTHING 1e-30

typedef struct {
    double angle;           /* of the direction in which the portfolio loses value, radians */
    double state;           /* along it, in which it is worth nothing */
    double highest, lowest; /* deviations by which the worth of some flow moves up along it, and down; no less than zero */
} break_even;

typedef struct {
    const double *first, *second; /* loadings */
    double *amounts;              /* worth of each flow in state zero */
    double *along, *worth;        /* work */
    int flows;
} portfolio;

/* Sums over the flows in one state: of those received and of those given, and of both times their loadings. */
typedef struct {
    double received, given, up, down;
} legs;

FOR_EACH_PROCESSOR static legs legs_in(const portfolio *of, double state) {
    double received = 0.0, given = 0.0, up = 0.0, down = 0.0;
    const double *restrict along = of->along, *restrict amounts = of->amounts;
    double *restrict all = of->worth;
#pragma omp simd reduction(+ : received, given, up, down)
    for (int k = 0; k < of->flows; k++) {
        const double worth = amounts[k] * fast_exp(-along[k] * state);
        const double in = worth > 0.0 ? worth : 0.0, out = worth < 0.0 ? -worth : 0.0;
        all[k] = worth;
        received += in;
        given += out;
        up += along[k] * in;
        down += along[k] * out;
    }
    return (legs){received, given, up, down};
}

/* One step of Newton's method on log(received / given), which is nearly straight. */
static double nearer(const portfolio *of, double state) {
    const legs found = legs_in(of, state);
    const double received = fmax(found.received, NOTHING), given = fmax(found.given, NOTHING);
    const double fall = found.up / received - found.down / given;
    const double step = fall == 0.0 ? 0.0 : log(received / given) / fall;
    return fmin(fmax(state + step, -FARTHEST), FARTHEST);
}

static void weigh(const portfolio *of, const double *weights, double *gradient) {
    gradient[0] = gradient[1] = 0.0;
    for (int k = 0; k < of->flows; k++) {
        gradient[0] += weights[k] * of->first[k];
        gradient[1] += weights[k] * of->second[k];
    }
}

static break_even falling(const portfolio *of) {
    break_even found = {0};
    double gradient[2];
    weigh(of, of->amounts, gradient);
    for (int turn = 0; turn < TURNS; turn++) {
        const double length = fmax(sqrt(gradient[0] * gradient[0] + gradient[1] * gradient[1]), NOTHING);
        for (int k = 0; k < of->flows; k++) of->along[k] = (of->first[k] * gradient[0] + of->second[k] * gradient[1]) / length;
        found.state = 0.0;
        for (int step = 0; step < NEWTON_STEPS; step++) found.state = nearer(of, found.state);
        legs_in(of, found.state);
        weigh(of, of->worth, gradient);
    }
    found.angle = atan2(gradient[1], gradient[0]);
    for (int k = 0; k < of->flows; k++) {
        found.highest = -of->along[k] > found.highest ? -of->along[k] : found.highest;
        found.lowest = of->along[k] > found.lowest ? of->along[k] : found.lowest;
    }
    return found;
}

#endif
