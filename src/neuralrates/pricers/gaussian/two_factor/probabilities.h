/* Risk-neutral probabilities of exercise: `probabilities.py`. */
#ifndef NEURALRATES_PROBABILITIES_H
#define NEURALRATES_PROBABILITIES_H

#include "carried.h"

static double total_mass(const rule *by, const masses *m) {
    double found = 0.0;
    for (int i = 0; i < by->lines * by->shared; i++) found += m->shared[i];
    for (int i = 0; i < by->columns - by->shared; i++) found += m->own[i];
    return found;
}

/* Probability of exercise at each time, in the trade's own order: in the bank-account measure the state drifts, so masses of
 * paths not yet exercised are carried forward with means that have moved. `drifts` holds two numbers an exercise. */
static void find_probabilities(induction *run, const double *drifts, masses *m, double *found) {
    const plane *in = run->in;
    double before = 1.0;
    for (int back = in->exercises - 1; back >= 0; back--) {
        const int place = in->exercises - 1 - back;
        const triangle inverse = in->inverses[back];
        const frame turned = run->borders[back].turned;
        const double first = inverse.left * drifts[2 * place];
        const double second = inverse.below * drifts[2 * place] + inverse.right * drifts[2 * place + 1];
        const double u = turned.cosine * first + turned.sine * second, v = turned.cosine * second - turned.sine * first;
        if (place == 0)
            masses_today(run, back, u, v, m);
        else
            carry(run, back + 1, u, v, m, NULL);
        const double waiting = total_mass(run->by, m);
        found[place] = before - waiting;
        before = waiting;
    }
}

#endif
