/* One trade: memory, the run by the rule and by a coarser one, derivatives and probabilities. */
#ifndef NEURALRATES_VALUATION_H
#define NEURALRATES_VALUATION_H

#include "adjoint.h"
#include "probabilities.h"
#include "room.h"
#include "survey.h"

/* What trades are known by, and where their answers go; rows are trades. */
typedef struct {
    int trades, exercises, flows; /* sizes of the arrays */
    const int64_t *counts;
    const double *covariances, *loadings, *present_values;
} portfolio_of_rights;

typedef struct {
    double *values, *coarse, *rights; /* `coarse` is NULL where no error is wanted */
    double most;                      /* difference of these beyond which a finer rule will follow: no more is computed then */
    derivatives to;                   /* NULL pointers where none are wanted */
    const double *drifts;             /* NULL where no probabilities are wanted */
    double *probabilities;
} answers;

static right right_of(const portfolio_of_rights *all, int64_t trade) {
    const size_t row = (size_t)trade * all->exercises;
    return (right){(int)all->counts[trade], all->flows, all->covariances + 4 * row,
                   all->loadings + 2 * (size_t)trade * all->flows, all->present_values + row * all->flows};
}

/* All that is worked with on one trade. */
typedef struct {
    plane in;
    break_even *start;
    double *work;
    induction run, coarse;
    masses carried;
    moments gathered;
} workplace;

static void lay_out_plane_work(workplace *w, arena *from, int exercises, int flows) {
    lay_out_plane(&w->in, from, exercises, flows);
    w->start = take(from, (size_t)exercises * sizeof(break_even));
    w->work = take_doubles(from, 3 * (size_t)flows);
}

static void lay_out(workplace *w, arena *from, const rule *fine, const rule *coarse, int exercises, int flows, int keep) {
    lay_out_plane_work(w, from, exercises, flows);
    lay_out_induction(&w->run, from, fine, exercises, flows, keep);
    if (coarse != NULL) lay_out_induction(&w->coarse, from, coarse, exercises, flows, 0);
    lay_out_masses(&w->carried, from, fine);
    lay_out_moments(&w->gathered, from, exercises, flows);
}

static void prepare(workplace *w, const right *from, const int *kept) {
    memcpy(w->in.kept, kept, (size_t)w->in.flows * sizeof(int));
    fill_plane(&w->in, from);
    find_break_even(&w->in, w->work, w->start);
}

/* Width and number of boundaries that a rule must resolve; zero where memory is short. `kept` has room for all flows. */
static int survey_one(buffer *b, const right *from, unsigned char *paid, int *kept, double half_width, double *width,
                      int64_t *boundaries) {
    workplace w;
    arena memory = {NULL, 0};
    const int flows = flows_paid(from, paid, kept);
    lay_out_plane_work(&w, &memory, from->exercises, flows);
    if (!make_room(b, memory.used)) return 0;
    memory = arena_of(b);
    lay_out_plane_work(&w, &memory, from->exercises, flows);
    prepare(&w, from, kept);
    *width = widest(&w.in, w.start, half_width);
    *boundaries = most_boundaries(&w.in, w.start, half_width);
    return 1;
}

/* Value of one trade with all that is wanted of it; zero where memory is short. */
static int value_one(buffer *b, const portfolio_of_rights *all, int64_t trade, unsigned char *paid, int *kept, const rule *fine,
                     const rule *coarse, const answers *to) {
    workplace w;
    arena memory = {NULL, 0};
    const right from = right_of(all, trade);
    const int flows = flows_paid(&from, paid, kept), n = from.exercises, keep = to->to.loadings != NULL || to->drifts != NULL;
    lay_out(&w, &memory, fine, coarse, n, flows, keep);
    if (!make_room(b, memory.used)) return 0;
    memory = arena_of(b);
    lay_out(&w, &memory, fine, coarse, n, flows, keep);
    prepare(&w, &from, kept);
    induce(&w.run, &w.in, w.start, NULL);
    const size_t row = (size_t)trade * all->exercises;
    for (int i = 0; i < n; i++) to->rights[row + i] = w.run.rights[n - 1 - i];
    to->values[trade] = w.run.rights[n - 1];
    if (coarse != NULL) {
        induce(&w.coarse, &w.in, w.start, &w.run);
        to->coarse[trade] = w.coarse.rights[n - 1];
        if (fabs(to->values[trade] - to->coarse[trade]) > to->most) return 1;
    }
    if (to->to.loadings != NULL) {
        const derivatives own = {to->to.present_values + row * all->flows, to->to.loadings + 2 * (size_t)trade * all->flows,
                                 to->to.covariances + 4 * row};
        differentiate(&w.run, all->flows, &w.carried, &w.gathered, own);
    }
    if (to->drifts != NULL) find_probabilities(&w.run, to->drifts + 2 * row, &w.carried, to->probabilities + row);
    return 1;
}

#endif
