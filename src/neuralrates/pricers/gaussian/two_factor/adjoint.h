/* Derivatives of the value, from today forward over what a backward run kept: `forward.py`. */
#ifndef NEURALRATES_ADJOINT_H
#define NEURALRATES_ADJOINT_H

#include "carried.h"

#define ROOT_TWO 1.4142135623730951

/* Where derivatives go, in the order of the trade's own exercises and of all flows. */
typedef struct {
    double *present_values, *loadings, *covariances;
} derivatives;

/* Derivatives to the worth of flows and to the covariance of one exercise. */
typedef struct {
    double *taken, *first, *second; /* masses times the worth of a unit of each flow, and these times z */
    double *steps;                  /* [exercise][4]: to the covariance of the step up to an exercise from the one before */
} moments;

static void lay_out_moments(moments *m, arena *from, int exercises, int flows) {
    m->taken = take_doubles(from, (size_t)flows);
    m->first = take_doubles(from, (size_t)flows);
    m->second = take_doubles(from, (size_t)flows);
    m->steps = take_doubles(from, 4 * (size_t)exercises);
}

/* A quadratic form of z as one of the state: inverse' form inverse. */
static void to_state(const double *form, triangle inverse, double *found) {
    const double mixed = form[1] * inverse.left + form[3] * inverse.below, across = form[3] * inverse.right;
    const double upper = form[0] * inverse.left + form[1] * inverse.below;
    found[0] = inverse.left * upper + inverse.below * mixed;
    found[1] = found[2] = inverse.right * mixed;
    found[3] = inverse.right * across;
}

/* A quadratic form, half of these second derivatives, of two linear forms of (u, v), as one of z. */
static void to_plane(curvature of, const double *one, const double *two, frame turned, double *form) {
    const double rows[2][2] = {{one[0] * turned.cosine - one[1] * turned.sine, one[0] * turned.sine + one[1] * turned.cosine},
                               {two[0] * turned.cosine - two[1] * turned.sine, two[0] * turned.sine + two[1] * turned.cosine}};
    for (int i = 0; i < 2; i++)
        for (int j = 0; j < 2; j++)
            form[2 * i + j] = 0.5 * (of.along * rows[0][i] * rows[0][j] + of.across * rows[1][i] * rows[1][j] +
                                     of.mixed * (rows[0][i] * rows[1][j] + rows[1][i] * rows[0][j]));
}

/* Derivative to the covariance at the first exercise: the expansion has the moments. */
static void first_curvature(const induction *run, int back, double *found) {
    static const double u[2] = {1.0, 0.0}, v[2] = {0.0, 1.0};
    const level *one = level_of(run, back);
    const int count = run->by->columns, degrees = run->by->degrees;
    double *density = run->panel, form[4];
    curvature of = {0};
    for (int i = 0; i < count; i++) density[i] = -0.5 * one->states[i] * one->states[i];
    exponentials(density, count);
    for (int i = 0; i < count; i++) {
        const double state = one->states[i], weight = density[i] / ROOT_TWO_PI;
        of.along += weight * (state * state - 1.0) * one->expanded[i];
        if (degrees > 1) of.mixed += weight * state * one->expanded[count + i];
        if (degrees > 2) of.across += ROOT_TWO * weight * one->expanded[2 * count + i];
    }
    to_plane(of, u, v, run->borders[back].turned, form);
    to_state(form, run->in->inverses[back], found);
}

/* Masses of the nodes times the worth of one flow there, and these times u and v. */
FOR_EACH_PROCESSOR static void add_flow_moments(const induction *run, const double *restrict states, const masses *m,
                                                double along, double across, double *restrict found) {
    const rule *by = run->by;
    const double *restrict lines = run->lines;
    double factors[MOST_LINES];
    for (int l = 0; l < by->lines; l++) factors[l] = fast_exp(-across * by->nodes[l]);
    double plain = 0.0, by_u = 0.0, by_v = 0.0;
    for (int j = 0; j < by->shared; j += LANES) {
        double total[LANES] = {0.0}, moved[LANES] = {0.0};
        for (int l = 0; l < by->lines; l++)
            for (int i = 0; i < LANES; i++) {
                const double mass = factors[l] * m->shared[(size_t)l * by->shared + j + i];
                total[i] += mass;
                moved[i] += by->nodes[l] * mass;
            }
#pragma omp simd reduction(+ : plain, by_u, by_v)
        for (int i = 0; i < LANES; i++) {
            const double worth = fast_exp(-along * states[j + i]);
            plain += worth * total[i];
            by_u += worth * total[i] * states[j + i];
            by_v += worth * moved[i];
        }
    }
#pragma omp simd reduction(+ : plain, by_u, by_v)
    for (int i = by->shared; i < by->columns; i++) {
        const double worth = fast_exp(-along * states[i] - across * lines[i]) * m->own[i - by->shared];
        plain += worth;
        by_u += worth * states[i];
        by_v += worth * lines[i];
    }
    found[0] = plain;
    found[1] = by_u;
    found[2] = by_v;
}

static void fill_moments(const induction *run, int back, const masses *m, moments *found) {
    const plane *in = run->in;
    const frame turned = run->borders[back].turned;
    const size_t start = (size_t)back * in->flows;
    for (int k = 0; k < in->flows; k++) {
        found->taken[k] = found->first[k] = found->second[k] = 0.0;
        if (!in->paid[start + k]) continue;
        const double first = in->first[start + k], second = in->second[start + k], decay = in->decay[start + k];
        double of[3];
        add_flow_moments(run, level_of(run, back)->states, m, turned.cosine * first + turned.sine * second,
                         turned.cosine * second - turned.sine * first, of);
        found->taken[k] = decay * of[0];
        found->first[k] = decay * (turned.cosine * of[1] - turned.sine * of[2]);
        found->second[k] = decay * (turned.sine * of[1] + turned.cosine * of[2]);
    }
}

/* Derivatives through the flows of one exercise. */
static void add_flow_derivatives(const induction *run, int back, int most, const moments *m, derivatives to) {
    const plane *in = run->in;
    const triangle root = in->roots[back];
    const size_t start = (size_t)back * in->flows, place = (size_t)(in->exercises - 1 - back);
    double form[4] = {0.0};
    for (int k = 0; k < in->flows; k++) {
        const double first = in->first[start + k], second = in->second[start + k];
        const double bracket = in->brackets[start + k], taken = m->taken[k];
        double *own = to.present_values + place * most + in->kept[k], *loading = to.loadings + 2 * (size_t)in->kept[k];
        own[0] -= taken;
        if (back) own[most] += taken;
        const double by_first = (m->first[k] + first * taken) * bracket, by_second = (m->second[k] + second * taken) * bracket;
        loading[0] += by_first * root.left;
        loading[1] += by_first * root.below + by_second * root.right;
        form[0] += 0.5 * taken * bracket * first * first;
        form[1] += 0.5 * taken * bracket * first * second;
        form[3] += 0.5 * taken * bracket * second * second;
    }
    form[2] = form[1];
    to_state(form, in->inverses[back], to.covariances + 4 * place);
}

/* Derivatives to present values, loadings and covariances; nodes and coordinates count as fixed, for the excess vanishes where
 * nodes begin, and a normal average moves with its covariance as half of its second derivatives. */
static void differentiate(induction *run, int most, masses *m, moments *of, derivatives to) {
    const plane *in = run->in;
    const int first = in->exercises - 1;
    masses_today(run, first, 0.0, 0.0, m);
    first_curvature(run, first, of->steps + 4 * first);
    for (int k = 0; k < in->flows; k++) to.present_values[in->kept[k]] += in->paid[(size_t)first * in->flows + k];
    for (int back = first; back >= 0; back--) {
        const level *one = level_of(run, back);
        fill_moments(run, back, m, of);
        add_flow_derivatives(run, back, most, of, to);
        if (back == 0) break;
        curvature curved = {0};
        double form[4];
        carry(run, back, 0.0, 0.0, m, &curved);
        curved.along /= one->to.deviation * one->to.deviation;
        curved.mixed /= one->to.deviation;
        to_plane(curved, one->to.mean, one->to.slope, run->borders[back].turned, form);
        to_state(form, in->inverses[back], of->steps + 4 * (back - 1));
    }
    for (int back = 0; back <= first; back++)
        for (int i = 0; i < 4; i++) {
            double *covariance = to.covariances + 4 * (first - back) + i;
            *covariance += of->steps[4 * back + i] - (back ? of->steps[4 * (back - 1) + i] : 0.0);
        }
}

#endif
