/* What a rule has to resolve: how narrow the steps are beside the states, and how many boundaries an exercise has: `survey.py`.
 */
#ifndef NEURALRATES_SURVEY_H
#define NEURALRATES_SURVEY_H

#include "break_even.h"
#include "rule.h"

#define GRID 33
#define GRID_BLOCKS ((GRID + LANES - 1) / LANES)
#define SURVEY_LINES 3
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
            const frame turned = frame_of(start[back].angle);
            const triangle step = p->steps[back + 1];
            const double seen = turned.cosine * step.left + turned.sine * step.below, also = turned.sine * step.right;
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

/* Values on a grid along u of exercise, and of what it gains on the next one. */
typedef struct {
    double exercise[GRID_BLOCKS * LANES], gain[GRID_BLOCKS * LANES];
} line_values;

/* Add one flow, whose worth grows by a constant from block to block of eight states. */
ALWAYS_INLINE void add_flow(double value, double bracket, double first, double spacing, double block, line_values *to) {
    double worth[LANES];
#pragma omp simd
    for (int j = 0; j < LANES; j++) worth[j] = fast_exp(first + j * spacing);
    for (int i = 0; i < GRID_BLOCKS; i++)
#pragma omp simd
        for (int j = 0; j < LANES; j++) {
            to->exercise[i * LANES + j] += value * worth[j];
            to->gain[i * LANES + j] += bracket * worth[j];
            worth[j] *= block;
        }
}

/* Values of one exercise on three lines. */
FOR_EACH_PROCESSOR static void fill_lines_of(const plane *p, int back, frame turned, double low, double high,
                                             line_values found[SURVEY_LINES]) {
    static const double lines[SURVEY_LINES] = {-2.0, 0.0, 2.0};
    const size_t start = (size_t)back * p->flows;
    for (int line = 0; line < SURVEY_LINES; line++)
        for (int i = 0; i < GRID_BLOCKS * LANES; i++) found[line].exercise[i] = found[line].gain[i] = 0.0;
    for (size_t k = start; k < start + p->flows; k++) {
        if (!p->paid[k]) continue;
        const double along = turned.cosine * p->first[k] + turned.sine * p->second[k];
        const double across = turned.cosine * p->second[k] - turned.sine * p->first[k];
        const double spacing = -along * (high - low) / (GRID - 1), block = fast_exp(LANES * spacing), decay = p->decay[k];
        for (int line = 0; line < SURVEY_LINES; line++)
            add_flow(p->values[k] * decay, p->brackets[k] * decay, -along * low - across * lines[line], spacing, block,
                     found + line);
    }
}

/* Most boundaries that an exercise can have, looked for on three lines. */
static int most_boundaries(const plane *p, const break_even *start, double half_width) {
    line_values lines[SURVEY_LINES];
    int found = 1;
    for (int back = 0; back < p->exercises; back++) {
        const double low = -half_width - start[back].lowest, high = half_width + start[back].highest;
        fill_lines_of(p, back, frame_of(start[back].angle), low, high, lines);
        for (int line = 0; line < SURVEY_LINES; line++) {
            const int changes = sign_changes(lines[line].exercise), gains = sign_changes(lines[line].gain);
            found = changes > found ? changes : found;
            found = gains > found ? gains : found;
        }
    }
    return found;
}

#endif
