/* The two-factor induction in C: the same algorithm as `induction.py`, `forward.py`, `probabilities.py` and `survey.py`, one
 * trade at a time, eight states at once. All sizes are checked here. */
#include "buffers.h"
#include "valuation.h"

#define MOST_EXERCISES 4096
#define MOST_FLOWS 65536

/* Arguments that both functions begin with. */
typedef struct {
    Py_buffer counts, covariances, loadings, present_values, chosen;
    int taken; /* how many of the buffers are held */
    portfolio_of_rights all;
    const int64_t *of; /* trades that are asked for */
    Py_ssize_t asked;
} request;

static void release(request *r) {
    Py_buffer *views[] = {&r->counts, &r->covariances, &r->loadings, &r->present_values, &r->chosen};
    for (int i = 0; i < r->taken; i++) PyBuffer_Release(views[i]);
    r->taken = 0;
}

/* Whether each trade asked for exists and has a number of exercises that its arrays have room for. */
static int possible(const request *r) {
    for (Py_ssize_t i = 0; i < r->asked; i++) {
        const int64_t trade = r->of[i];
        if (trade < 0 || trade >= r->all.trades || r->all.counts[trade] < 1 || r->all.counts[trade] > r->all.exercises) {
            PyErr_Format(PyExc_ValueError, "Argument `chosen` must hold trades with exercises, but holds %lld.",
                         (long long)trade);
            return 0;
        }
    }
    return 1;
}

static int hold(request *r, PyObject *argument, Py_buffer *view, const char *name, Py_ssize_t count) {
    if (take_buffer(argument, view, name, 8, count, 0) != 0) return 0;
    r->taken++;
    return 1;
}

/* Hold trades whose arrays have these sizes. */
static int hold_trades(request *r, PyObject *const *arguments, Py_ssize_t trades, Py_ssize_t exercises, Py_ssize_t flows) {
    if (trades < 0 || trades > INT32_MAX / 8 || exercises < 1 || exercises > MOST_EXERCISES || flows < 1 ||
        flows > MOST_FLOWS) {
        PyErr_SetString(PyExc_ValueError, "Sizes of the arrays are out of range.");
        return 0;
    }
    r->asked = PyObject_Size(arguments[4]);
    if (r->asked < 0) return 0;
    if (!hold(r, arguments[0], &r->counts, "counts", trades)) return 0;
    if (!hold(r, arguments[1], &r->covariances, "covariances", trades * exercises * 4)) return 0;
    if (!hold(r, arguments[2], &r->loadings, "loadings", trades * flows * 2)) return 0;
    if (!hold(r, arguments[3], &r->present_values, "present_values", trades * exercises * flows)) return 0;
    if (!hold(r, arguments[4], &r->chosen, "chosen", r->asked)) return 0;
    r->all = (portfolio_of_rights){(int)trades,        (int)exercises,  (int)flows,           r->counts.buf,
                                   r->covariances.buf, r->loadings.buf, r->present_values.buf};
    r->of = r->chosen.buf;
    return possible(r);
}

/* Arrays that answers go to, each of which may be left out. */
typedef struct {
    Py_buffer views[8];
    int held;
    void *arrays[8];
} outputs;

static void release_outputs(outputs *o) {
    for (int i = 0; i < o->held; i++) PyBuffer_Release(&o->views[i]);
    o->held = 0;
}

static int hold_output(outputs *o, int place, PyObject *argument, const char *name, Py_ssize_t count, int writable) {
    o->arrays[place] = NULL;
    if (argument == Py_None) return 1;
    if (take_buffer(argument, &o->views[o->held], name, 8, count, writable) != 0) return 0;
    o->arrays[place] = o->views[o->held++].buf;
    return 1;
}

static PyObject *finished(request *r, outputs *o, int outcome) {
    release(r);
    release_outputs(o);
    if (outcome < 0) return NULL;
    if (outcome == 0) return PyErr_NoMemory();
    Py_RETURN_NONE;
}

static PyObject *survey(PyObject *module, PyObject *arguments) {
    (void)module;
    PyObject *given[7];
    Py_ssize_t trades, exercises, flows;
    double half_width;
    request r = {0};
    outputs o = {0};
    if (!PyArg_ParseTuple(arguments, "(nnn)OOOOOdOO", &trades, &exercises, &flows, given, given + 1, given + 2, given + 3,
                          given + 4, &half_width, given + 5, given + 6))
        return NULL;
    if (!hold_trades(&r, given, trades, exercises, flows) || !hold_output(&o, 0, given[5], "widths", r.asked, 1) ||
        !hold_output(&o, 1, given[6], "boundaries", r.asked, 1))
        return finished(&r, &o, -1);
    if (o.held != 2) {
        PyErr_SetString(PyExc_ValueError, "Arguments `widths` and `boundaries` must be given.");
        return finished(&r, &o, -1);
    }
    double *widths = o.arrays[0];
    int64_t *boundaries = o.arrays[1];
    buffer memory = {NULL, 0};
    int outcome = 1;
    Py_BEGIN_ALLOW_THREADS int *kept = malloc((size_t)flows * (sizeof(int) + 1));
    outcome = kept != NULL;
    for (Py_ssize_t i = 0; i < r.asked && outcome; i++) {
        const right from = right_of(&r.all, r.of[i]);
        outcome = survey_one(&memory, &from, (unsigned char *)(kept + flows), kept, half_width, widths + i, boundaries + i);
    }
    free(kept);
    free(memory.memory);
    Py_END_ALLOW_THREADS return finished(&r, &o, outcome);
}

/* A rule from its numbers and its tables; nothing where they do not fit. */
static int rule_of(PyObject *given, rule *found, Py_buffer *table) {
    PyObject *values;
    int lines, points, slivers;
    if (!PyArg_ParseTuple(given, "iiiO", &lines, &points, &slivers, &values)) return 0;
    if (!rule_is_possible(lines, points, slivers)) {
        PyErr_SetString(PyExc_ValueError, "Numbers of nodes are out of range.");
        return 0;
    }
    if (take_buffer(values, table, "tables", 8, (Py_ssize_t)table_length(lines, points, slivers), 0) != 0) return 0;
    *found = rule_from(lines, points, slivers, table->buf);
    return 1;
}

static int value_all(const request *r, const rule *fine, const rule *coarse, const answers *to) {
    buffer memory = {NULL, 0};
    int *kept = malloc((size_t)r->all.flows * (sizeof(int) + 1));
    int outcome = kept != NULL;
    for (Py_ssize_t i = 0; i < r->asked && outcome; i++)
        outcome = value_one(&memory, &r->all, r->of[i], (unsigned char *)(kept + r->all.flows), kept, fine, coarse, to);
    free(kept);
    free(memory.memory);
    return outcome;
}

/* Hold the arrays of answers, in the order of `value`; derivatives are all given or none is. */
static int hold_answers(outputs *o, PyObject *const *given, const portfolio_of_rights *all, answers *to) {
    static const char *names[] = {"values",        "coarse",         "rights",   "drifts",
                                  "probabilities", "present_values", "loadings", "covariances"};
    const Py_ssize_t trades = all->trades, rows = trades * all->exercises, flows = all->flows;
    const Py_ssize_t sizes[] = {trades, trades, rows, 2 * rows, rows, rows * flows, 2 * trades * flows, 4 * rows};
    for (int i = 0; i < 8; i++)
        if (!hold_output(o, i, given[i], names[i], sizes[i], i != 3)) return 0;
    const int missing = (o->arrays[5] == NULL) + (o->arrays[6] == NULL) + (o->arrays[7] == NULL);
    if (o->arrays[0] == NULL || o->arrays[2] == NULL || (o->arrays[3] != NULL && o->arrays[4] == NULL) || missing % 3) {
        PyErr_SetString(PyExc_ValueError, "Arrays that answers go to must be given.");
        return 0;
    }
    *to = (answers){o->arrays[0], o->arrays[1], o->arrays[2], INFINITY, {o->arrays[5], o->arrays[6], o->arrays[7]},
                    o->arrays[3], o->arrays[4]};
    return 1;
}

static PyObject *value(PyObject *module, PyObject *arguments) {
    (void)module;
    PyObject *given[5], *numbers, *coarser, *wanted[8];
    Py_ssize_t trades, exercises, flows;
    request r = {0};
    outputs o = {0};
    answers to;
    rule fine, coarse;
    Py_buffer tables[2];
    double most;
    int outcome = -1;
    if (!PyArg_ParseTuple(arguments, "(nnn)OOOOOOOd(OOOOOOOO)", &trades, &exercises, &flows, given, given + 1, given + 2,
                          given + 3, given + 4, &numbers, &coarser, &most, wanted, wanted + 1, wanted + 2, wanted + 3,
                          wanted + 4, wanted + 5, wanted + 6, wanted + 7))
        return NULL;
    if (!hold_trades(&r, given, trades, exercises, flows) || !hold_answers(&o, wanted, &r.all, &to))
        return finished(&r, &o, -1);
    if (!rule_of(numbers, &fine, tables)) return finished(&r, &o, -1);
    to.most = most;
    if (to.coarse == NULL || (rule_of(coarser, &coarse, tables + 1) && coarse.lines <= fine.lines)) {
        Py_BEGIN_ALLOW_THREADS outcome = value_all(&r, &fine, to.coarse == NULL ? NULL : &coarse, &to);
        Py_END_ALLOW_THREADS if (to.coarse != NULL) PyBuffer_Release(tables + 1);
    } else if (!PyErr_Occurred()) {
        PyBuffer_Release(tables + 1);
        PyErr_SetString(PyExc_ValueError, "A coarser rule must not have more lines.");
    }
    PyBuffer_Release(tables);
    return finished(&r, &o, outcome);
}

static PyMethodDef functions[] = {
    {"survey", survey, METH_VARARGS,
     "survey(sizes, counts, covariances, loadings, present_values, chosen, half_width, widths, boundaries)"},
    {"value", value, METH_VARARGS,
     "value(sizes, counts, covariances, loadings, present_values, chosen, rule, coarser, most, answers): the arrays of "
     "`answers` are values, "
     "coarse, rights, drifts, probabilities, and derivatives to present values, loadings and covariances"},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "_kernel", "The two-factor induction of single trades.", -1, functions, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit__kernel(void) { return PyModule_Create(&definition); }
