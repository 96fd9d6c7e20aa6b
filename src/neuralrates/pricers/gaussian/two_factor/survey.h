/* What a rule has to resolve: how narrow the steps are beside the states, and how many boundaries an exercise has: `survey.py`. */
#ifndef NEURALRATES_SURVEY_H
#define NEURALRATES_SURVEY_H

#include "break_even.h"

#define GRID 33
#define AHEAD 1.0 /* deviations by which the boundary may lie beyond break-even */
#define NEGLIGIBLE 1e-12

/* Width of the states where waiting is worth more, in deviations of the step up to them; the widest. */
static double widest(const plane *p, const break_even *start, double half_width) {
    double found = 0.0;
    for (int back = 0; back < p->exercises; back++) {
        const double low = -half_width - start[back].lowest;
        const double begin = p->uses[back] ? fmax(start[back].state - AHEAD, low) : low;
        double deviation = 1.0;
        if (back < p->exercises - 1) {
            const double cosine = cos(start[back].angle), sine = sin(start[back].angle);
            const triangle step = p->steps[back + 1];
            const double seen = cosine * step.left + sine * step.below, also = sine * step.right;
            deviation = sqrt(fmax(1.0 - seen * seen - also * also, 1e-14));
        }
        const double ratio = (half_width + start[back].highest - begin) / deviation;
        if (isnan(ratio)) return ratio;
        found = fmax(found, ratio);
    }
    return found;
}

/* Changes of sign along a grid, zeros and rounding skipped. */
static int sign_changes(const double *values) {
    double scale = 0.0, last = 0.0;
    int found = 0;
    for (int i = 0; i < GRID; i++) scale = fmax(scale, fabs(values[i]));
    for (int i = 0; i < GRID; i++) {
        if (fabs(values[i]) <= NEGLIGIBLE * scale) continue;
        found += values[i] * last < 0.0;
        last = values[i];
    }
    return found;
}

/* Values on a grid along u of exercise, and of what it gains on the next one; growth from state to state is a constant a flow. */
FOR_EACH_PROCESSOR static void along_line(const plane *p, int back, double *restrict worth, const double *restrict growth,
                                          double *restrict exercise, double *restrict gain) {
    const double *values = p->values + (size_t)back * p->flows, *brackets = p->brackets + (size_t)back * p->flows;
    for (int i = 0; i < GRID; i++) {
        double one = 0.0, two = 0.0;
#pragma omp simd reduction(+ : one, two)
        for (int k = 0; k < p->flows; k++) {
            one += values[k] * worth[k];
            two += brackets[k] * worth[k];
            worth[k] *= growth[k];
        }
        exercise[i] = one;
        gain[i] = two;
    }
}

/* Most boundaries that an exercise can have, looked for on three lines; `work` has room for two numbers a flow. */
static int most_boundaries(const plane *p, const break_even *start, double half_width, double *work) {
    static const double lines[] = {-2.0, 0.0, 2.0};
    const int flows = p->flows;
    double *worth = work, *growth = work + flows, exercise[GRID], gain[GRID];
    int found = 1;
    for (int back = 0; back < p->exercises; back++) {
        const double cosine = cos(start[back].angle), sine = sin(start[back].angle);
        const double low = -half_width - start[back].lowest, high = half_width + start[back].highest;
        const double *first = p->first + (size_t)back * flows, *second = p->second + (size_t)back * flows;
        const double *decay = p->decay + (size_t)back * flows;
        for (int k = 0; k < flows; k++) growth[k] = -(cosine * first[k] + sine * second[k]) * (high - low) / (GRID - 1);
        exponentials(growth, flows);
        for (int line = 0; line < 3; line++) {
            for (int k = 0; k < flows; k++) {
                const double along = cosine * first[k] + sine * second[k], across = cosine * second[k] - sine * first[k];
                worth[k] = -along * low - across * lines[line];
            }
            exponentials(worth, flows);
            for (int k = 0; k < flows; k++) worth[k] *= decay[k];
            along_line(p, back, worth, growth, exercise, gain);
            const int changes = sign_changes(exercise), gains = sign_changes(gain);
            found = changes > found ? changes : found;
            found = gains > found ? gains : found;
        }
    }
    return found;
}

#endif
