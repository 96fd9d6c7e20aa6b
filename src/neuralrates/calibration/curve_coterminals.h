/* One factor that moves the rates as the curve does: `curve_coterminals` of this folder, forward, for one trade. */
#ifndef NEURALRATES_CURVE_COTERMINALS_H
#define NEURALRATES_CURVE_COTERMINALS_H

#include <stdlib.h>

#include "curve_swaps.h"

#define LEAST 0.05
#define MOST (1.0 - 1e-9)
#define TURNS 4
#define MOST_LOST 0.3

/* Variance of a rate at volatility as now, from its normal deviation at the strike: see `_Variances` of `curve_coterminals`.
 *
 * Source: Hagan et al. (2002), equation A.64 with exponent one half. */
static double variance_of(const Law *law, const Rates *rates, long exercise, double deviation, double elastic) {
    const double shifted = rates->forwards[exercise] + law->shift, strike = rates->strike + law->shift;
    if (!(shifted < law->cap * law->cap)) return deviation * deviation;
    const double rate = at_least(shifted, SMALLEST_LEVEL), root = sqrt(rate), far = sqrt(at_least(strike, SMALLEST_LEVEL));
    const double normal = deviation * 2.0 * root / (root + far), leading = normal * normal, scale = 32.0 * rate * root * far;
    double variance = leading;
    for (int turn = 0; turn < TURNS; turn++) {
        const double kept = 1.0 - at_most(variance / scale, MOST_LOST);
        variance = leading / (kept * kept);
    }
    return variance * exp(0.5 * (shifted * elastic - 1.0) * (1.0 - strike / rate));
}

/* Scale of the volatility by interval, and correlations of each rate with the next and with the last. */
static void correlate(const Law *law, const Rates *rates, const Work *work, const Moves *found) {
    const long count = rates->count, columns = law->columns;
    const double *last = work->sums + (count - 1) * columns, final = sqrt(work->variances[count - 1]);
    for (long k = 0; k < count; k++) {
        const double *own = work->sums + k * columns, spread = sqrt(work->variances[k]);
        const int has_next = k + 1 < count;
        const double *next = has_next ? own + columns : own;
        double known = 0.0, ahead = 0.0, to_last = 0.0, turned[MOST_COLUMNS];
        for (long i = 0; i <= k; i++) {
            applied(columns, work->forms + i * columns * columns, own, turned);
            const double grown = product(columns, turned, own);
            if (i == k) found->squares[k] = grown == 0.0 ? NAN : (work->variances[k] - known) / grown;
            known += found->squares[i] * grown;
            ahead += found->squares[i] * product(columns, turned, next);
            to_last += found->squares[i] * product(columns, turned, last);
        }
        found->to_last[k] = to_last / (spread * final);
        found->correlations[k] = has_next ? at_most(at_least(ahead / (spread * sqrt(work->variances[k + 1])), LEAST), MOST) : 1.0;
    }
}

/* Loadings, straight between the starts of the swaps, that give each rate its quoted deviation: from the last start back. */
FOR_EACH_PROCESSOR static void load(const Rates *rates, const Work *work, double *loadings) {
    const long flows = rates->flows;
    double end = -INFINITY;
    for (long f = 0; f < flows; f++) {
        end = at_least(end, rates->flow_times[f]);
        loadings[f] = 0.0;
    }
    for (long k = rates->count - 1; k >= 0; k--) {
        const double *moves = work->moves + k * flows, start = k ? rates->start_times[k] : -INFINITY;
        double known = 0.0, grown = 0.0;
#pragma omp simd reduction(+ : known, grown)
        for (long f = 0; f < flows; f++) {
            const double time = rates->flow_times[f], from = time > start ? time : start;
            known += moves[f] * loadings[f];
            grown += moves[f] * (from < end ? end - from : 0.0);
        }
        const double steepness = grown == 0.0 ? NAN : (work->slopes[k] + known) / grown;
        for (long f = 0; f < flows; f++) {
            const double time = rates->flow_times[f], from = time > start ? time : start;
            loadings[f] -= steepness * (from < end ? end - from : 0.0);
        }
        end = rates->start_times[k];
    }
}

/* Smallest shifted forward between the first and the last flow of any swap. */
static double least_level(const Rates *rates, const Work *work) {
    long first = rates->flows, end = 0;
    for (long k = 0; k < rates->count; k++) {
        first = work->firsts[k] < first ? work->firsts[k] : first;
        end = work->ends[k] > end ? work->ends[k] : end;
    }
    double least = INFINITY;
    for (long f = first; f + 1 < end; f++) least = work->levels[f] < least || isnan(work->levels[f]) ? work->levels[f] : least;
    return least;
}

static void move_one(const Law *law, const Rates *rates, Work *work, const Moves *found) {
    const long count = rates->count, columns = law->columns, square = columns * columns;
    read_forwards(law, rates, work);
    for (long k = 0; k < count; k++) {
        const double start = k ? rates->expiries[k - 1] : 0.0, half = 0.5 * (rates->expiries[k] - start);
        const double deviation = rates->quotes[k] * sqrt(rates->expiries[k]);
        read_swap(law, rates, k, work);
        memset(work->forms + k * square, 0, (size_t)square * sizeof(double));
        for (long p = 0; p < columns; p++)
            add_form(law, start + half * (1.0 + law->points[p]), half * law->weights[p], work->forms + k * square);
        work->variances[k] = variance_of(law, rates, k, deviation, elasticity(law, rates, k, work));
        work->slopes[k] = deviation;
    }
    correlate(law, rates, work, found);
    double state = 1.0;
    for (long k = count - 1; k >= 0; k--) {
        state *= found->correlations[k];
        work->slopes[k] /= state;
    }
    load(rates, work, found->loadings);
    *found->least_level = least_level(rates, work);
}

static double *next_of(double **at, long count) {
    double *found = *at;
    *at += count;
    return found;
}

/* Whether there was memory; `memory` is freed by the caller. */
static int open_work(long exercises, long flows, long columns, void **memory, Work *work) {
    const size_t e = (size_t)exercises, f = (size_t)flows, c = (size_t)columns;
    const size_t doubles = (8 + c + e) * f + e * (c + c * c + 2);
    *memory = calloc(doubles + 2 * e + 1, sizeof(double));
    if (!*memory) return 0;
    double *at = *memory;
    work->widths = next_of(&at, flows);
    work->levels = next_of(&at, flows);
    work->steps = next_of(&at, flows);
    work->curved = next_of(&at, flows);
    work->following = next_of(&at, flows);
    work->covariances = next_of(&at, flows);
    work->moved = next_of(&at, flows);
    work->bent = next_of(&at, flows);
    work->chebyshev = next_of(&at, columns * flows);
    work->moves = next_of(&at, exercises * flows);
    work->sums = next_of(&at, exercises * columns);
    work->forms = next_of(&at, exercises * columns * columns);
    work->variances = next_of(&at, exercises);
    work->slopes = next_of(&at, exercises);
    work->firsts = (long *)at;
    work->ends = work->firsts + exercises;
    return 1;
}

#endif
