/* Where exercise is worth nothing: `break_even.py`. */
#ifndef NEURALRATES_BREAK_EVEN_H
#define NEURALRATES_BREAK_EVEN_H

#include "falling.h"
#include "plane.h"

/* Of every exercise; `work` has room for three numbers a flow. */
static void find_break_even(const plane *p, double *work, break_even *found) {
    const int flows = p->flows;
    for (int back = 0; back < p->exercises; back++) {
        size_t begin = (size_t)back * flows, end = begin + flows; /* flows before and after those paid have no loadings */
        while (begin < end && !p->paid[begin]) begin++;
        while (end > begin && !p->paid[end - 1]) end--;
        portfolio of = {p->first + begin, p->second + begin, work, work + flows, work + 2 * flows, (int)(end - begin)};
        for (int k = 0; k < of.flows; k++) of.amounts[k] = p->values[begin + k] * p->decay[begin + k];
        found[back] = falling(&of);
    }
}

#endif
