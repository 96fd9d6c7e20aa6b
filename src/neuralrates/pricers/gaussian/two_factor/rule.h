/* Numbers of nodes, and the tables that go with them, as `compiled.tables` lays them out. */
#ifndef NEURALRATES_RULE_H
#define NEURALRATES_RULE_H

#include <stddef.h>

#define LANES 8 /* states that are worked on together */
#define MOST_LINES 48
#define MOST_DEGREES 14
#define MOST_POINTS 16384
#define MOST_SLIVERS 64

typedef struct {
    int lines, degrees, points, slivers; /* degrees: Hermite polynomials along the boundary, no more than lines */
    double half_width;                  /* standard deviations kept on each side */
    const double *nodes, *weights;      /* of the Gauss-Hermite lines */
    const double *projection;           /* [degree][line]: from values on the lines to Hermite coefficients */
    const double *shares;               /* [k][r]: split h_k(a + b) into a^r and polynomials of b */
    const double *point, *point_weight; /* across, on [-1, 1] */
    const double *sliver, *sliver_weight;
    int shared, columns; /* points, and all nodes, in whole blocks of lanes */
} rule;

static inline int in_blocks(int count) { return (count + LANES - 1) / LANES * LANES; }

static inline int rule_is_possible(int lines, int points, int slivers) {
    return 1 <= lines && lines <= MOST_LINES && 1 <= points && points <= MOST_POINTS && 1 <= slivers && slivers <= MOST_SLIVERS;
}

static inline int degrees_of(int lines) { return lines < MOST_DEGREES ? lines : MOST_DEGREES; }

static inline size_t table_length(int lines, int points, int slivers) {
    const size_t degrees = (size_t)degrees_of(lines);
    return 1 + 2 * (size_t)lines + degrees * ((size_t)lines + degrees) + 2 * (size_t)points + 2 * (size_t)slivers;
}

static inline rule rule_from(int lines, int points, int slivers, const double *table) {
    rule found = {.lines = lines, .degrees = degrees_of(lines), .points = points, .slivers = slivers, .half_width = table[0]};
    found.nodes = table + 1;
    found.weights = found.nodes + lines;
    found.projection = found.weights + lines;
    found.shares = found.projection + found.degrees * lines;
    found.point = found.shares + found.degrees * found.degrees;
    found.point_weight = found.point + points;
    found.sliver = found.point_weight + points;
    found.sliver_weight = found.sliver + slivers;
    found.shared = in_blocks(points);
    found.columns = found.shared + in_blocks(lines * slivers);
    return found;
}

#endif
