/* Averages in states that every line has. What depends on both a line and a column is a product, so that one density serves all
 * lines: (column - place - shift)^2 / 2 = (column - place)^2 / 2 - shift column + shift (place + shift / 2). */
#ifndef NEURALRATES_SHARED_H
#define NEURALRATES_SHARED_H

#include "averages.h"

#define FARTHEST_SHIFT 20.0
#define LARGEST_EXPONENT 300.0

typedef struct {
    double shift[MOST_LINES]; /* of the mean of u' on each line, in deviations */
    double lowest, highest;   /* of the shifts */
    double slope;             /* added to the mean of v' */
    int apart;                /* whether products would leave the numbers' range: each line has densities of its own then */
    double *across;           /* [line][column]: exp(shift column) */
    double *spread;           /* [line][degree][column]: coefficients times these */
} spread_lines;

static void lay_out_lines(spread_lines *s, arena *from, const rule *r) {
    const size_t count = (size_t)r->columns, lines = (size_t)r->lines;
    s->across = take_doubles(from, lines * count);
    s->spread = take_doubles(from, lines * (size_t)r->degrees * count);
}

/* Shifts of the lines where the next coordinates have moved by `push` deviations and `slope`. */
static void fill_lines(spread_lines *s, const transition *t, const rule *r, double push, double slope) {
    double farthest = 0.0;
    s->slope = slope;
    for (int l = 0; l < r->lines; l++) {
        s->shift[l] = t->mean[1] * r->nodes[l] / t->deviation + push;
        s->lowest = l == 0 || s->shift[l] < s->lowest ? s->shift[l] : s->lowest;
        s->highest = l == 0 || s->shift[l] > s->highest ? s->shift[l] : s->highest;
    }
    for (int i = 0; i < t->count; i++) farthest = fmax(farthest, fabs(t->columns[i]));
    const double most = fmax(fabs(s->lowest), fabs(s->highest));
    s->apart = !(most <= FARTHEST_SHIFT && most * farthest <= LARGEST_EXPONENT);
    if (s->apart) return;
    for (int l = 0; l < r->lines; l++)
        for (int i = 0; i < t->count; i++) s->across[(size_t)l * t->count + i] = s->shift[l] * t->columns[i];
    exponentials(s->across, r->lines * t->count);
}

FOR_EACH_PROCESSOR static void spread_coefficients(spread_lines *s, const transition *t, int lines) {
    const int count = t->count;
    for (int l = 0; l < lines; l++) {
        const double *restrict across = s->across + (size_t)l * count;
        for (int r = 0; r < t->degrees; r++) {
            double *restrict found = s->spread + ((size_t)l * t->degrees + r) * count;
            const double *restrict coefficients = t->coefficients + (size_t)r * count;
#pragma omp simd
            for (int i = 0; i < count; i++) found[i] = coefficients[i] * across[i];
        }
    }
}

/* Means of u' on the line v = 0, less the centre, in deviations. */
ALWAYS_INLINE void central_places(const transition *t, const double *u, double *places) {
    for (int j = 0; j < LANES; j++) places[j] = (t->mean[0] * u[j] - t->centre) / t->deviation;
}

/* exp(-shift (place + shift / 2)), and the means of v' where u' is nothing, on one line. */
ALWAYS_INLINE void along_line_of(const transition *t, const spread_lines *s, double shift, double v, const double *u,
                                 const double *places, double *along, double *means) {
#pragma omp simd
    for (int j = 0; j < LANES; j++) {
        along[j] = fast_exp(-shift * (places[j] + 0.5 * shift));
        means[j] = t->slope[0] * u[j] + (t->slope[1] * v + s->slope);
    }
}

/* Add averages in eight states u on every line to values [line][stride]. */
FOR_EACH_PROCESSOR static void add_line_averages(const transition *t, const spread_lines *s, const rule *r, const double *u,
                                                 double *panel, double *values, int stride) {
    double places[LANES];
    central_places(t, u, places);
    const range wide = columns_near_block(t, places, s->lowest, s->highest), own = {t->shared, t->count};
    fill_panel(t, wide, places, panel, NULL);
    fill_panel(t, own, places, panel, NULL);
    for (int l = 0; l < r->lines; l++) {
        const range near = columns_near_block(t, places, s->shift[l], s->shift[l]);
        const double *factors = s->spread + (size_t)l * t->degrees * t->count;
        double along[LANES], means[LANES], found[LANES] = {0.0}, sums[MOST_LINES * LANES];
        clear_sums(t->degrees, sums);
        add_products(t->degrees, factors, t->count, near, panel, sums);
        add_products(t->degrees, factors, t->count, own, panel, sums);
        along_line_of(t, s, s->shift[l], r->nodes[l], u, places, along, means);
        add_series(t->degrees, sums, means, found);
        for (int j = 0; j < LANES; j++) values[(size_t)l * stride + j] += along[j] * found[j];
    }
}

/* The same for as many states as lines share. */
static void add_shared_averages(const transition *t, spread_lines *s, const rule *r, const double *u, double *panel,
                                double *values) {
    if (!s->apart) spread_coefficients(s, t, r->lines);
    for (int j = 0; j < r->shared; j += LANES) {
        if (!s->apart) {
            add_line_averages(t, s, r, u + j, panel, values + j, r->shared);
            continue;
        }
        for (int l = 0; l < r->lines; l++) {
            double v[LANES];
            for (int i = 0; i < LANES; i++) v[i] = r->nodes[l];
            add_average(t, u + j, v, panel, values + (size_t)l * r->shared + j);
        }
    }
}

#endif
