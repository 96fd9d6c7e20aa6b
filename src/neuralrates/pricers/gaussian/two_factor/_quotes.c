/* Calibration to coterminal Europeans in C: the same algorithm as `quotes.py` and `europeans.py`. All sizes are checked here.
 */
#include <stdlib.h>

#include "buffers.h"
#include "calibration.h"
#include "room.h"

#define MOST_ROWS 4096
#define MOST_FLOWS 65536
#define MOST_BUFFERS 18

/* Arrays of the arguments. */
typedef struct {
    Py_buffer views[MOST_BUFFERS];
    int held;
    double *arrays[MOST_BUFFERS];
} arrays;

static void release(arrays *a) {
    for (int i = 0; i < a->held; i++) PyBuffer_Release(&a->views[i]);
    a->held = 0;
}

static int hold(arrays *a, PyObject *argument, const char *name, Py_ssize_t count, int writable) {
    if (take_buffer(argument, &a->views[a->held], name, 8, count, writable) != 0) return 0;
    a->arrays[a->held] = a->views[a->held].buf;
    a->held++;
    return 1;
}

/* Sizes of the arrays of all trades, and which trades to work on. */
typedef struct {
    Py_ssize_t trades, exercises, flows, rows; /* rows: exercises of all trades */
    Py_ssize_t begin, end;
    const int64_t *counts;
} sizes;

/* Rows before a trade; or -1 where counts do not fit. */
static Py_ssize_t rows_before(const sizes *s, Py_ssize_t trade) {
    Py_ssize_t found = 0;
    for (Py_ssize_t i = 0; i < trade; i++) {
        if (s->counts[i] < 0 || s->counts[i] > s->exercises) return -1;
        found += (Py_ssize_t)s->counts[i];
    }
    return found;
}

static int sizes_fit(sizes *s) {
    if (s->trades < 0 || s->trades > INT32_MAX / 8 || s->exercises < 1 || s->exercises > MOST_ROWS || s->flows < 1 ||
        s->flows > MOST_FLOWS || s->begin < 0 || s->begin > s->end || s->end > s->trades) {
        PyErr_SetString(PyExc_ValueError, "Sizes of the arrays are out of range.");
        return 0;
    }
    return 1;
}

static const char *INPUTS[] = {"present_values", "loadings",   "growths", "targets", "sides",
                               "annuities",      "deviations", "vegas",   "still"};

/* Hold counts and quotes, which both functions begin with. */
static int hold_quotes(arrays *a, sizes *s, PyObject *counts, PyObject *given) {
    if (!sizes_fit(s) || !hold(a, counts, "counts", s->trades, 0)) return 0;
    s->counts = (const int64_t *)(const void *)a->arrays[0];
    s->rows = rows_before(s, s->trades);
    if (s->rows < 0 || !PyTuple_Check(given) || PyTuple_Size(given) != 9) {
        PyErr_SetString(PyExc_ValueError, "Expected counts within the arrays, and nine arrays of quotes.");
        return 0;
    }
    const Py_ssize_t all = s->trades * s->exercises;
    const Py_ssize_t counted[] = {all * s->flows, s->trades * s->flows * 2, all * 4, all, all, all, all, all, all};
    for (int i = 0; i < 9; i++)
        if (!hold(a, PyTuple_GetItem(given, i), INPUTS[i], counted[i], 0)) return 0;
    return 1;
}

static quotes quotes_of(const arrays *a, const sizes *s, Py_ssize_t trade) {
    double *const *of = a->arrays + 1;
    const Py_ssize_t row = trade * s->exercises;
    return (quotes){(int)s->counts[trade],
                    (int)s->flows,
                    of[0] + row * s->flows,
                    of[1] + trade * s->flows * 2,
                    of[2] + row * 4,
                    of[3] + row,
                    of[4] + row,
                    of[5] + row,
                    of[6] + row,
                    of[7] + row,
                    of[8] + row};
}

static met met_of(double *const *of, const sizes *s, Py_ssize_t trade, Py_ssize_t before) {
    const Py_ssize_t row = trade * s->exercises;
    return (met){of[0] + row,       of[1] + row * 4,           of[2] + row,
                 of[3] + before,    of[4] + before * s->flows, of[5] + before * s->flows * 2,
                 of[6] + before * 4};
}

static int hold_met(arrays *a, const sizes *s, PyObject *const *given, int writable) {
    static const char *names[] = {"squares",           "covariances", "residuals", "values",
                                  "by_present_values", "by_loadings", "slopes"};
    const Py_ssize_t all = s->trades * s->exercises;
    const Py_ssize_t counted[] = {all, 4 * all, all, s->rows, s->rows * s->flows, 2 * s->rows * s->flows, 4 * s->rows};
    for (int i = 0; i < 7; i++)
        if (!hold(a, given[i], names[i], counted[i], writable)) return 0;
    return 1;
}

static void lay_out_work(arena *from, const sizes *s, bonds *work, double **ratios) {
    lay_out_bonds(work, from, (int)s->flows);
    *ratios = take_doubles(from, (size_t)s->exercises);
}

static int meet_all(const arrays *a, const sizes *s, const double *nodes, double *const *to) {
    bonds work;
    double *ratios;
    buffer memory = {NULL, 0};
    arena from = {NULL, 0};
    lay_out_work(&from, s, &work, &ratios);
    if (!make_room(&memory, from.used)) return 0;
    from = arena_of(&memory);
    lay_out_work(&from, s, &work, &ratios);
    Py_ssize_t before = rows_before(s, s->begin);
    for (Py_ssize_t trade = s->begin; trade < s->end; trade++) {
        const quotes q = quotes_of(a, s, trade);
        const met found = met_of(to, s, trade, before);
        meet_quotes(&q, &work, nodes, ratios, &found);
        before += q.exercises;
    }
    free(memory.memory);
    return 1;
}

static PyObject *meet(PyObject *module, PyObject *arguments) {
    (void)module;
    arrays a = {0};
    sizes s = {0};
    PyObject *counts, *given, *lines, *wanted[7];
    int done = 0;
    if (!PyArg_ParseTuple(arguments, "(nnn)nnOOO(OOOOOOO)", &s.trades, &s.exercises, &s.flows, &s.begin, &s.end, &counts,
                          &given, &lines, wanted, wanted + 1, wanted + 2, wanted + 3, wanted + 4, wanted + 5, wanted + 6))
        return NULL;
    if (hold_quotes(&a, &s, counts, given) && hold_met(&a, &s, wanted, 1) && hold(&a, lines, "lines", 2 * LANES, 0)) {
        Py_BEGIN_ALLOW_THREADS done = meet_all(&a, &s, a.arrays[17], a.arrays + 10);
        Py_END_ALLOW_THREADS if (!done) PyErr_NoMemory();
    }
    release(&a);
    if (!done) return NULL;
    Py_RETURN_NONE;
}

static PyObject *pull_back_all(PyObject *module, PyObject *arguments) {
    (void)module;
    arrays a = {0}, o = {0};
    sizes s = {0};
    PyObject *counts, *given, *known[7], *weights, *wanted[4];
    int done = 0;
    if (!PyArg_ParseTuple(arguments, "(nnn)OO(OOOOOOO)O(OOOO)", &s.trades, &s.exercises, &s.flows, &counts, &given, known,
                          known + 1, known + 2, known + 3, known + 4, known + 5, known + 6, &weights, wanted, wanted + 1,
                          wanted + 2, wanted + 3))
        return NULL;
    const Py_ssize_t all = s.trades * s.exercises;
    if (hold_quotes(&a, &s, counts, given) && hold_met(&a, &s, known, 0) && hold(&o, weights, "weights", 4 * all, 0) &&
        hold(&o, wanted[0], "present_values", all * s.flows, 1) && hold(&o, wanted[1], "loadings", 2 * s.trades * s.flows, 1) &&
        hold(&o, wanted[2], "growths", 4 * all, 1) && hold(&o, wanted[3], "targets", all, 1)) {
        Py_ssize_t before = 0;
        for (Py_ssize_t trade = 0; trade < s.trades; trade++) {
            const quotes q = quotes_of(&a, &s, trade);
            const met from = met_of(a.arrays + 10, &s, trade, before);
            const Py_ssize_t row = trade * s.exercises;
            const through to = {o.arrays[1] + row * s.flows, o.arrays[2] + 2 * trade * s.flows, o.arrays[3] + 4 * row,
                                o.arrays[4] + row};
            pull_back(&q, &from, o.arrays[0] + 4 * row, to);
            before += q.exercises;
        }
        done = 1;
    }
    release(&a);
    release(&o);
    if (!done) return NULL;
    Py_RETURN_NONE;
}

static PyMethodDef functions[] = {
    {"meet", meet, METH_VARARGS,
     "meet(sizes, begin, end, counts, quotes, lines, answers): squares, covariances and residuals by exercise; values of "
     "Europeans and "
     "derivatives by row"},
    {"pull_back", pull_back_all, METH_VARARGS, "pull_back(sizes, counts, quotes, met, weights, answers)"},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT,
                                        "_quotes",
                                        "Calibration of two factors to coterminal Europeans.",
                                        -1,
                                        functions,
                                        NULL,
                                        NULL,
                                        NULL,
                                        NULL};

PyMODINIT_FUNC PyInit__quotes(void) { return PyModule_Create(&definition); }
