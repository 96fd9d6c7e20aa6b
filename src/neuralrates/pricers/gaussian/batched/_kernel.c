/* The one-factor engine's inner loops, for many rights or quotes by one call. */
#define PY_SSIZE_T_CLEAN
#include "buffers.h"
#include "coterminals.h"
#include "workspace.h"

#define MOST_ARGUMENTS 24

/* Arrays of a call, released together. */
typedef struct {
    Py_buffer views[MOST_ARGUMENTS];
    int count;
} Arrays;

static void *take_array(Arrays *arrays, PyObject *argument, const char *name, Py_ssize_t size, Py_ssize_t count, int writable) {
    Py_buffer *view = arrays->views + arrays->count;
    if (take_buffer(argument, view, name, size, count, writable) != 0) return NULL;
    arrays->count++;
    return view->buf;
}

static void release(Arrays *arrays) {
    for (int k = 0; k < arrays->count; k++) PyBuffer_Release(arrays->views + k);
}

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
    const Right right = laid_out(rights, trade, first, used, work);
    lay_out(&right, rights->rule.half_width, &work->space);
    rights->values[trade] = induce(&rights->rule, &right, &work->space, NULL, work->levels, work->scratch);
    if (rights->coarse.points > 0) {
        lay_out(&right, rights->coarse.half_width, &work->coarse_space);
        rights->coarse_values[trade] =
            induce(&rights->coarse, &right, &work->coarse_space, work->levels, work->coarse_levels, work->scratch);
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

/* A rule's nodes and weights; 0 where the argument is wrong. */
static int take_rule(PyObject *argument, const char *name, int boundaries, Arrays *arrays, Rule *rule) {
    PyObject *nodes, *weights;
    if (!PyArg_ParseTuple(argument, "OOd", &nodes, &weights, &rule->half_width)) return 0;
    const Py_ssize_t points = PyObject_Length(nodes);
    if (points < 0) return 0;
    rule->boundaries = boundaries;
    rule->points = (long)points;
    rule->nodes = take_array(arrays, nodes, name, sizeof(double), points, 0);
    rule->weights = rule->nodes ? take_array(arrays, weights, name, sizeof(double), points, 0) : NULL;
    return rule->weights != NULL;
}

/* An array that is written to; NULL where the argument is None. */
static int take_result(Arrays *arrays, PyObject *argument, const char *name, Py_ssize_t count, double **found) {
    *found = NULL;
    if (argument == Py_None) return 1;
    *found = take_array(arrays, argument, name, sizeof(double), count, 1);
    return *found != NULL;
}

static int take_rights(PyObject *argument, Arrays *arrays, Rights *rights) {
    PyObject *counts, *variances, *loadings, *present_values, *mean_loadings;
    if (!PyArg_ParseTuple(argument, "(lll)OOOOO", &rights->trades, &rights->exercises, &rights->flows, &counts, &variances, &loadings,
                          &present_values, &mean_loadings))
        return 0;
    const Py_ssize_t trades = rights->trades, places = trades * rights->exercises;
    if (trades < 0 || rights->exercises < 1 || rights->flows < 0) {
        PyErr_SetString(PyExc_ValueError, "Argument `rights` must have sizes that are not negative.");
        return 0;
    }
    rights->counts = take_array(arrays, counts, "counts", sizeof(int64_t), trades, 0);
    if (!rights->counts) return 0;
    for (long trade = 0; trade < rights->trades; trade++)
        if (rights->counts[trade] < 1 || rights->counts[trade] > rights->exercises) {
            PyErr_SetString(PyExc_ValueError, "Argument `counts` must be of exercises that there are.");
            return 0;
        }
    rights->variances = take_array(arrays, variances, "variances", sizeof(double), places, 0);
    if (!rights->variances) return 0;
    rights->loadings = take_array(arrays, loadings, "loadings", sizeof(double), trades * rights->flows, 0);
    if (!rights->loadings) return 0;
    rights->present_values = take_array(arrays, present_values, "present_values", sizeof(double), places * rights->flows, 0);
    if (!rights->present_values) return 0;
    rights->mean_loadings = take_array(arrays, mean_loadings, "mean_loadings", sizeof(double), places, 0);
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
    PyObject *rule, *coarse, *right, *found;
    Arrays arrays = {.count = 0};
    Rights rights;
    int boundaries, enough = 1;
    if (!PyArg_ParseTuple(arguments, "iO!O!O!O!", &boundaries, &PyTuple_Type, &rule, &PyTuple_Type, &coarse, &PyTuple_Type, &right,
                          &PyTuple_Type, &found))
        return NULL;
    const int good = take_rule(rule, "rule", boundaries, &arrays, &rights.rule) &&
                     take_rule(coarse, "coarse", boundaries, &arrays, &rights.coarse) && take_rights(right, &arrays, &rights) &&
                     take_found(found, &arrays, &rights) && consistent(&rights);
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

/* Quotes, a row each, and where what is found of them goes. */
typedef struct {
    long rows, flows;
    const double *present_values, *moves, *targets, *sides, *starts;
    const unsigned char *known;
    double *deviations, *values, *to_deviations, *to_present_values, *to_moves;
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
    state = break_even(&whole, deviation, state, 0, &ratio);
    const double side = ratio.slope < 0.0 ? 1.0 : -1.0;
    const Ratio option = european(&whole, deviation, state, side, quotes->to_present_values + place, quotes->to_moves + place);
    quotes->deviations[row] = found;
    quotes->values[row] = option.value;
    quotes->to_deviations[row] = option.slope;
}

static int take_quotes(PyObject *arguments, Arrays *arrays, Quotes *quotes) {
    PyObject *present_values, *moves, *targets, *sides, *starts, *known, *deviations, *values, *to_deviations, *to_present_values,
        *to_moves;
    if (!PyArg_ParseTuple(arguments, "(ll)OOOOOOOOOOO", &quotes->rows, &quotes->flows, &present_values, &moves, &targets, &sides,
                          &starts, &known, &deviations, &values, &to_deviations, &to_present_values, &to_moves))
        return 0;
    const Py_ssize_t rows = quotes->rows, table = rows * quotes->flows, item = sizeof(double);
    return (quotes->present_values = take_array(arrays, present_values, "present_values", item, table, 0)) &&
           (quotes->moves = take_array(arrays, moves, "moves", item, table, 0)) &&
           (quotes->targets = take_array(arrays, targets, "targets", item, rows, 0)) &&
           (quotes->sides = take_array(arrays, sides, "sides", item, rows, 0)) &&
           (quotes->starts = take_array(arrays, starts, "starts", item, rows, 0)) &&
           (quotes->known = take_array(arrays, known, "known", 1, rows, 0)) &&
           (quotes->deviations = take_array(arrays, deviations, "deviations", item, rows, 1)) &&
           (quotes->values = take_array(arrays, values, "values", item, rows, 1)) &&
           (quotes->to_deviations = take_array(arrays, to_deviations, "to_deviations", item, rows, 1)) &&
           (quotes->to_present_values = take_array(arrays, to_present_values, "to_present_values", item, table, 1)) &&
           (quotes->to_moves = take_array(arrays, to_moves, "to_moves", item, table, 1));
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
    {"value", value, METH_VARARGS, "Value rights by one rule."},
    {"meet", meet_quotes, METH_VARARGS, "Deviations at which Europeans are worth their quotes."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "_kernel", NULL, 0, methods, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit__kernel(void) { return PyModuleDef_Init(&definition); }
