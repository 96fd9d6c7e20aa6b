/* Coordinates of the plane, and functions of arrays. */
#ifndef NEURALRATES_GEOMETRY_H
#define NEURALRATES_GEOMETRY_H

#include <math.h>

#include "functions.h"

#define SMALLEST_VARIANCE 1e-60
#define SMALLEST_SHARE 1e-14
#define ROOT_TWO_PI 2.5066282746310002

typedef struct {
    double left, below, right; /* of the matrix ((left, 0), (below, right)) */
} triangle;

typedef struct {
    double cosine, sine; /* u = cosine z_1 + sine z_2, v = cosine z_2 - sine z_1 */
} frame;

FOR_EACH_PROCESSOR static void exponentials(double *restrict values, int count) {
#pragma omp simd
    for (int i = 0; i < count; i++) values[i] = fast_exp(values[i]);
}

/* The lower triangle L with L L' = covariance, never singular. */
static inline triangle square_root(const double *covariance) {
    triangle found = {.left = sqrt(fmax(covariance[0], SMALLEST_VARIANCE))};
    const double variance = fmax(covariance[3], SMALLEST_VARIANCE);
    found.below = covariance[2] / found.left;
    found.right = sqrt(fmax(variance - found.below * found.below, SMALLEST_SHARE * variance));
    return found;
}

static inline triangle inverse_of(triangle a) { return (triangle){1.0 / a.left, -a.below / (a.left * a.right), 1.0 / a.right}; }

static inline triangle product_of(triangle a, triangle b) {
    return (triangle){a.left * b.left, a.below * b.left + a.right * b.below, a.right * b.right};
}

static inline frame frame_of(double angle) { return (frame){cos(angle), sin(angle)}; }

#endif
