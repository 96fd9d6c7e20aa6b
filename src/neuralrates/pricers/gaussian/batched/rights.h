/* Rights of a call, one laid out after the other: what a rule has to resolve, and values with what goes with them. */
#ifndef NEURALRATES_RIGHTS_H
#define NEURALRATES_RIGHTS_H

#include "survey.h"
#include "workspace.h"

/* Many rights, and where what is found of them goes; NULL where not wanted. */
typedef struct {
    Rule rule, coarse; /* no points of the coarse one: its values are not wanted */
    long trades, exercises, flows;
    const int64_t *counts;
    const double *variances, *loadings, *present_values, *mean_loadings;
    double *values, *coarse_values, *probabilities, *to_present_values, *to_loadings, *to_variances;
} Rights;

/* Flows from the first that some exercise is paid to the last. */
static void used_flows(const Rights *rights, const double *present_values, long exercises, long *first, long *end) {
    *first = rights->flows;
    *end = 0;
    for (long i = 0; i < exercises; i++)
        for (long f = 0; f < rights->flows; f++)
            if (present_values[i * rights->flows + f] != 0.0) {
                *first = f < *first ? f : *first;
                *end = f + 1 > *end ? f + 1 : *end;
            }
    if (*first > *end) *first = *end;
}

/* One right as the induction wants it: only flows that are paid, padded. */
static Right laid_out(const Rights *rights, long trade, long first, long used, const Workspace *work) {
    const long exercises = (long)rights->counts[trade], flows = padded(used);
    const double *present_values = rights->present_values + trade * rights->exercises * rights->flows;
    memset(work->loadings, 0, flows * sizeof(double));
    memcpy(work->loadings, rights->loadings + trade * rights->flows + first, used * sizeof(double));
    for (long i = exercises - 1; i >= 0; i--) {
        double *row = work->present_values + i * flows;
        memset(row, 0, flows * sizeof(double));
        memcpy(row, present_values + i * rights->flows + first, used * sizeof(double));
        for (long f = 0; f < flows; f++)
            work->to_come[i * flows + f] = row[f] != 0.0 || (i + 1 < exercises && work->to_come[(i + 1) * flows + f]);
    }
    const double *variances = rights->variances + trade * rights->exercises;
    return (Right){exercises, flows, variances, work->loadings, work->present_values, work->to_come};
}

static void value_one(const Rights *rights, long trade, Workspace *work) {
    long first, end;
    const long places = trade * rights->exercises, exercises = (long)rights->counts[trade];
    used_flows(rights, rights->present_values + places * rights->flows, exercises, &first, &end);
    const long used = end - first;
    const int with_slopes = rights->to_present_values != NULL;
    const Right right = laid_out(rights, trade, first, used, work);
    lay_out(&right, rights->rule.half_width, &work->space);
    rights->values[trade] = induce(&rights->rule, &right, &work->space, NULL, with_slopes, work->nodes, work->levels, work->scratch);
    if (rights->coarse.points > 0) {
        lay_out(&right, rights->coarse.half_width, &work->coarse_space);
        rights->coarse_values[trade] =
            induce(&rights->coarse, &right, &work->coarse_space, work->levels, 0, work->nodes, work->coarse_levels, work->scratch);
    }
    if (!rights->probabilities) return;
    Wanted wanted = {rights->probabilities + places, NULL, NULL, NULL};
    if (rights->to_present_values) {
        memset(work->to_loadings, 0, right.flows * sizeof(double));
        wanted = (Wanted){wanted.probabilities, work->to_present_values, work->to_loadings, rights->to_variances + places};
    }
    run_forward(&right, &work->space, work->levels, rights->mean_loadings + places, &wanted, &work->forward);
    if (!rights->to_present_values) return;
    memcpy(rights->to_loadings + trade * rights->flows + first, work->to_loadings, used * sizeof(double));
    for (long i = 0; i < exercises; i++)
        memcpy(rights->to_present_values + (places + i) * rights->flows + first, work->to_present_values + i * right.flows,
               used * sizeof(double));
}

/* Value all of them; whether there was memory. */
static int value_all(const Rights *rights) {
    const long points = rights->rule.points > rights->coarse.points ? rights->rule.points : rights->coarse.points;
    const Size size = {rights->exercises, padded(rights->flows), (rights->rule.boundaries + 1) * padded(points),
                       rights->rule.boundaries};
    Workspace work;
    if (!open_workspace(&size, &work)) return 0;
    for (long trade = 0; trade < rights->trades; trade++) value_one(rights, trade, &work);
    free(work.memory);
    return 1;
}

/* Width and boundaries of all of them; whether there was memory. */
static int survey_all(const Rights *rights, double half_width, double *widths, int64_t *boundaries) {
    const Size size = {rights->exercises, padded(rights->flows), LANES, 1};
    Workspace work;
    if (!open_workspace(&size, &work)) return 0;
    for (long trade = 0; trade < rights->trades; trade++) {
        long first, end;
        const double *flows = rights->present_values + trade * rights->exercises * rights->flows;
        used_flows(rights, flows, (long)rights->counts[trade], &first, &end);
        const Right right = laid_out(rights, trade, first, end - first, &work);
        lay_out(&right, half_width, &work.space);
        widths[trade] = widest(&right, &work.space);
        boundaries[trade] = most_boundaries(&right, &work.space, work.scratch);
    }
    free(work.memory);
    return 1;
}

#endif
