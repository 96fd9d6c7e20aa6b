/* Piecewise volatilities at which Europeans are worth their quotes, one trade at a time, and derivatives through them:
 * `quotes.py`. */
#ifndef NEURALRATES_CALIBRATION_H
#define NEURALRATES_CALIBRATION_H

#include "european.h"

#define MOST_CALIBRATION_STEPS 24
#define QUOTE_MET 1e-11
#define NO_VALUE 1e-300
#define LEAST_SHARE 1e-3 /* of the first variance: least square of a volatility that is started from */
#define STILL 1e-24
#define SMALLEST_TARGET 1e-30

/* Europeans of the exercises of one trade; `growths` are of the covariance since the exercise before, at unit volatility. */
typedef struct {
    int exercises, flows;
    const double *present_values, *loadings, *growths, *targets, *sides, *annuities, *deviations, *vegas, *still;
} quotes;

/* Answers, a row for each exercise. */
typedef struct {
    double *squares, *covariances, *residuals;
    double *values, *present_values, *loadings, *slopes; /* of the Europeans; slopes are derivatives to covariances */
} met;

static int is_solved(const quotes *q, int i) { return q->still[i] == 0.0 && q->targets[i] >= SMALLEST_TARGET; }

/* x' matrix x. */
static double form_of(const double *x, const double *matrix) {
    return x[0] * (matrix[0] * x[0] + matrix[1] * x[1]) + x[1] * (matrix[2] * x[0] + matrix[3] * x[1]);
}

static double contraction(const double *one, const double *two) {
    return one[0] * two[0] + one[1] * two[1] + one[2] * two[2] + one[3] * two[3];
}

/* Squares at which the swap rates, if they were linear in the state, had their quoted deviations. */
static void start_squares(const quotes *q, double *squares) {
    double total[4] = {0.0};
    for (int i = 0; i < q->exercises; i++) {
        const double *growth = q->growths + 4 * (size_t)i, *values = q->present_values + (size_t)i * q->flows;
        double moves[2] = {0.0};
        for (int k = 0; k < q->flows; k++)
            for (int j = 0; j < 2; j++) moves[j] += values[k] * q->loadings[2 * k + j] / q->annuities[i];
        const double unit = fmax(form_of(moves, growth), NO_VALUE);
        const double wanted = (q->deviations[i] * q->deviations[i] - form_of(moves, total)) / unit;
        const double least = i ? fmax(LEAST_SHARE * squares[0], STILL) : STILL;
        squares[i] = q->still[i] != 0.0 ? STILL : (wanted < least ? least : wanted);
        for (int j = 0; j < 4; j++) total[j] += squares[i] * growth[j];
    }
}

/* Europeans at these squares; the largest of |log(value / target)|, not a number where one is none. */
static double value_all_europeans(const quotes *q, bonds *work, const double *nodes, const met *to, double *ratios) {
    double total[4] = {0.0}, worst = 0.0;
    int broken = 0;
    for (int i = 0; i < q->exercises; i++) {
        const size_t row = (size_t)i * q->flows;
        european found = {.present_values = to->present_values + row, .loadings = to->loadings + 2 * row};
        for (int j = 0; j < 4; j++) {
            total[j] += to->squares[i] * q->growths[4 * i + j];
            to->covariances[4 * i + j] = total[j];
        }
        value_european(work, q->present_values + row, q->sides[i], q->loadings, q->flows, total, nodes, &found);
        memcpy(to->slopes + 4 * i, found.covariances, sizeof found.covariances);
        to->values[i] = found.value;
        ratios[i] = is_solved(q, i) ? log(fmax(found.value, NO_VALUE) / q->targets[i]) : 0.0;
        broken |= isnan(found.value) || isnan(ratios[i]);
        worst = fmax(worst, fabs(ratios[i]));
    }
    return broken ? NAN : worst;
}

/* One step of Newton's method in the logarithm of the values, forward through the exercises: a European depends on the
 * volatilities up to its exercise alone. */
static void improve_squares(const quotes *q, const met *to, const double *ratios) {
    double moved[4] = {0.0};
    for (int i = 0; i < q->exercises; i++) {
        const double *growth = q->growths + 4 * (size_t)i, *slope = to->slopes + 4 * (size_t)i, now = to->squares[i];
        const double own = contraction(slope, growth), missing = -to->values[i] * ratios[i] - contraction(slope, moved);
        const double step = is_solved(q, i) ? missing / (own > 0.0 ? own : 1.0) : 0.0;
        to->squares[i] = fmin(fmax(now + step, 0.25 * now), 4.0 * now);
        for (int j = 0; j < 4; j++) moved[j] += (to->squares[i] - now) * growth[j];
    }
}

/* Meet the quotes of one trade; `ratios` is work. */
static void meet_quotes(const quotes *q, bonds *work, const double *nodes, double *ratios, const met *to) {
    int begun = 0;
    start_squares(q, to->squares);
    for (int step = 0;; step++) {
        const double worst = value_all_europeans(q, work, nodes, to, ratios);
        if (worst <= QUOTE_MET || step == MOST_CALIBRATION_STEPS - 1 || !isfinite(worst)) break;
        improve_squares(q, to, ratios);
    }
    for (int i = 0; i < q->exercises; i++) {
        const int solved = is_solved(q, i);
        begun |= solved;
        to->residuals[i] = solved ? q->targets[i] * ratios[i] / q->vegas[i] : 0.0;
        if (isnan(q->targets[i]) || isnan(to->values[i]))
            to->residuals[i] = NAN;
        else if (q->still[i] != 0.0 && begun)
            to->residuals[i] = INFINITY;
    }
}

/* Derivatives of weights times covariances, by exercise. */
typedef struct {
    double *present_values, *loadings, *growths, *targets;
} through;

/* By the implicit function theorem, backward through the exercises. */
static void pull_back(const quotes *q, const met *from, const double *weights, through to) {
    double later[4] = {0.0};
    for (int i = q->exercises - 1; i >= 0; i--) {
        const double *growth = q->growths + 4 * (size_t)i, *slope = from->slopes + 4 * (size_t)i;
        for (int j = 0; j < 4; j++) later[j] += weights[4 * i + j];
        const double own = contraction(slope, growth), wanted = contraction(later, growth);
        const double share = is_solved(q, i) ? wanted / (own > 0.0 ? own : 1.0) : 0.0;
        to.targets[i] = share;
        for (int j = 0; j < 4; j++) {
            later[j] -= share * slope[j];
            to.growths[4 * i + j] = from->squares[i] * later[j];
        }
        for (int k = 0; k < q->flows; k++) {
            const size_t flow = (size_t)i * q->flows + k;
            to.present_values[flow] = -share * q->sides[i] * from->present_values[flow];
            for (int j = 0; j < 2; j++) to.loadings[2 * k + j] -= share * from->loadings[2 * flow + j];
        }
    }
}

#endif
