/* What a rule has to resolve: `state_space.survey` of this folder for one right. */
#ifndef NEURALRATES_SURVEY_H
#define NEURALRATES_SURVEY_H

#include "induction.h"

#define NEGLIGIBLE 1e-12

/* Width of the states of an exercise in deviations of the step up to it; the widest. */
static double widest(const Right *right, const Space *space) {
    double found = 0.0;
    for (long i = 1; i < right->exercises; i++) {
        const double ratio = (space->highs[i] - space->lows[i]) / sqrt(space->steps[i]);
        if (ratio > found || isnan(ratio)) found = ratio;
    }
    return found;
}

/* Worth of the flows in a state, where the state has this variance. */
FOR_EACH_PROCESSOR
static void worth(long count, const double *flows, const double *loadings, double variance, double state, double *restrict amounts) {
#pragma omp simd
    for (long f = 0; f < count; f++)
        amounts[f] = flows[f] == 0.0 ? 0.0 : flows[f] * fast_exp(-loadings[f] * (state + 0.5 * variance * loadings[f]));
}

/* Changes of sign of sums of amounts, zeros and rounding skipped. */
static int64_t sign_changes(long count, const double *amounts) {
    double scale = 0.0, sum = 0.0, last = 0.0;
    int64_t found = 0;
    for (long f = 0; f < count; f++) {
        const double size = fabs(amounts[f]);
        if (size > scale || isnan(size)) scale = size;
    }
    for (long f = 0; f < count; f++) {
        sum += amounts[f];
        if (!(fabs(sum) > NEGLIGIBLE * scale)) continue;
        found += (sum > 0.0 && last < 0.0) || (sum < 0.0 && last > 0.0);
        last = sum;
    }
    return found;
}

/* The most boundaries that an exercise can have: Laguerre's rule; `amounts` holds a row of flows. */
static int64_t most_boundaries(const Right *right, const Space *space, double *amounts) {
    int64_t found = 0;
    for (long i = 0; i < right->exercises; i++) {
        const double variance = at_least(right->variances[i], SMALLEST_VARIANCE);
        worth(right->flows, right->present_values + i * right->flows, right->loadings, variance, space->lows[i], amounts);
        const int64_t changes = sign_changes(right->flows, amounts);
        found = changes > found ? changes : found;
    }
    return found;
}

#endif
