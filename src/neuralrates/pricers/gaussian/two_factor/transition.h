/* From values at the nodes of one exercise to their average in states of the one before: `transition.py`.
 *
 * Given a state (u, v), u' at the next exercise is normal with mean c_1 u + c_2 v and deviation s; with u' known, v' has mean
 * m = a_1 u + a_2 v + gamma u'. A function with Hermite coefficients in v' becomes a polynomial in a_1 u + a_2 v at each u'. */
#ifndef NEURALRATES_TRANSITION_H
#define NEURALRATES_TRANSITION_H

#include "plane.h"
#include "rule.h"

typedef struct {
    double mean[2], slope[2];           /* c and a */
    double regression, deviation;       /* gamma and s */
    double centre;                      /* of the columns */
    double *columns;                    /* next states u', less the centre, over s */
    double *polynomials;                /* [degree][column]: H_k(gamma u') for a variance of v' with u' known */
    double *coefficients;               /* [degree][column]: of powers of the mean of v' */
    int degrees, points, shared, count; /* nodes that lines share, these in whole blocks, and all columns */
} transition;

static void lay_out_transition(transition *t, arena *from, const rule *r) {
    const size_t count = (size_t)r->columns;
    t->degrees = r->degrees;
    t->points = r->points;
    t->shared = r->shared;
    t->count = r->columns;
    t->columns = take_doubles(from, count);
    t->polynomials = take_doubles(from, count * (size_t)r->degrees);
    t->coefficients = take_doubles(from, count * (size_t)r->degrees);
}

/* Averages of H_0, H_1, ... by sqrt(k + 1) H_{k+1} = m H_k - sqrt(k) rho^2 H_{k-1}. */
FOR_EACH_PROCESSOR static void average_polynomials(transition *t, const double *restrict states, double known) {
    const int count = t->count;
    double *restrict all = t->polynomials;
    for (int i = 0; i < count; i++) all[i] = 1.0;
    for (int k = 0; k + 1 < t->degrees; k++) {
        const double last = k ? sqrt((double)k) * known : 0.0, scale = 1.0 / sqrt(k + 1.0), slope = t->regression;
        const double *now = all + (size_t)k * count, *before = k ? now - count : now;
        double *next = all + (size_t)(k + 1) * count;
#pragma omp simd
        for (int i = 0; i < count; i++) next[i] = (slope * states[i] * now[i] - last * before[i]) * scale;
    }
}

/* The law of the next exercise's coordinates, whose nodes stand in these states. */
static void fill_transition(transition *t, const double *states, frame later, frame here, triangle step) {
    /* Rows of the step in the coordinates of both ends: of u' and of v'. */
    const double u[2] = {later.cosine * step.left + later.sine * step.below, later.sine * step.right};
    const double v[2] = {later.cosine * step.below - later.sine * step.left, later.cosine * step.right};
    const double mean[2] = {u[0] * here.cosine + u[1] * here.sine, u[1] * here.cosine - u[0] * here.sine};
    const double across[2] = {v[0] * here.cosine + v[1] * here.sine, v[1] * here.cosine - v[0] * here.sine};
    const double variance = fmax(1.0 - mean[0] * mean[0] - mean[1] * mean[1], SMALLEST_SHARE);
    t->regression = -(mean[0] * across[0] + mean[1] * across[1]) / variance;
    for (int i = 0; i < 2; i++) {
        t->mean[i] = mean[i];
        t->slope[i] = across[i] - t->regression * mean[i];
    }
    const double known = across[0] * across[0] + across[1] * across[1] + t->regression * t->regression * variance;
    t->deviation = sqrt(variance);
    t->centre = 0.5 * (states[0] + states[t->points - 1]);
    average_polynomials(t, states, known);
    for (int i = 0; i < t->count; i++) t->columns[i] = (states[i] - t->centre) / t->deviation;
}

/* Coefficients of powers of the mean of v', from those of Hermite polynomials of v' at the nodes. */
FOR_EACH_PROCESSOR static void fill_coefficients(transition *t, const rule *by, const double *restrict expanded) {
    const int count = t->count, degrees = t->degrees;
    const double norm = 1.0 / (t->deviation * ROOT_TWO_PI);
    for (int r = 0; r < degrees; r++) {
        double *restrict found = t->coefficients + (size_t)r * count;
        for (int i = 0; i < count; i++) found[i] = 0.0;
        for (int k = r; k < degrees; k++) {
            const double share = norm * by->shares[k * degrees + r];
            const double *restrict part = t->polynomials + (size_t)(k - r) * count, *restrict whole =
                                                                                        expanded + (size_t)k * count;
#pragma omp simd
            for (int i = 0; i < count; i++) found[i] += share * part[i] * whole[i];
        }
    }
}

/* What `fill_coefficients` is the transpose of: masses of the Hermite coefficients from masses of the powers. */
FOR_EACH_PROCESSOR static void transpose_coefficients(const transition *t, const rule *by, const double *restrict masses,
                                                      double *restrict expanded) {
    const int count = t->count, degrees = t->degrees;
    const double norm = 1.0 / (t->deviation * ROOT_TWO_PI);
    for (int k = 0; k < degrees; k++) {
        double *restrict found = expanded + (size_t)k * count;
        for (int i = 0; i < count; i++) found[i] = 0.0;
        for (int r = 0; r <= k; r++) {
            const double share = norm * by->shares[k * degrees + r];
            const double *restrict part = t->polynomials + (size_t)(k - r) * count, *restrict mass = masses + (size_t)r * count;
#pragma omp simd
            for (int i = 0; i < count; i++) found[i] += share * part[i] * mass[i];
        }
    }
}

#endif
