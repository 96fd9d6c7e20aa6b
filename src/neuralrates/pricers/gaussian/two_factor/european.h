/* A European option on a bond portfolio under two factors, and its derivatives: `europeans.py`. Eight lines along the boundary,
 * worked on together; on each the option is one of one factor (Jamshidian, 1989). */
#ifndef NEURALRATES_EUROPEAN_H
#define NEURALRATES_EUROPEAN_H

#include <string.h>

#include "arena.h"
#include "falling.h"
#include "normal.h"
#include "rule.h"

#define ROOT_STEPS 7
#define ROOT_ACCURACY 1e-6 /* length of a last step, as a share of the states */
#define STATES_HALF_WIDTH 12.0

/* Flows that are paid, and work on them. */
typedef struct {
    int flows;
    int *places;                      /* among all flows */
    double *amounts;                  /* present values */
    double *first, *second;           /* loadings on z */
    double *along, *across, *scratch; /* loadings on u and v */
    double *factors;                  /* [flow][line]: growth along v */
    double *worth;                    /* [flow][line]: in state u = 0 */
} bonds;

/* Derivatives go to arrays of all flows. */
typedef struct {
    double value;
    double *present_values, *loadings;
    double covariances[4];
} european;

static void lay_out_bonds(bonds *b, arena *from, int flows) {
    const size_t count = (size_t)flows;
    b->places = take(from, count * sizeof(int));
    b->amounts = take_doubles(from, count);
    b->first = take_doubles(from, count);
    b->second = take_doubles(from, count);
    b->along = take_doubles(from, count);
    b->across = take_doubles(from, count);
    b->scratch = take_doubles(from, count);
    b->factors = take_doubles(from, count * LANES);
    b->worth = take_doubles(from, count * LANES);
}

/* Those flows of a side of a swap that are paid, on z. */
static void fill_bonds(bonds *b, const double *present_values, double side, const double *loadings, int flows, triangle root) {
    b->flows = 0;
    for (int k = 0; k < flows; k++) {
        if (present_values[k] == 0.0) continue;
        const int i = b->flows++;
        b->places[i] = k;
        b->amounts[i] = side * present_values[k];
        b->first[i] = loadings[2 * k] * root.left + loadings[2 * k + 1] * root.below;
        b->second[i] = loadings[2 * k + 1] * root.right;
    }
}

/* Coordinates along and across the gradient of the portfolio's value where that is nothing. */
static frame turn_bonds(bonds *b) {
    for (int i = 0; i < b->flows; i++) b->scratch[i] = -0.5 * (b->first[i] * b->first[i] + b->second[i] * b->second[i]);
    exponentials(b->scratch, b->flows);
    for (int i = 0; i < b->flows; i++) b->scratch[i] *= b->amounts[i];
    const portfolio of = {b->first, b->second, b->scratch, b->along, b->across, b->flows};
    const frame turned = frame_of(falling(&of).angle);
    for (int i = 0; i < b->flows; i++) {
        b->along[i] = turned.cosine * b->first[i] + turned.sine * b->second[i];
        b->across[i] = turned.cosine * b->second[i] - turned.sine * b->first[i];
    }
    return turned;
}

/* Logarithm of received / given on each line, and its slope in u. */
ALWAYS_INLINE void log_ratios(const bonds *b, const double *states, double *ratios, double *slopes) {
    double received[LANES] = {0.0}, given[LANES] = {0.0}, up[LANES] = {0.0}, down[LANES] = {0.0};
    for (int i = 0; i < b->flows; i++) {
        const double along = b->along[i], *restrict worth = b->worth + (size_t)i * LANES;
        const double in = b->amounts[i] > 0.0 ? 1.0 : 0.0, out = 1.0 - in;
#pragma omp simd
        for (int l = 0; l < LANES; l++) {
            const double now = worth[l] * fast_exp(-along * states[l]);
            received[l] += in * now;
            up[l] -= in * along * now;
            given[l] -= out * now;
            down[l] += out * along * now;
        }
    }
    for (int l = 0; l < LANES; l++) {
        received[l] = received[l] == 0.0 ? NOTHING : received[l];
        given[l] = given[l] == 0.0 ? NOTHING : given[l];
        ratios[l] = received[l] / given[l];
        slopes[l] = up[l] / received[l] - down[l] / given[l];
    }
}

/* The state of each line in which the portfolio is worth nothing, the nearer end if there is none; and on which side of it, +1
 * for below, it is worth something. */
FOR_EACH_PROCESSOR static void find_states(const bonds *b, double *restrict states, double *restrict sides) {
    double least = INFINITY, most = -INFINITY, ratios[LANES], slopes[LANES];
    for (int i = 0; i < b->flows; i++) {
        least = b->along[i] < least ? b->along[i] : least;
        most = b->along[i] > most ? b->along[i] : most;
    }
    const double low = -most - STATES_HALF_WIDTH, high = -least + STATES_HALF_WIDTH, enough = ROOT_ACCURACY * (high - low);
    for (int l = 0; l < LANES; l++) states[l] = 0.5 * (low + high);
    for (int step = 0, settled = 0; step < ROOT_STEPS && !settled; step++) {
        log_ratios(b, states, ratios, slopes);
        settled = 1;
        for (int l = 0; l < LANES; l++) {
            const double before = states[l], moved = slopes[l] == 0.0 ? before : before - log(ratios[l]) / slopes[l];
            states[l] = moved < low ? low : (moved > high ? high : moved);
            settled &= fabs(states[l] - before) <= enough;
        }
    }
    log_ratios(b, states, ratios, slopes);
    for (int l = 0; l < LANES; l++) sides[l] = slopes[l] < 0.0 ? 1.0 : -1.0;
}

/* Growth of the flows along v, and their worth in state u = 0. */
FOR_EACH_PROCESSOR static void fill_worth(bonds *b, const double *restrict nodes) {
    for (int i = 0; i < b->flows; i++) {
        const double across = b->across[i], amount = b->amounts[i] * fast_exp(-0.5 * b->along[i] * b->along[i]);
        double *restrict factors = b->factors + (size_t)i * LANES, *restrict worth = b->worth + (size_t)i * LANES;
#pragma omp simd
        for (int l = 0; l < LANES; l++) {
            factors[l] = fast_exp(-across * (nodes[l] + 0.5 * across));
            worth[l] = amount * factors[l];
        }
    }
}

/* The option's derivatives to flow number i: to its amount, and to its loadings on u and v. */
FOR_EACH_PROCESSOR static void weigh_flow(const bonds *b, int i, const double *restrict nodes, const double *restrict weights,
                                          const double *restrict states, const double *restrict sides, double *restrict found) {
    const double *restrict factors = b->factors + (size_t)i * LANES;
    const double along = b->along[i], across = b->across[i], amount = b->amounts[i];
    double by_amount = 0.0, by_along = 0.0, by_across = 0.0;
#pragma omp simd reduction(+ : by_amount, by_along, by_across)
    for (int l = 0; l < LANES; l++) {
        const double distance = sides[l] * (states[l] + along), factor = weights[l] * factors[l];
        const double density = fast_exp(-0.5 * distance * distance);
        const double taken = factor * fast_normal_distribution(distance, density);
        by_amount += taken;
        by_along += sides[l] * factor * density;
        by_across += taken * (nodes[l] + across);
    }
    found[0] = by_amount;
    found[1] = amount * by_along / ROOT_TWO_PI;
    found[2] = -amount * by_across;
}

/* Value and derivatives; the arrays of derivatives hold zero for flows that are not paid. */
static void value_european(bonds *b, const double *present_values, double side, const double *loadings, int flows,
                           const double *covariance, const double *nodes, european *found) {
    const double *weights = nodes + LANES;
    const triangle root = square_root(covariance), inverse = inverse_of(root);
    double states[LANES], sides[LANES], form[4] = {0.0};
    fill_bonds(b, present_values, side, loadings, flows, root);
    const frame turned = turn_bonds(b);
    fill_worth(b, nodes);
    find_states(b, states, sides);
    found->value = 0.0;
    memset(found->present_values, 0, (size_t)flows * sizeof(double));
    memset(found->loadings, 0, 2 * (size_t)flows * sizeof(double));
    for (int i = 0; i < b->flows; i++) {
        const int k = b->places[i];
        double by[3];
        weigh_flow(b, i, nodes, weights, states, sides, by);
        found->value += b->amounts[i] * by[0];
        found->present_values[k] = by[0];
        const double first = turned.cosine * by[1] - turned.sine * by[2], second = turned.sine * by[1] + turned.cosine * by[2];
        found->loadings[2 * k] = first * root.left;
        found->loadings[2 * k + 1] = first * root.below + second * root.right;
        for (int j = 0; j < 2; j++) {
            form[2 * j] += 0.5 * loadings[2 * k + j] * (first * inverse.left + second * inverse.below);
            form[2 * j + 1] += 0.5 * loadings[2 * k + j] * second * inverse.right;
        }
    }
    found->covariances[0] = form[0];
    found->covariances[1] = found->covariances[2] = 0.5 * (form[1] + form[2]);
    found->covariances[3] = form[3];
}

#endif
