/* One right under two factors. Exercises are counted from the last; coordinates z are independent standard normals as seen from
 * today. The equations are those of `plane.py`. */
#ifndef NEURALRATES_PLANE_H
#define NEURALRATES_PLANE_H

#include <string.h>

#include "arena.h"
#include "geometry.h"

/* What Python passes of one trade: rows of arrays that have room for `most` flows. */
typedef struct {
    int exercises, most;
    const double *covariances, *loadings, *present_values;
} right;

typedef struct {
    int exercises, flows;
    int *kept; /* places of the flows that some exercise has */
    triangle *roots, *inverses;
    triangle *steps;           /* z at the next exercise is this times z here, plus noise */
    double *first, *second;    /* [exercise][flow]: loadings on z; nothing for flows that are not paid */
    double *values, *brackets; /* of flows received on exercise; less those that the next exercise receives */
    double *decay, *amounts;   /* exp(-|loading|^2 / 2); brackets times decay */
    unsigned char *paid;       /* by the exercise or by the next */
    int *used, *uses;          /* flows in the bracket, and how many they are, by exercise */
} plane;

static void lay_out_plane(plane *p, arena *from, int exercises, int flows) {
    const size_t n = (size_t)exercises, all = n * (size_t)flows;
    p->exercises = exercises;
    p->flows = flows;
    p->kept = take(from, (size_t)flows * sizeof(int));
    p->roots = take(from, n * sizeof(triangle));
    p->inverses = take(from, n * sizeof(triangle));
    p->steps = take(from, n * sizeof(triangle));
    p->first = take_doubles(from, all);
    p->second = take_doubles(from, all);
    p->values = take_doubles(from, all);
    p->brackets = take_doubles(from, all);
    p->decay = take_doubles(from, all);
    p->amounts = take_doubles(from, all);
    p->paid = take(from, all);
    p->used = take(from, all * sizeof(int));
    p->uses = take(from, n * sizeof(int));
}

/* Mark flows from the first that is worth something to the last. */
static void mark_paid(const double *values, int flows, unsigned char *paid) {
    int begin = 0, end = flows;
    while (begin < end && values[begin] == 0.0) begin++;
    while (end > begin && values[end - 1] == 0.0) end--;
    for (int k = begin; k < end; k++) paid[k] = 1;
}

/* How many flows some exercise pays, and which. */
static int flows_paid(const right *from, unsigned char *paid, int *kept) {
    int count = 0;
    memset(paid, 0, (size_t)from->most);
    for (int i = 0; i < from->exercises; i++) mark_paid(from->present_values + (size_t)i * from->most, from->most, paid);
    for (int k = 0; k < from->most; k++)
        if (paid[k]) kept[count++] = k;
    return count;
}

static void fill_exercise(plane *p, const right *from, int back) {
    const int flows = p->flows, place = p->exercises - 1 - back;
    const size_t start = (size_t)back * flows;
    double *values = p->values + start, *brackets = p->brackets + start, *decay = p->decay + start;
    unsigned char *paid = p->paid + start;
    p->roots[back] = square_root(from->covariances + 4 * (size_t)place);
    p->inverses[back] = inverse_of(p->roots[back]);
    if (back) p->steps[back] = product_of(p->inverses[back - 1], p->roots[back]);
    for (int k = 0; k < flows; k++) {
        values[k] = from->present_values[(size_t)place * from->most + p->kept[k]];
        brackets[k] = back ? values[k] - values[k - flows] : values[k];
    }
    for (int k = 0; k < flows; k++) paid[k] = 0;
    mark_paid(values, flows, paid);
    if (back) mark_paid(values - flows, flows, paid);
    const triangle root = p->roots[back];
    for (int k = 0; k < flows; k++) {
        const double *loading = from->loadings + 2 * (size_t)p->kept[k];
        p->first[start + k] = paid[k] ? loading[0] * root.left + loading[1] * root.below : 0.0;
        p->second[start + k] = paid[k] ? loading[1] * root.right : 0.0;
        decay[k] = -0.5 * (p->first[start + k] * p->first[start + k] + p->second[start + k] * p->second[start + k]);
    }
    exponentials(decay, flows);
    p->uses[back] = 0;
    for (int k = 0; k < flows; k++) {
        p->amounts[start + k] = brackets[k] * decay[k];
        if (brackets[k] != 0.0) p->used[start + p->uses[back]++] = k;
    }
}

/* The plane of a right whose kept flows are known. */
static void fill_plane(plane *p, const right *from) {
    for (int back = 0; back < p->exercises; back++) fill_exercise(p, from, back);
}

#endif
