/* A gated recurrence backward over the dates of trades: `recurrence` of this folder, forward. */
#define PY_SSIZE_T_CLEAN
#include "arrays.h"
#include "elementary.h"

#include <stdlib.h>

#define MOST_HIDDEN 64

/* Weights of recurrences side by side; gates are update, reset and candidate, `hidden` each. */
typedef struct {
    long features, hidden, members;
    const double *centre, *spread, *inputs, *states, *output;
} Weights;

/* Add so many numbers times the rows of a matrix. */
ALWAYS_INLINE void add_rows(long rows, long columns, const double *numbers, const double *matrix, double *restrict sums) {
    for (long i = 0; i < rows; i++) {
        const double number = numbers[i];
#pragma omp simd
        for (long g = 0; g < columns; g++) sums[g] += number * matrix[i * columns + g];
    }
}

/* One member's state, a date further back. */
FOR_EACH_PROCESSOR static void step_back(const Weights *weights, long member, const double *scaled, double *state) {
    const long features = weights->features, hidden = weights->hidden, gates = 3 * hidden;
    const double *inputs = weights->inputs + member * (features + 1) * gates, *states = weights->states + member * hidden * gates;
    double given[3 * MOST_HIDDEN], through[3 * MOST_HIDDEN];
    memcpy(given, inputs + features * gates, (size_t)gates * sizeof(double));
    memset(through, 0, (size_t)gates * sizeof(double));
    add_rows(features, gates, scaled, inputs, given);
    add_rows(hidden, gates, state, states, through);
#pragma omp simd
    for (long h = 0; h < hidden; h++) {
        const double update = 1.0 / (1.0 + fast_exp(-(given[h] + through[h])));
        const double reset = 1.0 / (1.0 + fast_exp(-(given[hidden + h] + through[hidden + h])));
        const double candidate = fast_tanh(given[2 * hidden + h] + reset * through[2 * hidden + h]);
        state[h] = update * state[h] + (1.0 - update) * candidate;
    }
}

/* Average of the members' outputs for one trade; `scaled` has room for the features of all its dates. */
static double correction(const Weights *weights, long dates, const double *features, double *scaled) {
    const long width = weights->features;
    for (long k = 0; k < (dates - 1) * width; k++) scaled[k] = (features[k] - weights->centre[k % width]) / weights->spread[k % width];
    double total = 0.0;
    for (long member = 0; member < weights->members; member++) {
        double state[MOST_HIDDEN] = {0.0};
        for (long date = dates - 2; date >= 0; date--) step_back(weights, member, scaled + date * width, state);
        for (long h = 0; h < weights->hidden; h++) total += weights->output[member * weights->hidden + h] * state[h];
    }
    return total / (double)weights->members;
}

static int take_weights(Arrays *arrays, PyObject *argument, Weights *weights) {
    PyObject *centre, *spread, *inputs, *states, *output;
    if (!PyArg_ParseTuple(argument, "(lll)OOOOO", &weights->features, &weights->hidden, &weights->members, &centre, &spread, &inputs,
                          &states, &output))
        return 0;
    const Py_ssize_t item = sizeof(double), features = weights->features, hidden = weights->hidden, members = weights->members;
    if (features < 1 || hidden < 1 || hidden > MOST_HIDDEN || members < 1) {
        PyErr_SetString(PyExc_ValueError, "Argument `weights` must have 1 to 64 hidden numbers, a feature and a member at least.");
        return 0;
    }
    return (weights->centre = hold(arrays, centre, "centre", item, features, 0)) &&
           (weights->spread = hold(arrays, spread, "spread", item, features, 0)) &&
           (weights->inputs = hold(arrays, inputs, "inputs", item, members * (features + 1) * 3 * hidden, 0)) &&
           (weights->states = hold(arrays, states, "states", item, members * hidden * 3 * hidden, 0)) &&
           (weights->output = hold(arrays, output, "output", item, members * hidden, 0));
}

static PyObject *corrections(PyObject *Py_UNUSED(module), PyObject *arguments) {
    PyObject *given, *numbers, *dates, *found;
    Arrays arrays = {.count = 0};
    Weights weights;
    long trades, most;
    double *scaled = NULL;
    if (!PyArg_ParseTuple(arguments, "O!(ll)OOO", &PyTuple_Type, &given, &trades, &most, &numbers, &dates, &found)) return NULL;
    int good = take_weights(&arrays, given, &weights);
    const Py_ssize_t item = sizeof(double), width = good ? weights.features : 0;
    const double *features = good ? hold(&arrays, numbers, "features", item, trades * most * width, 0) : NULL;
    const int64_t *counts = features ? hold(&arrays, dates, "dates", sizeof(int64_t), trades, 0) : NULL;
    double *values = counts ? hold(&arrays, found, "values", item, trades, 1) : NULL;
    good = values != NULL;
    for (long trade = 0; good && trade < trades; trade++)
        if (counts[trade] < 0 || counts[trade] > most) {
            PyErr_SetString(PyExc_ValueError, "Argument `dates` must be of dates that there are.");
            good = 0;
        }
    if (good) {
        Py_BEGIN_ALLOW_THREADS;
        scaled = malloc((size_t)(most * width + 1) * sizeof(double));
        for (long trade = 0; scaled && trade < trades; trade++)
            values[trade] = correction(&weights, (long)counts[trade], features + trade * most * width, scaled);
        Py_END_ALLOW_THREADS;
    }
    release(&arrays);
    if (!good) return NULL;
    if (!scaled) return PyErr_NoMemory();
    free(scaled);
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
    {"corrections", corrections, METH_VARARGS, "Corrections of trades."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "_recurrence", NULL, 0, methods, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit__recurrence(void) { return PyModuleDef_Init(&definition); }
