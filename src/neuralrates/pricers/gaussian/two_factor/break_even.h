/* Where exercise is worth nothing, and which way leads there: `break_even.py`. */
#ifndef NEURALRATES_BREAK_EVEN_H
#define NEURALRATES_BREAK_EVEN_H

#include "plane.h"

#define TURNS 2
#define NEWTON_STEPS 3
#define FARTHEST 8.0
#define NOTHING 1e-30

typedef struct {
    double angle;           /* of the direction in which exercise loses value, radians */
    double state;           /* along it, in which exercise is worth nothing */
    double highest, lowest; /* deviations by which the worth of some flow moves up along it, and down; no less than zero */
} break_even;

typedef struct {
    const double *first, *second; /* loadings */
    double *amounts;              /* worth of each flow in state zero */
    double *along, *worth;        /* work */
    int flows;
} portfolio;

/* One step of Newton's method on log(received / given), which is nearly straight. */
static double nearer(const portfolio *of, double state) {
    double received = 0.0, given = 0.0, up = 0.0, down = 0.0;
    for (int k = 0; k < of->flows; k++) of->worth[k] = -of->along[k] * state;
    exponentials(of->worth, of->flows);
    for (int k = 0; k < of->flows; k++) {
        const double worth = of->worth[k] * of->amounts[k];
        received += fmax(worth, 0.0);
        given += fmax(-worth, 0.0);
        up += of->along[k] * fmax(worth, 0.0);
        down += of->along[k] * fmax(-worth, 0.0);
    }
    received = fmax(received, NOTHING);
    given = fmax(given, NOTHING);
    const double fall = up / received - down / given;
    const double step = fall == 0.0 ? 0.0 : log(received / given) / fall;
    return fmin(fmax(state + step, -FARTHEST), FARTHEST);
}

static break_even falling(const portfolio *of) {
    break_even found = {0};
    double gradient[2] = {0.0, 0.0};
    for (int k = 0; k < of->flows; k++) {
        gradient[0] += of->amounts[k] * of->first[k];
        gradient[1] += of->amounts[k] * of->second[k];
    }
    for (int turn = 0; turn < TURNS; turn++) {
        const double length = fmax(sqrt(gradient[0] * gradient[0] + gradient[1] * gradient[1]), NOTHING);
        for (int k = 0; k < of->flows; k++)
            of->along[k] = (of->first[k] * gradient[0] + of->second[k] * gradient[1]) / length;
        found.state = 0.0;
        for (int step = 0; step < NEWTON_STEPS; step++) found.state = nearer(of, found.state);
        for (int k = 0; k < of->flows; k++) of->worth[k] = -of->along[k] * found.state;
        exponentials(of->worth, of->flows);
        gradient[0] = gradient[1] = 0.0;
        for (int k = 0; k < of->flows; k++) {
            gradient[0] += of->amounts[k] * of->worth[k] * of->first[k];
            gradient[1] += of->amounts[k] * of->worth[k] * of->second[k];
        }
    }
    found.angle = atan2(gradient[1], gradient[0]);
    for (int k = 0; k < of->flows; k++) {
        found.highest = fmax(found.highest, -of->along[k]);
        found.lowest = fmax(found.lowest, of->along[k]);
    }
    return found;
}

/* Of every exercise; `work` has room for three numbers a flow. */
static void find_break_even(const plane *p, double *work, break_even *found) {
    const int flows = p->flows;
    for (int back = 0; back < p->exercises; back++) {
        const size_t start = (size_t)back * flows;
        portfolio of = {p->first + start, p->second + start, work, work + flows, work + 2 * flows, flows};
        for (int k = 0; k < flows; k++) of.amounts[k] = p->values[start + k] * p->decay[start + k];
        found[back] = falling(&of);
    }
}

#endif
