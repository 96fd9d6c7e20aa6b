/* How the whole forward curve moves coterminal swap rates, for many trades by one call. */
#define PY_SSIZE_T_CLEAN
#include "arrays.h"
#include "curve_coterminals.h"

/* Trades of a call: `rates` and `found` are those of the first, `strikes` and `counts` have an entry each. */
typedef struct {
    long trades, exercises;
    const double *strikes;
    const int64_t *counts;
    Law law;
    Rates rates;
    Moves found;
} Call;

static int take_law(Arrays *arrays, PyObject *argument, Law *law) {
    PyObject *coefficients, *points, *weights;
    if (!PyArg_ParseTuple(argument, "(ll)dddOOO", &law->factors, &law->columns, &law->shift, &law->cap, &law->longest, &coefficients,
                          &points, &weights))
        return 0;
    if (law->factors < 1 || law->columns < 1 || law->columns > MOST_COLUMNS) {
        PyErr_SetString(PyExc_ValueError, "Argument `factors` must have a row at least and 1 to 12 columns.");
        return 0;
    }
    const Py_ssize_t item = sizeof(double);
    return (law->coefficients = hold(arrays, coefficients, "factors", item, (Py_ssize_t)law->factors * law->columns, 0)) &&
           (law->points = hold(arrays, points, "points", item, law->columns, 0)) &&
           (law->weights = hold(arrays, weights, "weights", item, law->columns, 0));
}

static int take_rates(Arrays *arrays, PyObject *argument, Call *call) {
    PyObject *strikes, *expiries, *forwards, *annuities, *annuity_values, *present_values, *discount_factors, *flow_times, *start_times,
        *quotes, *counts;
    Rates *rates = &call->rates;
    if (!PyArg_ParseTuple(argument, "(lll)OOOOOOOOOOO", &call->trades, &call->exercises, &rates->flows, &strikes, &expiries, &forwards,
                          &annuities, &annuity_values, &present_values, &discount_factors, &flow_times, &start_times, &quotes, &counts))
        return 0;
    if (call->trades < 0 || call->exercises < 0 || rates->flows < 1) {
        PyErr_SetString(PyExc_ValueError, "Argument `rates` must have a flow time at least.");
        return 0;
    }
    const Py_ssize_t item = sizeof(double), trades = call->trades, places = trades * call->exercises, flows = rates->flows;
    const int good = (call->strikes = hold(arrays, strikes, "strike", item, trades, 0)) &&
                     (rates->expiries = hold(arrays, expiries, "expiries", item, places, 0)) &&
                     (rates->forwards = hold(arrays, forwards, "forwards", item, places, 0)) &&
                     (rates->annuities = hold(arrays, annuities, "annuities", item, places, 0)) &&
                     (rates->annuity_values = hold(arrays, annuity_values, "annuity_values", item, places * flows, 0)) &&
                     (rates->present_values = hold(arrays, present_values, "present_values", item, places * flows, 0)) &&
                     (rates->discount_factors = hold(arrays, discount_factors, "discount_factors", item, trades * flows, 0)) &&
                     (rates->flow_times = hold(arrays, flow_times, "flow_times", item, trades * flows, 0)) &&
                     (rates->start_times = hold(arrays, start_times, "start_times", item, places, 0)) &&
                     (rates->quotes = hold(arrays, quotes, "quotes", item, places, 0)) &&
                     (call->counts = hold(arrays, counts, "counts", sizeof(int64_t), trades, 0));
    for (long trade = 0; good && trade < call->trades; trade++)
        if (call->counts[trade] < 1 || call->counts[trade] > call->exercises) {
            PyErr_SetString(PyExc_ValueError, "Argument `counts` must be of exercises that there are.");
            return 0;
        }
    return good;
}

static int take_found(Arrays *arrays, PyObject *argument, Call *call) {
    PyObject *loadings, *squares, *correlations, *to_last, *least;
    if (!PyArg_ParseTuple(argument, "OOOOO", &loadings, &squares, &correlations, &to_last, &least)) return 0;
    const Py_ssize_t item = sizeof(double), trades = call->trades, places = trades * call->exercises;
    return (call->found.loadings = hold(arrays, loadings, "loadings", item, trades * call->rates.flows, 1)) &&
           (call->found.squares = hold(arrays, squares, "squares", item, places, 1)) &&
           (call->found.correlations = hold(arrays, correlations, "correlations", item, places, 1)) &&
           (call->found.to_last = hold(arrays, to_last, "correlation_to_last", item, places, 1)) &&
           (call->found.least_level = hold(arrays, least, "least_level", item, trades, 1));
}

/* All trades; whether there was memory. */
static int move_all(const Call *call) {
    void *memory;
    Work work;
    if (!open_work(call->exercises, call->rates.flows, call->law.columns, &memory, &work)) return 0;
    for (long trade = 0; trade < call->trades; trade++) {
        const long place = trade * call->exercises, flow = trade * call->rates.flows, both = place * call->rates.flows;
        const Rates *all = &call->rates;
        const Rates rates = {(long)call->counts[trade],
                             all->flows,
                             call->strikes[trade],
                             all->expiries + place,
                             all->forwards + place,
                             all->annuities + place,
                             all->annuity_values + both,
                             all->present_values + both,
                             all->discount_factors + flow,
                             all->flow_times + flow,
                             all->start_times + place,
                             all->quotes + place};
        const Moves found = {call->found.loadings + flow, call->found.squares + place, call->found.correlations + place,
                             call->found.to_last + place, call->found.least_level + trade};
        move_one(&call->law, &rates, &work, &found);
    }
    free(memory);
    return 1;
}

static PyObject *moves(PyObject *Py_UNUSED(module), PyObject *arguments) {
    PyObject *law, *rates, *found;
    Arrays arrays = {.count = 0};
    Call call;
    int enough = 1;
    if (!PyArg_ParseTuple(arguments, "O!O!O!", &PyTuple_Type, &law, &PyTuple_Type, &rates, &PyTuple_Type, &found)) return NULL;
    const int good = take_law(&arrays, law, &call.law) && take_rates(&arrays, rates, &call) && take_found(&arrays, found, &call);
    if (good) {
        Py_BEGIN_ALLOW_THREADS;
        enough = move_all(&call);
        Py_END_ALLOW_THREADS;
    }
    release(&arrays);
    if (!good) return NULL;
    if (!enough) return PyErr_NoMemory();
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
    {"moves", moves, METH_VARARGS, "How the curve moves the rates of trades."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "_curve", NULL, 0, methods, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit__curve(void) { return PyModuleDef_Init(&definition); }
