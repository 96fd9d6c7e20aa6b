/* Inner loops of values on paths: tables of functions of the state, and how paths read them. */
#define PY_SSIZE_T_CLEAN
#include "arrays.h"
#include "elementary.h"
#include "functions.h"
#include "normal.h"

/* Cubic Hermite interpolation on one even grid. */
FOR_EACH_PROCESSOR static void read_row(long paths, long cells, double low, double step, const double *values, const double *slopes,
                                        const double *states, double *found) {
    const double inverse = 1.0 / step;
    for (long p = 0; p < paths; p++) {
        const double place = (states[p] - low) * inverse;
        int cell = place > 0.0 ? (place < (double)(cells - 1) ? (int)place : (int)cells - 1) : 0; /* and where it is no number */
        const double into = place - (double)cell;
        const double rise = values[cell + 1] - values[cell], left = step * slopes[cell], right = step * slopes[cell + 1];
        const double third = left + right - 2.0 * rise, second = 3.0 * rise - 2.0 * left - right;
        found[p] = values[cell] + into * (left + into * (second + into * third));
    }
}

static PyObject *read_all(PyObject *Py_UNUSED(module), PyObject *arguments) {
    PyObject *lows, *steps, *cells, *values, *slopes, *states, *found;
    Py_ssize_t rows, paths, points;
    Arrays arrays = {.count = 0};
    if (!PyArg_ParseTuple(arguments, "(nnn)OOOOOOO", &rows, &paths, &points, &lows, &steps, &cells, &values, &slopes, &states, &found))
        return NULL;
    const Py_ssize_t item = sizeof(double);
    const double *low = hold(&arrays, lows, "lows", item, rows, 0);
    const double *step = low ? hold(&arrays, steps, "steps", item, rows, 0) : NULL;
    const int64_t *cell = step ? hold(&arrays, cells, "cells", sizeof(int64_t), rows, 0) : NULL;
    const double *value = cell ? hold(&arrays, values, "values", item, points, 0) : NULL;
    const double *slope = value ? hold(&arrays, slopes, "slopes", item, points, 0) : NULL;
    const double *state = slope ? hold(&arrays, states, "states", item, rows * paths, 0) : NULL;
    double *to = state ? hold(&arrays, found, "found", item, rows * paths, 1) : NULL;
    int good = to != NULL;
    if (good) {
        Py_ssize_t needed = 0;
        for (Py_ssize_t row = 0; row < rows; row++) {
            good = good && cell[row] > 0;
            needed += (Py_ssize_t)cell[row] + 1;
        }
        good = good && needed == points;
        if (!good) PyErr_SetString(PyExc_ValueError, "Argument `values` must hold a value for each state of all grids.");
    }
    if (good) {
        Py_BEGIN_ALLOW_THREADS;
        for (Py_ssize_t row = 0, at = 0; row < rows; at += (Py_ssize_t)cell[row] + 1, row++)
            read_row((long)paths, (long)cell[row], low[row], step[row], value + at, slope + at, state + row * paths, to + row * paths);
        Py_END_ALLOW_THREADS;
    }
    release(&arrays);
    if (!good) return NULL;
    Py_RETURN_NONE;
}

/* Sum of masses times the normal density around a state, and of the same times the distance. */
FOR_EACH_PROCESSOR static void average(long count, const double *nodes, const double *masses, double state, double inverse,
                                       double *value, double *slope) {
    double sum = 0.0, moved = 0.0;
#pragma omp simd reduction(+ : sum, moved)
    for (long j = 0; j < count; j++) {
        const double distance = (nodes[j] - state) * inverse;
        const double part = masses[j] * fast_exp(-0.5 * distance * distance);
        sum += part;
        moved += part * distance;
    }
    *value = sum;
    *slope = moved;
}

static PyObject *average_all(PyObject *Py_UNUSED(module), PyObject *arguments) {
    PyObject *nodes, *masses, *states, *firsts, *values, *slopes;
    Py_ssize_t size, points, count;
    double deviation;
    Arrays arrays = {.count = 0};
    if (!PyArg_ParseTuple(arguments, "(nnn)dOOOOOO", &size, &points, &count, &deviation, &nodes, &masses, &states, &firsts, &values,
                          &slopes))
        return NULL;
    const Py_ssize_t item = sizeof(double);
    const double *node = hold(&arrays, nodes, "nodes", item, size, 0);
    const double *mass = node ? hold(&arrays, masses, "masses", item, size, 0) : NULL;
    const double *state = mass ? hold(&arrays, states, "states", item, points, 0) : NULL;
    const int64_t *first = state ? hold(&arrays, firsts, "firsts", sizeof(int64_t), points, 0) : NULL;
    double *value = first ? hold(&arrays, values, "values", item, points, 1) : NULL;
    double *slope = value ? hold(&arrays, slopes, "slopes", item, points, 1) : NULL;
    int good = slope != NULL;
    if (good) {
        for (Py_ssize_t k = 0; k < points; k++) good = good && first[k] >= 0 && first[k] + count <= size;
        if (!good) PyErr_SetString(PyExc_ValueError, "Argument `firsts` must leave so many nodes.");
    }
    if (good) {
        Py_BEGIN_ALLOW_THREADS;
        for (Py_ssize_t k = 0; k < points; k++)
            average((long)count, node + first[k], mass + first[k], state[k], 1.0 / deviation, value + k, slope + k);
        Py_END_ALLOW_THREADS;
    }
    release(&arrays);
    if (!good) return NULL;
    Py_RETURN_NONE;
}

/* As `average`, and the second derivative to the state: the sums of masses times powers of the distance. */
FOR_EACH_PROCESSOR static void bend(long count, const double *nodes, const double *masses, double state, double inverse,
                                    double *found) {
    double sum = 0.0, moved = 0.0, bent = 0.0;
#pragma omp simd reduction(+ : sum, moved, bent)
    for (long j = 0; j < count; j++) {
        const double distance = (nodes[j] - state) * inverse;
        const double part = masses[j] * fast_exp(-0.5 * distance * distance);
        sum += part;
        moved += part * distance;
        bent += part * distance * distance;
    }
    found[0] = sum;
    found[1] = moved;
    found[2] = bent - sum;
}

static PyObject *bend_all(PyObject *Py_UNUSED(module), PyObject *arguments) {
    PyObject *nodes, *masses, *states, *firsts, *found;
    Py_ssize_t size, points, count;
    double deviation;
    Arrays arrays = {.count = 0};
    if (!PyArg_ParseTuple(arguments, "(nnn)dOOOOO", &size, &points, &count, &deviation, &nodes, &masses, &states, &firsts, &found))
        return NULL;
    const Py_ssize_t item = sizeof(double);
    const double *node = hold(&arrays, nodes, "nodes", item, size, 0);
    const double *mass = node ? hold(&arrays, masses, "masses", item, size, 0) : NULL;
    const double *state = mass ? hold(&arrays, states, "states", item, points, 0) : NULL;
    const int64_t *first = state ? hold(&arrays, firsts, "firsts", sizeof(int64_t), points, 0) : NULL;
    double *to = first ? hold(&arrays, found, "found", item, 3 * points, 1) : NULL;
    int good = to != NULL;
    if (good) {
        for (Py_ssize_t k = 0; k < points; k++) good = good && first[k] >= 0 && first[k] + count <= size;
        if (!good) PyErr_SetString(PyExc_ValueError, "Argument `firsts` must leave so many nodes.");
    }
    if (good) {
        Py_BEGIN_ALLOW_THREADS;
        for (Py_ssize_t k = 0; k < points; k++)
            bend((long)count, node + first[k], mass + first[k], state[k], 1.0 / deviation, to + 3 * k);
        Py_END_ALLOW_THREADS;
    }
    release(&arrays);
    if (!good) return NULL;
    Py_RETURN_NONE;
}

/* Weights of the polynomial through six even points, at a place counted from the first. */
static inline void six_weights(double place, double *weights) {
    const double a = place, b = place - 1.0, c = place - 2.0, d = place - 3.0, e = place - 4.0, f = place - 5.0;
    const double ab = a * b, ef = e * f, cd = c * d;
    weights[0] = b * cd * ef * (-1.0 / 120.0);
    weights[1] = a * cd * ef * (1.0 / 24.0);
    weights[2] = ab * d * ef * (-1.0 / 12.0);
    weights[3] = ab * c * ef * (1.0 / 12.0);
    weights[4] = ab * cd * f * (-1.0 / 24.0);
    weights[5] = ab * cd * e * (1.0 / 120.0);
}

/* The adjoint of reading: what paths weigh is given to the points of one even grid around them. */
static void spread_row(long figures, long all, long points, long paths, long cells, double low, double step, const double *states,
                       const double *adjoint, double *found) {
    const double inverse = 1.0 / step;
    for (long p = 0; p < paths; p++) {
        const double place = (states[p] - low) * inverse;
        long first = place > 2.0 ? (place < (double)(cells - 2) ? (long)place - 2 : cells - 5) : 0; /* and where it is no number */
        double weights[6];
        six_weights(place - (double)first, weights);
        for (long k = 0; k < figures; k++) {
            const double amount = adjoint[k * all + p];
            double *to = found + k * points + first;
            for (long j = 0; j < 6; j++) to[j] += amount * weights[j];
        }
    }
}

static PyObject *spread_all(PyObject *Py_UNUSED(module), PyObject *arguments) {
    PyObject *lows, *steps, *cells, *states, *adjoint, *found;
    Py_ssize_t figures, rows, paths, points;
    Arrays arrays = {.count = 0};
    if (!PyArg_ParseTuple(arguments, "(nnnn)OOOOOO", &figures, &rows, &paths, &points, &lows, &steps, &cells, &states, &adjoint, &found))
        return NULL;
    const Py_ssize_t item = sizeof(double);
    const double *low = hold(&arrays, lows, "lows", item, rows, 0);
    const double *step = low ? hold(&arrays, steps, "steps", item, rows, 0) : NULL;
    const int64_t *cell = step ? hold(&arrays, cells, "cells", sizeof(int64_t), rows, 0) : NULL;
    const double *state = cell ? hold(&arrays, states, "states", item, rows * paths, 0) : NULL;
    const double *from = state ? hold(&arrays, adjoint, "adjoint", item, figures * rows * paths, 0) : NULL;
    double *to = from ? hold(&arrays, found, "found", item, figures * points, 1) : NULL;
    int good = to != NULL;
    if (good) {
        Py_ssize_t needed = 0;
        for (Py_ssize_t row = 0; row < rows; row++) {
            good = good && cell[row] > 4;
            needed += (Py_ssize_t)cell[row] + 1;
        }
        good = good && needed == points;
        if (!good) PyErr_SetString(PyExc_ValueError, "Argument `found` must hold a number for each state of all grids.");
    }
    if (good) {
        Py_BEGIN_ALLOW_THREADS;
        for (Py_ssize_t row = 0, at = 0; row < rows; at += (Py_ssize_t)cell[row] + 1, row++)
            spread_row((long)figures, (long)(rows * paths), (long)points, (long)paths, (long)cell[row], low[row], step[row],
                       state + row * paths, from + row * paths, to + at);
        Py_END_ALLOW_THREADS;
    }
    release(&arrays);
    if (!good) return NULL;
    Py_RETURN_NONE;
}

/* An option to exchange one exponential of the state for another: worth at a state 0, slope in the state, and what is held. */
typedef struct {
    double grown, first, level, last, centre, deviation, share;
} Option;

FOR_EACH_PROCESSOR static void add_option(Option option, double sign, long points, const double *states, double *values,
                                          double *slopes) {
    const double inverse = 1.0 / option.deviation, half = 0.5 * option.deviation, drift = option.last - option.first;
    for (long k = 0; k < points; k++) {
        const double centre = (option.centre + drift * states[k]) * inverse;
        const double far = sign * (centre + half), near = sign * (centre - half);
        const double up =
            option.share * option.grown * fast_exp(-option.first * states[k]) * fast_normal_distribution(far, fast_exp(-0.5 * far * far));
        const double down = option.share * option.level * fast_exp(-option.last * states[k]) *
                            fast_normal_distribution(near, fast_exp(-0.5 * near * near));
        values[k] += up - down;
        slopes[k] += option.last * down - option.first * up;
    }
}

static PyObject *add_options(PyObject *Py_UNUSED(module), PyObject *arguments) {
    PyObject *options, *states, *values, *slopes;
    Py_ssize_t count, points;
    double sign;
    Arrays arrays = {.count = 0};
    if (!PyArg_ParseTuple(arguments, "(nn)dOOOO", &count, &points, &sign, &options, &states, &values, &slopes)) return NULL;
    const Py_ssize_t item = sizeof(double);
    const double *option = hold(&arrays, options, "options", item, 7 * count, 0);
    const double *state = option ? hold(&arrays, states, "states", item, points, 0) : NULL;
    double *value = state ? hold(&arrays, values, "values", item, points, 1) : NULL;
    double *slope = value ? hold(&arrays, slopes, "slopes", item, points, 1) : NULL;
    if (slope) {
        Py_BEGIN_ALLOW_THREADS;
        for (Py_ssize_t n = 0; n < count; n++) {
            const double *one = option + 7 * n;
            const Option as = {one[0], one[1], one[2], one[3], one[4], one[5], one[6]};
            add_option(as, sign, (long)points, state, value, slope);
        }
        Py_END_ALLOW_THREADS;
    }
    release(&arrays);
    if (!slope) return NULL;
    Py_RETURN_NONE;
}

/* Exponentials of a shift less a loading times the state. */
FOR_EACH_PROCESSOR static void bond_row(long paths, double loading, double shift, const double *states, double *found) {
    for (long p = 0; p < paths; p++) found[p] = fast_exp(shift - loading * states[p]);
}

static PyObject *bond_all(PyObject *Py_UNUSED(module), PyObject *arguments) {
    PyObject *loadings, *shifts, *states, *found;
    Py_ssize_t rows, paths;
    Arrays arrays = {.count = 0};
    if (!PyArg_ParseTuple(arguments, "(nn)OOOO", &rows, &paths, &loadings, &shifts, &states, &found)) return NULL;
    const Py_ssize_t item = sizeof(double);
    const double *loading = hold(&arrays, loadings, "loadings", item, rows, 0);
    const double *shift = loading ? hold(&arrays, shifts, "shifts", item, rows, 0) : NULL;
    const double *state = shift ? hold(&arrays, states, "states", item, rows * paths, 0) : NULL;
    double *to = state ? hold(&arrays, found, "found", item, rows * paths, 1) : NULL;
    if (to) {
        Py_BEGIN_ALLOW_THREADS;
        for (Py_ssize_t row = 0; row < rows; row++)
            bond_row((long)paths, loading[row], shift[row], state + row * paths, to + row * paths);
        Py_END_ALLOW_THREADS;
    }
    release(&arrays);
    if (!to) return NULL;
    Py_RETURN_NONE;
}

/* Black's formula without discount: growth over a level, or with the sign -1 what it falls short. */
FOR_EACH_PROCESSOR static void black_row(long paths, double level, double deviation, double sign, const double *grown, double *found) {
    const double inverse = 1.0 / deviation, half = 0.5 * deviation;
    for (long p = 0; p < paths; p++) {
        const double centre = level > 0.0 ? fast_log(grown[p] / level) * inverse : INFINITY;
        const double far = sign * (centre + half), near = sign * (centre - half);
        found[p] = sign * (grown[p] * fast_normal_distribution(far, fast_exp(-0.5 * far * far)) -
                           level * fast_normal_distribution(near, fast_exp(-0.5 * near * near)));
    }
}

static PyObject *black_all(PyObject *Py_UNUSED(module), PyObject *arguments) {
    PyObject *deviations, *grown, *found;
    Py_ssize_t rows, paths;
    double level, sign;
    Arrays arrays = {.count = 0};
    if (!PyArg_ParseTuple(arguments, "(nn)ddOOO", &rows, &paths, &level, &sign, &deviations, &grown, &found)) return NULL;
    const Py_ssize_t item = sizeof(double);
    const double *deviation = hold(&arrays, deviations, "deviations", item, rows, 0);
    const double *from = deviation ? hold(&arrays, grown, "grown", item, rows * paths, 0) : NULL;
    double *to = from ? hold(&arrays, found, "found", item, rows * paths, 1) : NULL;
    if (to) {
        Py_BEGIN_ALLOW_THREADS;
        for (Py_ssize_t row = 0; row < rows; row++)
            black_row((long)paths, level, deviation[row], sign, from + row * paths, to + row * paths);
        Py_END_ALLOW_THREADS;
    }
    release(&arrays);
    if (!to) return NULL;
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
    {"read", read_all, METH_VARARGS, "Read tables on even grids, row by row."},
    {"average", average_all, METH_VARARGS, "Gaussian averages of masses at nodes, around states."},
    {"bend", bend_all, METH_VARARGS, "The same with second derivatives, three numbers a state."},
    {"spread", spread_all, METH_VARARGS, "The adjoint of reading: weights of paths on even grids, row by row."},
    {"add_options", add_options, METH_VARARGS, "Add values and slopes of options on exponentials of the state."},
    {"bonds", bond_all, METH_VARARGS, "Bonds on paths, row by row."},
    {"black", black_all, METH_VARARGS, "Options on growth on paths, row by row."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "_kernel", NULL, 0, methods, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit__kernel(void) { return PyModuleDef_Init(&definition); }
