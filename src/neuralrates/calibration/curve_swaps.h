/* How the forwards move coterminal swap rates: `curve_swaps` of this folder, forward, for one trade. */
#ifndef NEURALRATES_CURVE_SWAPS_H
#define NEURALRATES_CURVE_SWAPS_H

#include "elementary.h"

#define SMALLEST_LEVEL 1e-6
#define SMALLEST_WIDTH 1e-9
#define MOST_COLUMNS 12

/* The larger and the smaller of two; not a number where the first is none. */
static inline double at_least(double value, double low) { return value < low ? low : value; }
static inline double at_most(double value, double high) { return value > high ? high : value; }

/* Dynamics of the curve: a row of coefficients for each factor, and a Gauss-Legendre rule of as many points as columns. */
typedef struct {
    long factors, columns;
    double shift, cap, longest;
    const double *coefficients, *points, *weights;
} Law;

/* Coterminal rates of one trade, the first `count` exercises of which are real. */
typedef struct {
    long count, flows;
    double strike;
    const double *expiries, *forwards, *annuities, *annuity_values, *present_values, *discount_factors, *flow_times, *start_times,
        *quotes;
} Rates;

/* Where what is found of one trade goes. */
typedef struct {
    double *loadings, *squares, *correlations, *to_last, *least_level;
} Moves;

/* Memory for one trade. */
typedef struct {
    double *widths, *levels, *steps, *curved, *following, *covariances, *moved, *bent; /* by flow, or by the forward after it */
    double *chebyshev;                                                                /* by degree and forward */
    double *moves;                                                                    /* by exercise and flow */
    double *sums;                                                                     /* by exercise and degree */
    double *forms;                                                                    /* by exercise, degree and degree */
    double *variances, *slopes;                                                       /* by exercise */
    long *firsts, *ends;                                                              /* by exercise: the flows that it is paid */
} Work;

/* Forwards between the flow times, how they are moved, and the polynomials of their maturities. */
FOR_EACH_PROCESSOR static void read_forwards(const Law *law, const Rates *rates, Work *work) {
    for (long f = 0; f + 1 < rates->flows; f++) {
        const double width = rates->flow_times[f + 1] - rates->flow_times[f];
        const int is_wide = width > SMALLEST_WIDTH;
        const double grown = fast_log(rates->discount_factors[f] / rates->discount_factors[f + 1]);
        const double level = (is_wide ? grown / width : 1.0) + law->shift, above = at_least(level, SMALLEST_LEVEL);
        const int is_root = level > SMALLEST_LEVEL && above < law->cap * law->cap;
        work->widths[f] = width;
        work->levels[f] = level;
        work->steps[f] = at_most(sqrt(above), law->cap) * width;
        work->curved[f] = is_root ? 0.5 * width : 0.0;
    }
    const long flows = rates->flows;
    for (long f = 0; f + 1 < flows; f++) {
        const double x = (rates->flow_times[f] + rates->flow_times[f + 1]) / law->longest - 1.0;
        double before = 1.0, now = x;
        work->chebyshev[f] = 1.0;
        for (long k = 1; k < law->columns; k++) {
            work->chebyshev[k * flows + f] = now;
            const double next = 2.0 * x * now - before;
            before = now;
            now = next;
        }
    }
}

/* How the flows move one rate, and its sums over the forwards with each polynomial. */
FOR_EACH_PROCESSOR static void read_swap(const Law *law, const Rates *rates, long exercise, Work *work) {
    const long flows = rates->flows, row = exercise * flows;
    const double *annuities = rates->annuity_values + row, *worth = rates->present_values + row;
    const double annuity = rates->annuities[exercise];
    double *moves = work->moves + row, total = 0.0;
    long first = 0, end = flows;
    while (first < end && annuities[first] == 0.0 && worth[first] == 0.0) first++;
    while (end > first && annuities[end - 1] == 0.0 && worth[end - 1] == 0.0) end--;
    work->firsts[exercise] = first;
    work->ends[exercise] = end;
    for (long f = first; f < end; f++) total += worth[f];
    total /= annuity;
    for (long f = 0; f < flows; f++) moves[f] = (total * annuities[f] - worth[f]) / annuity;
    double after = 0.0;
    for (long f = end - 2; f >= first; f--) {
        after += moves[f + 1];
        work->following[f] = after * work->steps[f];
    }
    for (long k = 0; k < law->columns; k++) {
        const double *chebyshev = work->chebyshev + k * flows;
        double sum = 0.0;
#pragma omp simd reduction(+ : sum)
        for (long f = first; f < end - 1; f++) sum += work->following[f] * chebyshev[f];
        work->sums[exercise * law->columns + k] = sum;
    }
}

/* Add a weight times the form by which sums of polynomials covary, the maturities counted from a later time. */
FOR_EACH_PROCESSOR static void add_form(const Law *law, double time, double weight, double *form) {
    const long columns = law->columns;
    const double shift = 2.0 * time / law->longest;
    double rows[MOST_COLUMNS][MOST_COLUMNS];
    rows[0][0] = 1.0;
    for (long m = 1; m < columns; m++) rows[0][m] = 0.0;
    for (long n = 1; n < columns; n++) {
        const double scale = n == 1 ? 1.0 : 2.0;
        for (long m = 0; m < columns; m++) {
            const double *before = rows[n - 1];
            double times_x = m + 1 < columns ? 0.5 * before[m + 1] : 0.0;
            if (m > 0) times_x += m == 1 ? before[0] : 0.5 * before[m - 1];
            rows[n][m] = scale * (times_x - shift * before[m]) - (n > 1 ? rows[n - 2][m] : 0.0);
        }
    }
    for (long j = 0; j < law->factors; j++) {
        double moved[MOST_COLUMNS] = {0.0};
        for (long n = 0; n < columns; n++) {
            const double coefficient = law->coefficients[j * columns + n];
            for (long m = 0; m <= n; m++) moved[m] += coefficient * rows[n][m];
        }
        for (long n = 0; n < columns; n++)
            for (long m = 0; m < columns; m++) form[n * columns + m] += weight * moved[n] * moved[m];
    }
}

/* A form times sums. */
static inline void applied(long columns, const double *form, const double *sums, double *found) {
    for (long n = 0; n < columns; n++) {
        double total = 0.0;
        for (long m = 0; m < columns; m++) total += form[n * columns + m] * sums[m];
        found[n] = total;
    }
}

static inline double product(long columns, const double *one, const double *other) {
    double total = 0.0;
    for (long n = 0; n < columns; n++) total += one[n] * other[n];
    return total;
}

/* Derivative of a rate's variance, halfway to its exercise, to the rate, over the variance: each forward moves as it does with
 * the rate, by its root times its covariance with it. */
FOR_EACH_PROCESSOR static double elasticity(const Law *law, const Rates *rates, long exercise, Work *work) {
    const long flows = rates->flows, first = work->firsts[exercise], end = work->ends[exercise], columns = law->columns;
    double form[MOST_COLUMNS * MOST_COLUMNS] = {0.0}, turned[MOST_COLUMNS];
    add_form(law, 0.5 * rates->expiries[exercise], 1.0, form);
    applied(columns, form, work->sums + exercise * columns, turned);
    const double *moves = work->moves + exercise * flows, *annuities = rates->annuity_values + exercise * flows;
    double *covariances = work->covariances, *moved = work->moved, *bent = work->bent;
    for (long f = first; f < end; f++) covariances[f] = 0.0;
    for (long k = 0; k < columns; k++) {
        const double *chebyshev = work->chebyshev + k * flows;
        for (long f = first; f < end - 1; f++) covariances[f] -= turned[k] * chebyshev[f];
    }
    double so_far = 0.0, bends = 0.0;
    for (long f = first; f < end; f++) {
        moved[f] = so_far;
        bent[f] = bends;
        so_far += covariances[f] * work->steps[f];
        bends += work->curved[f] * covariances[f] * covariances[f];
    }
    double variance = 0.0, squared = 0.0, centre = 0.0;
#pragma omp simd reduction(+ : variance, squared, centre)
    for (long f = first; f < end; f++) {
        variance -= moves[f] * moved[f];
        squared += moves[f] * (moved[f] * moved[f] - bent[f]);
        centre += annuities[f] * moved[f];
    }
    const double change = 2.0 * squared + 4.0 * centre / rates->annuities[exercise] * variance;
    return change / (variance * variance);
}

#endif
