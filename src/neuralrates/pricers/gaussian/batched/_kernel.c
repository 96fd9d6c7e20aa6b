/* The one-factor engine's inner loops, for many rights or quotes by one call. */
#define PY_SSIZE_T_CLEAN
#include "arrays.h"
#include "coterminals.h"
#include "rights.h"

/* A rule's nodes and weights; 0 where the argument is wrong. */
static int take_rule(PyObject *argument, const char *name, int boundaries, Arrays *arrays, Rule *rule) {
    PyObject *nodes, *weights;
    if (!PyArg_ParseTuple(argument, "OOd", &nodes, &weights, &rule->half_width)) return 0;
    const Py_ssize_t points = PyObject_Length(nodes);
    if (points < 0) return 0;
    rule->boundaries = boundaries;
    rule->points = (long)points;
    rule->nodes = hold(arrays, nodes, name, sizeof(double), points, 0);
    rule->weights = rule->nodes ? hold(arrays, weights, name, sizeof(double), points, 0) : NULL;
    return rule->weights != NULL;
}

/* An array that is written to; NULL where the argument is None. */
static int take_result(Arrays *arrays, PyObject *argument, const char *name, Py_ssize_t count, double **found) {
    *found = NULL;
    if (argument == Py_None) return 1;
    *found = hold(arrays, argument, name, sizeof(double), count, 1);
    return *found != NULL;
}

static int take_rights(PyObject *argument, Arrays *arrays, Rights *rights) {
    PyObject *counts, *variances, *loadings, *present_values;
    if (!PyArg_ParseTuple(argument, "(lll)OOOO", &rights->trades, &rights->exercises, &rights->flows, &counts, &variances, &loadings,
                          &present_values))
        return 0;
    const Py_ssize_t trades = rights->trades, places = trades * rights->exercises;
    if (trades < 0 || rights->exercises < 1 || rights->flows < 0) {
        PyErr_SetString(PyExc_ValueError, "Argument `rights` must have sizes that are not negative.");
        return 0;
    }
    rights->counts = hold(arrays, counts, "counts", sizeof(int64_t), trades, 0);
    if (!rights->counts) return 0;
    for (long trade = 0; trade < rights->trades; trade++)
        if (rights->counts[trade] < 1 || rights->counts[trade] > rights->exercises) {
            PyErr_SetString(PyExc_ValueError, "Argument `counts` must be of exercises that there are.");
            return 0;
        }
    rights->variances = hold(arrays, variances, "variances", sizeof(double), places, 0);
    if (!rights->variances) return 0;
    rights->loadings = hold(arrays, loadings, "loadings", sizeof(double), trades * rights->flows, 0);
    if (!rights->loadings) return 0;
    rights->present_values = hold(arrays, present_values, "present_values", sizeof(double), places * rights->flows, 0);
    return rights->present_values != NULL;
}

static int take_means(PyObject *argument, Arrays *arrays, Rights *rights) {
    rights->mean_loadings = hold(arrays, argument, "mean_loadings", sizeof(double), rights->trades * rights->exercises, 0);
    return rights->mean_loadings != NULL;
}

static int take_found(PyObject *argument, Arrays *arrays, Rights *rights) {
    PyObject *values, *coarse, *probabilities, *present_values, *loadings, *variances;
    if (!PyArg_ParseTuple(argument, "OOOOOO", &values, &coarse, &probabilities, &present_values, &loadings, &variances)) return 0;
    const Py_ssize_t trades = rights->trades, places = trades * rights->exercises;
    return take_result(arrays, values, "values", trades, &rights->values) &&
           take_result(arrays, coarse, "coarse_values", trades, &rights->coarse_values) &&
           take_result(arrays, probabilities, "probabilities", places, &rights->probabilities) &&
           take_result(arrays, present_values, "to_present_values", places * rights->flows, &rights->to_present_values) &&
           take_result(arrays, loadings, "to_loadings", trades * rights->flows, &rights->to_loadings) &&
           take_result(arrays, variances, "to_variances", places, &rights->to_variances);
}

/* What is wanted together is given together. */
static int consistent(const Rights *rights) {
    const int derivatives = rights->to_present_values && rights->to_loadings && rights->to_variances;
    const int none = !rights->to_present_values && !rights->to_loadings && !rights->to_variances;
    const int good = rights->values && (derivatives || none) && (none || rights->probabilities) &&
                     (rights->coarse_values || rights->coarse.points == 0) && rights->rule.points > 0 && rights->rule.boundaries > 0;
    if (!good) PyErr_SetString(PyExc_ValueError, "Results that are wanted together must be given together.");
    return good;
}

static PyObject *value(PyObject *Py_UNUSED(module), PyObject *arguments) {
    PyObject *rule, *coarse, *right, *means, *found;
    Arrays arrays = {.count = 0};
    Rights rights;
    int boundaries, enough = 1;
    if (!PyArg_ParseTuple(arguments, "iO!O!O!OO!", &boundaries, &PyTuple_Type, &rule, &PyTuple_Type, &coarse, &PyTuple_Type, &right,
                          &means, &PyTuple_Type, &found))
        return NULL;
    const int good = take_rule(rule, "rule", boundaries, &arrays, &rights.rule) &&
                     take_rule(coarse, "coarse", boundaries, &arrays, &rights.coarse) && take_rights(right, &arrays, &rights) &&
                     take_means(means, &arrays, &rights) && take_found(found, &arrays, &rights) && consistent(&rights);
    if (good) {
        Py_BEGIN_ALLOW_THREADS;
        enough = value_all(&rights);
        Py_END_ALLOW_THREADS;
    }
    release(&arrays);
    if (!good) return NULL;
    if (!enough) return PyErr_NoMemory();
    Py_RETURN_NONE;
}

static PyObject *survey(PyObject *Py_UNUSED(module), PyObject *arguments) {
    PyObject *right, *widths, *boundaries;
    Arrays arrays = {.count = 0};
    Rights rights;
    double half_width;
    int enough = 1;
    if (!PyArg_ParseTuple(arguments, "O!dOO", &PyTuple_Type, &right, &half_width, &widths, &boundaries)) return NULL;
    int good = take_rights(right, &arrays, &rights);
    double *wide = good ? hold(&arrays, widths, "widths", sizeof(double), rights.trades, 1) : NULL;
    int64_t *many = wide ? hold(&arrays, boundaries, "boundaries", sizeof(int64_t), rights.trades, 1) : NULL;
    good = many != NULL;
    if (good) {
        Py_BEGIN_ALLOW_THREADS;
        enough = survey_all(&rights, half_width, wide, many);
        Py_END_ALLOW_THREADS;
    }
    release(&arrays);
    if (!good) return NULL;
    if (!enough) return PyErr_NoMemory();
    Py_RETURN_NONE;
}

/* Quotes, a row each, and where what is found of them goes. */
typedef struct {
    long rows, flows;
    const double *present_values, *moves, *targets, *sides, *starts;
    const unsigned char *known;
    double *deviations, *values, *to_deviations, *to_present_values, *to_moves; /* the last two NULL where not wanted */
} Quotes;

/* One row; `work` holds three rows of flows, padded. */
static void meet_one(const Quotes *quotes, long row, double *work) {
    const long place = row * quotes->flows;
    double *present_values = work, *moves = work + padded(quotes->flows), *amounts = moves + padded(quotes->flows);
    const European whole = {quotes->flows, quotes->present_values + place, quotes->moves + place, amounts};
    European paid = {0, present_values, moves, amounts};
    for (long f = 0; f < quotes->flows; f++) {
        if (whole.present_values[f] == 0.0) continue;
        present_values[paid.flows] = whole.present_values[f];
        moves[paid.flows++] = whole.moves[f];
    }
    for (; paid.flows < padded(paid.flows); paid.flows++) present_values[paid.flows] = moves[paid.flows] = 0.0;
    double state = 0.0;
    const double found = meet(&paid, quotes->sides[row], quotes->targets[row], quotes->starts[row], quotes->known[row], &state);
    const double deviation = sqrt(at_least(found * found, SMALLEST_VARIANCE));
    Ratio ratio;
    state = break_even(&paid, deviation, state, 0, &ratio);
    const double side = ratio.slope < 0.0 ? 1.0 : -1.0;
    const Ratio option = european(&paid, deviation, state, side);
    if (quotes->to_present_values)
        european_slopes(&whole, deviation, state, side, quotes->to_present_values + place, quotes->to_moves + place);
    quotes->deviations[row] = found;
    quotes->values[row] = option.value;
    quotes->to_deviations[row] = option.slope;
}

static int slopes_together(const Quotes *quotes) {
    if (!quotes->to_present_values == !quotes->to_moves) return 1;
    PyErr_SetString(PyExc_ValueError, "Results that are wanted together must be given together.");
    return 0;
}

static int take_quotes(PyObject *arguments, Arrays *arrays, Quotes *quotes) {
    PyObject *present_values, *moves, *targets, *sides, *starts, *known, *deviations, *values, *to_deviations, *to_present_values,
        *to_moves;
    if (!PyArg_ParseTuple(arguments, "(ll)OOOOOOOOOOO", &quotes->rows, &quotes->flows, &present_values, &moves, &targets, &sides,
                          &starts, &known, &deviations, &values, &to_deviations, &to_present_values, &to_moves))
        return 0;
    const Py_ssize_t rows = quotes->rows, table = rows * quotes->flows, item = sizeof(double);
    return (quotes->present_values = hold(arrays, present_values, "present_values", item, table, 0)) &&
           (quotes->moves = hold(arrays, moves, "moves", item, table, 0)) &&
           (quotes->targets = hold(arrays, targets, "targets", item, rows, 0)) &&
           (quotes->sides = hold(arrays, sides, "sides", item, rows, 0)) &&
           (quotes->starts = hold(arrays, starts, "starts", item, rows, 0)) &&
           (quotes->known = hold(arrays, known, "known", 1, rows, 0)) &&
           (quotes->deviations = hold(arrays, deviations, "deviations", item, rows, 1)) &&
           (quotes->values = hold(arrays, values, "values", item, rows, 1)) &&
           (quotes->to_deviations = hold(arrays, to_deviations, "to_deviations", item, rows, 1)) &&
           take_result(arrays, to_present_values, "to_present_values", table, &quotes->to_present_values) &&
           take_result(arrays, to_moves, "to_moves", table, &quotes->to_moves) && slopes_together(quotes);
}

static PyObject *meet_quotes(PyObject *Py_UNUSED(module), PyObject *arguments) {
    Arrays arrays = {.count = 0};
    Quotes quotes;
    double *work = NULL;
    const int good = take_quotes(arguments, &arrays, &quotes);
    if (good) {
        Py_BEGIN_ALLOW_THREADS;
        work = malloc((size_t)(3 * padded(quotes.flows) + 1) * sizeof(double));
        for (long row = 0; work && row < quotes.rows; row++) meet_one(&quotes, row, work);
        Py_END_ALLOW_THREADS;
    }
    release(&arrays);
    if (!good) return NULL;
    if (!work) return PyErr_NoMemory();
    free(work);
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
    {"survey", survey, METH_VARARGS, "What a rule has to resolve."},
    {"value", value, METH_VARARGS, "Value rights by one rule."},
    {"meet", meet_quotes, METH_VARARGS, "Deviations at which Europeans are worth their quotes."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "_kernel", NULL, 0, methods, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit__kernel(void) { return PyModuleDef_Init(&definition); }
