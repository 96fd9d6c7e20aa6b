/* Averages over a transition, for eight states at once. Densities farther than FAR deviations from the mean do not count. */
#ifndef NEURALRATES_AVERAGES_H
#define NEURALRATES_AVERAGES_H

#include "transition.h"

#define FAR 8.0
#define ROWS_AT_ONCE 6

typedef struct {
    int from, to; /* in whole blocks of lanes */
} range;

/* Shared columns, which ascend, that matter where means lie between two places. */
ALWAYS_INLINE range columns_near(const transition *t, double lowest, double highest) {
    int low = 0, high = t->points;
    while (low < high) {
        const int middle = (low + high) / 2;
        if (t->columns[middle] < lowest - FAR)
            low = middle + 1;
        else
            high = middle;
    }
    int end = low;
    high = t->points;
    while (end < high) {
        const int middle = (end + high) / 2;
        if (t->columns[middle] <= highest + FAR)
            end = middle + 1;
        else
            high = middle;
    }
    return (range){low / LANES * LANES, in_blocks(end)};
}

ALWAYS_INLINE range columns_near_block(const transition *t, const double *places, double lowest, double highest) {
    double least = places[0], most = places[0];
    for (int j = 1; j < LANES; j++) {
        least = places[j] < least ? places[j] : least;
        most = places[j] > most ? places[j] : most;
    }
    return columns_near(t, least + lowest, most + highest);
}

/* exp(-(column - place)^2 / 2), eight places to a column; and these times the distance where `moments` is given. */
ALWAYS_INLINE void fill_panel(const transition *t, range over, const double *restrict places, double *restrict panel,
                              double *restrict moments) {
    for (int p = over.from; p < over.to; p++) {
        const double column = t->columns[p];
#pragma omp simd
        for (int j = 0; j < LANES; j++) {
            const double distance = column - places[j];
            const double density = fast_exp(-0.5 * distance * distance);
            panel[p * LANES + j] = density;
            if (moments != NULL) moments[p * LANES + j] = density * distance;
        }
    }
}

/* Eight numbers in one or several registers; compilers without such a type get plain loops, which are right but slower. */
#if defined(__GNUC__)
typedef double eight __attribute__((vector_size(LANES * sizeof(double)), aligned(sizeof(double)), may_alias));
#define EIGHT(at) (*(const eight *)(at))
#define STORE_EIGHT(value, at) (*(eight *)(at) = (value))
#define ADD_PRODUCT(sum, factor, values) ((sum) += (factor) * (values))
#else
typedef struct {
    double of[LANES];
} eight;
#define EIGHT(at) (*(const eight *)(at))
#define STORE_EIGHT(value, at) (*(eight *)(at) = (value))
#define ADD_PRODUCT(sum, factor, values)                                                                                       \
    for (int lane = 0; lane < LANES; lane++) (sum).of[lane] += (factor) * (values).of[lane]
#endif

/* sums[row][lane] += sum over columns of factors[row][column] panel[column][lane], for a number of rows known when compiled. */
ALWAYS_INLINE void add_products_of(int rows, const double *restrict factors, int stride, range over,
                                   const double *restrict panel, double *restrict sums) {
    eight sum[ROWS_AT_ONCE];
    for (int r = 0; r < rows; r++) sum[r] = EIGHT(sums + r * LANES);
    for (int p = over.from; p < over.to; p++) {
        const eight densities = EIGHT(panel + (size_t)p * LANES);
        for (int r = 0; r < rows; r++) ADD_PRODUCT(sum[r], factors[(size_t)r * stride + p], densities);
    }
    for (int r = 0; r < rows; r++) STORE_EIGHT(sum[r], sums + r * LANES);
}

/* Begin sums over columns for so many rows. */
ALWAYS_INLINE void clear_sums(int rows, double *sums) {
    for (int i = 0; i < rows * LANES; i++) sums[i] = 0.0;
}

ALWAYS_INLINE void add_products(int rows, const double *factors, int stride, range over, const double *panel, double *sums) {
    while (rows > 0) {
        const int now = rows > ROWS_AT_ONCE ? (rows == ROWS_AT_ONCE + 1 ? 4 : ROWS_AT_ONCE) : rows;
        switch (now) {
            case 6: add_products_of(6, factors, stride, over, panel, sums); break;
            case 5: add_products_of(5, factors, stride, over, panel, sums); break;
            case 4: add_products_of(4, factors, stride, over, panel, sums); break;
            case 3: add_products_of(3, factors, stride, over, panel, sums); break;
            case 2: add_products_of(2, factors, stride, over, panel, sums); break;
            default: add_products_of(1, factors, stride, over, panel, sums);
        }
        rows -= now;
        factors += (size_t)now * stride;
        sums += now * LANES;
    }
}

/* Sum of coefficients [degree][lane] times powers of the means. */
ALWAYS_INLINE void add_series(int degrees, const double *restrict sums, const double *restrict means, double *restrict found) {
    double value[LANES];
    for (int j = 0; j < LANES; j++) value[j] = sums[(degrees - 1) * LANES + j];
    for (int r = degrees - 2; r >= 0; r--)
        for (int j = 0; j < LANES; j++) value[j] = value[j] * means[j] + sums[r * LANES + j];
    for (int j = 0; j < LANES; j++) found[j] += value[j];
}

/* Derivative of the series to its variable. */
ALWAYS_INLINE void add_series_slope(int degrees, double scale, const double *restrict sums, const double *restrict means,
                                    double *restrict found) {
    double value[LANES] = {0.0};
    for (int r = degrees - 1; r >= 1; r--)
        for (int j = 0; j < LANES; j++) value[j] = value[j] * means[j] + r * sums[r * LANES + j];
    for (int j = 0; j < LANES; j++) found[j] += scale * value[j];
}

/* Add averages in states (u, v), and their derivatives to u where `slopes` is given; `panel` has room for two. */
ALWAYS_INLINE void add_average_inline(const transition *t, const double *u, const double *v, double *panel, double *values,
                                      double *slopes) {
    double places[LANES], means[LANES], sums[MOST_LINES * LANES];
    double *moments = slopes == NULL ? NULL : panel + (size_t)t->count * LANES;
    for (int j = 0; j < LANES; j++) {
        places[j] = (t->mean[0] * u[j] + t->mean[1] * v[j] - t->centre) / t->deviation;
        means[j] = t->slope[0] * u[j] + t->slope[1] * v[j];
    }
    const range near = columns_near_block(t, places, 0.0, 0.0), own = {t->shared, t->count};
    fill_panel(t, near, places, panel, moments);
    fill_panel(t, own, places, panel, moments);
    clear_sums(t->degrees, sums);
    add_products(t->degrees, t->coefficients, t->count, near, panel, sums);
    add_products(t->degrees, t->coefficients, t->count, own, panel, sums);
    add_series(t->degrees, sums, means, values);
    if (slopes == NULL) return;
    double moved[MOST_LINES * LANES], along[LANES] = {0.0};
    clear_sums(t->degrees, moved);
    add_products(t->degrees, t->coefficients, t->count, near, moments, moved);
    add_products(t->degrees, t->coefficients, t->count, own, moments, moved);
    add_series(t->degrees, moved, means, along);
    for (int j = 0; j < LANES; j++) slopes[j] += along[j] * (t->mean[0] / t->deviation);
    add_series_slope(t->degrees, t->slope[0], sums, means, slopes);
}

FOR_EACH_PROCESSOR static void add_average(const transition *t, const double *u, const double *v, double *panel,
                                           double *values) {
    add_average_inline(t, u, v, panel, values, NULL);
}

FOR_EACH_PROCESSOR static void add_average_and_slope(const transition *t, const double *u, const double *v, double *panel,
                                                     double *values, double *slopes) {
    add_average_inline(t, u, v, panel, values, slopes);
}

#endif
