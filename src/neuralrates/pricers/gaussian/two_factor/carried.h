/* Masses that nodes have in a value today, carried from one exercise to the next: what averages are the transpose of. */
#ifndef NEURALRATES_CARRIED_H
#define NEURALRATES_CARRIED_H

#include "induction.h"

typedef struct {
    double *shared;   /* [line][node] */
    double *own;      /* of the nodes of one line each */
    double *powers;   /* [degree][column]: of the coefficients of powers */
    double *expanded; /* [degree][column]: of the Hermite coefficients */
    double *panel;    /* [lane][column] three times: densities, times the distance, times its square */
} masses;

/* Second derivatives of the masses' averages to the mean of u', to it and the mean of v', and to the latter. */
typedef struct {
    double along, mixed, across;
} curvature;

static void lay_out_masses(masses *m, arena *from, const rule *r) {
    const size_t count = (size_t)r->columns, lines = (size_t)r->lines, degrees = (size_t)r->degrees;
    m->shared = take_doubles(from, lines * (size_t)r->shared);
    m->own = take_doubles(from, count);
    m->powers = take_doubles(from, degrees * count);
    m->expanded = take_doubles(from, degrees * count);
    m->panel = take_doubles(from, 3 * LANES * count);
}

/* Masses of the nodes of the first exercise, whose coordinates have these means. */
static void masses_today(induction *run, int back, double u, double v, masses *m) {
    const rule *by = run->by;
    const level *one = level_of(run, back);
    double across[MOST_LINES] = {0.0}, lifted = 1.0;
    for (int k = 0; k < by->degrees; k++) { /* the moved density of v over that of the rule, as Hermite coefficients */
        if (k) lifted *= v / sqrt((double)k);
        for (int l = 0; l < by->lines; l++) across[l] += lifted * by->projection[k * by->lines + l];
    }
    double *density = run->panel;
    for (int i = 0; i < by->columns; i++) density[i] = -0.5 * (one->states[i] - u) * (one->states[i] - u);
    exponentials(density, by->columns);
    for (int i = 0; i < by->columns; i++) density[i] *= one->weights[i] / ROOT_TWO_PI;
    for (int l = 0; l < by->lines; l++)
        for (int j = 0; j < by->shared; j++) m->shared[(size_t)l * by->shared + j] = across[l] * density[j];
    for (int i = 0; i < by->columns - by->shared; i++) {
        const int line = i / by->slivers;
        m->own[i] = density[by->shared + i] * across[line < by->lines ? line : by->lines - 1];
    }
}

/* Eight states that masses leave. */
typedef struct {
    double places[LANES]; /* of the densities in the panel */
    double shift;         /* of the means of u' beyond them, in deviations */
    double weights[LANES], means[LANES];
    const double *across; /* factors by column, or NULL */
} leaving;

/* Densities by lane and column, and where wanted moments of the distance. */
ALWAYS_INLINE void fill_wide_panel(const transition *t, range over, const double *places, double *restrict panel, int moments) {
    const int count = t->count;
    for (int j = 0; j < LANES; j++) {
        const double place = places[j];
        double *restrict plain = panel + (size_t)j * count, *restrict once = plain + (size_t)LANES * count;
        double *restrict twice = once + (size_t)LANES * count;
#pragma omp simd
        for (int p = over.from; p < over.to; p++) {
            const double distance = t->columns[p] - place, density = fast_exp(-0.5 * distance * distance);
            plain[p] = density;
            if (moments) {
                once[p] = density * distance;
                twice[p] = density * distance * distance;
            }
        }
    }
}

ALWAYS_INLINE double lane_sum(const double *weights, const double *panel, int count) {
    double found = 0.0;
    for (int j = 0; j < LANES; j++) found += weights[j] * panel[(size_t)j * count];
    return found;
}

/* Add masses of the powers' coefficients at the columns, and where wanted second derivatives. */
ALWAYS_INLINE void gather(const transition *t, range over, const leaving *from, const double *restrict panel,
                          double *restrict powers, curvature *curved) {
    const int count = t->count;
    const size_t all = (size_t)LANES * count;
    const double shift = from->shift, *restrict across = from->across;
    double weights[LANES];
    for (int j = 0; j < LANES; j++) weights[j] = from->weights[j];
    for (int r = 0; r < t->degrees; r++) {
        double *restrict found = powers + (size_t)r * count;
        const double *restrict own = t->coefficients + (size_t)r * count;
        const double *restrict next = r + 1 < t->degrees ? own + count : own;
        const double *restrict second = r + 2 < t->degrees ? own + 2 * count : own;
        const double one = r + 1 < t->degrees ? r + 1.0 : 0.0, two = r + 2 < t->degrees ? (r + 1.0) * (r + 2.0) : 0.0;
        double by_u = 0.0, by_both = 0.0, by_v = 0.0;
#pragma omp simd reduction(+ : by_u, by_both, by_v)
        for (int p = over.from; p < over.to; p++) {
            const double factor = across == NULL ? 1.0 : across[p];
            const double plain = factor * lane_sum(weights, panel + p, count);
            found[p] += plain;
            if (curved != NULL) {
                const double once = factor * lane_sum(weights, panel + all + p, count);
                const double twice = factor * lane_sum(weights, panel + 2 * all + p, count);
                by_u += own[p] * (twice - 2.0 * shift * once + (shift * shift - 1.0) * plain);
                by_both += next[p] * (once - shift * plain);
                by_v += second[p] * plain;
            }
        }
        if (curved != NULL) {
            curved->along += by_u;
            curved->mixed += one * by_both;
            curved->across += two * by_v;
        }
        for (int j = 0; j < LANES; j++) weights[j] *= from->means[j];
    }
}

/* Masses of eight states that share nothing. */
ALWAYS_INLINE void carry_apart_inline(const transition *t, const double *u, const double *v, const double *weights, double push,
                                      double slope, masses *m, curvature *curved) {
    leaving from = {.shift = 0.0, .across = NULL};
    for (int j = 0; j < LANES; j++) {
        from.places[j] = (t->mean[0] * u[j] + t->mean[1] * v[j] - t->centre) / t->deviation + push;
        from.means[j] = t->slope[0] * u[j] + t->slope[1] * v[j] + slope;
        from.weights[j] = weights[j];
    }
    const range near = columns_near_block(t, from.places, 0.0, 0.0), own = {t->shared, t->count};
    fill_wide_panel(t, near, from.places, m->panel, curved != NULL);
    fill_wide_panel(t, own, from.places, m->panel, curved != NULL);
    gather(t, near, &from, m->panel, m->powers, curved);
    gather(t, own, &from, m->panel, m->powers, curved);
}

/* Masses of eight states that every line has. */
ALWAYS_INLINE void carry_lines_inline(const transition *t, const spread_lines *s, const rule *r, const double *u,
                                      const double *weights, masses *m, curvature *curved) {
    leaving from;
    central_places(t, u, from.places);
    const range wide = columns_near_block(t, from.places, s->lowest, s->highest), own = {t->shared, t->count};
    fill_wide_panel(t, wide, from.places, m->panel, curved != NULL);
    fill_wide_panel(t, own, from.places, m->panel, curved != NULL);
    for (int l = 0; l < r->lines; l++) {
        const range near = columns_near_block(t, from.places, s->shift[l], s->shift[l]);
        double along[LANES];
        from.shift = s->shift[l];
        from.across = s->across + (size_t)l * t->count;
        along_line_of(t, s, from.shift, r->nodes[l], u, from.places, along, from.means);
        for (int j = 0; j < LANES; j++) from.weights[j] = along[j] * weights[(size_t)l * r->shared + j];
        gather(t, near, &from, m->panel, m->powers, curved);
        gather(t, own, &from, m->panel, m->powers, curved);
    }
}

FOR_EACH_PROCESSOR static void carry_apart(const transition *t, const double *u, const double *v, const double *weights,
                                           double push, double slope, masses *m, curvature *curved) {
    if (curved == NULL)
        carry_apart_inline(t, u, v, weights, push, slope, m, NULL);
    else
        carry_apart_inline(t, u, v, weights, push, slope, m, curved);
}

FOR_EACH_PROCESSOR static void carry_lines(const transition *t, const spread_lines *s, const rule *r, const double *u,
                                           const double *weights, masses *m, curvature *curved) {
    if (curved == NULL)
        carry_lines_inline(t, s, r, u, weights, m, NULL);
    else
        carry_lines_inline(t, s, r, u, weights, m, curved);
}

/* Masses of the next exercise's nodes, from those of the coefficients. */
static void collect(const induction *run, int back, masses *m) {
    const rule *by = run->by;
    const level *later = level_of(run, back - 1);
    memset(m->shared, 0, (size_t)by->lines * by->shared * sizeof(double));
    memset(m->own, 0, (size_t)(by->columns - by->shared) * sizeof(double));
    for (int k = 0; k < by->degrees; k++) {
        double *expanded = m->expanded + (size_t)k * by->columns;
        for (int i = 0; i < by->columns; i++) expanded[i] *= later->weights[i];
        for (int l = 0; l < by->lines; l++) {
            const double factor = by->projection[k * by->lines + l];
            for (int j = 0; j < by->shared; j++) m->shared[(size_t)l * by->shared + j] += factor * expanded[j];
            for (int i = 0; i < by->slivers; i++)
                m->own[l * by->slivers + i] += factor * expanded[by->shared + l * by->slivers + i];
        }
    }
}

/* Carry masses to the next exercise, whose coordinates have moved by u and v on average; second derivatives where wanted. */
static void carry(induction *run, int back, double u, double v, masses *m, curvature *curved) {
    const rule *by = run->by;
    const level *one = level_of(run, back);
    const transition *t = &one->to;
    const double push = u / t->deviation, slope = v - t->regression * u;
    fill_lines(&run->spread, t, by, push, slope);
    memset(m->powers, 0, (size_t)by->degrees * by->columns * sizeof(double));
    for (int j = 0; j < by->shared; j += LANES) {
        if (!run->spread.apart) carry_lines(t, &run->spread, by, one->states + j, m->shared + j, m, curved);
        for (int l = 0; run->spread.apart && l < by->lines; l++) {
            double lines[LANES];
            for (int i = 0; i < LANES; i++) lines[i] = by->nodes[l];
            carry_apart(t, one->states + j, lines, m->shared + (size_t)l * by->shared + j, push, slope, m, curved);
        }
    }
    for (int i = by->shared; i < by->columns; i += LANES)
        carry_apart(t, one->states + i, run->lines + i, m->own + i - by->shared, push, slope, m, curved);
    transpose_coefficients(t, by, m->powers, m->expanded);
    collect(run, back, m);
}

#endif
