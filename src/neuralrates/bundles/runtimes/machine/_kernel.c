/* The graph of a bundle, run as instructions: `program` checks them once, `run` runs them on many points or on one.
 *
 * A program is built from what the graph's file says, so every offset is checked before anything is run; after that no point,
 * whatever its numbers, makes an instruction read or write elsewhere.
 * Any threads may run a program: the workspace of a call is kept for the next one, and a call that finds none makes its own. */
#include "running.h"

enum { OUTPUTS = 16 };
static const char NAME[] = "neuralrates.program";

static void free_program(Program *program) {
    free(program->instructions);
    free(program->constants);
    free(program->outputs);
    free(program->output_widths);
    for (int k = 0; k < SPARES; k++) free(atomic_load(program->spare + k));
    free(program);
}

static void destroy(PyObject *capsule) {
    Program *program = PyCapsule_GetPointer(capsule, NAME);
    if (program != NULL) free_program(program);
}

/* A copy of a contiguous buffer that begins on a whole step, with its length in bytes. */
static char *copied(PyObject *source, int64_t *bytes) {
    Py_buffer view;
    if (PyObject_GetBuffer(source, &view, PyBUF_C_CONTIGUOUS) != 0) return NULL;
    char *made = aligned_alloc(STEP, ((size_t)view.len / STEP + 1) * STEP);
    if (made != NULL) memcpy(made, view.buf, (size_t)view.len);
    else PyErr_NoMemory();
    *bytes = view.len;
    PyBuffer_Release(&view);
    return made;
}

/* Outputs as whole numbers: kind, offset, first number, width. */
static int set_outputs(Program *program, PyObject *outputs) {
    const Py_ssize_t count = PyTuple_Size(outputs);
    if (count < 0) return -1;
    program->output_count = count;
    program->outputs = calloc((size_t)count + 1, sizeof(Operand));
    program->output_widths = calloc((size_t)count + 1, sizeof(int32_t));
    if (program->outputs == NULL || program->output_widths == NULL) return PyErr_NoMemory(), -1;
    for (Py_ssize_t k = 0; k < count; k++) {
        int kind, offset, start, width;
        if (!PyArg_ParseTuple(PyTuple_GetItem(outputs, k), "iiii", &kind, &offset, &start, &width)) return -1;
        program->outputs[k] = (Operand){kind, offset, start};
        program->output_widths[k] = width;
    }
    return 0;
}

/* The first fault of a program: -1 where there is none, the number of an instruction, or their count for what is around them. */
static int64_t fault_of(const Program *program) {
    const int64_t capacity = program->capacity;
    if (capacity < 1 || capacity > MOST || (capacity > 1 && capacity % TOGETHER)) return program->count;
    if (program->work_bytes < 0 || program->work_bytes > INT32_MAX || program->output_count > OUTPUTS) return program->count;
    if (!is_moving(program, program->input, program->inputs, sizeof(double))) return program->count;
    for (int64_t k = 0; k < program->output_count; k++)
        if (!is_there(program, program->outputs[k], program->output_widths[k], sizeof(double))) return program->count;
    for (int64_t k = 0; k < program->count; k++)
        if (!is_sound(program, k)) return k;
    return -1;
}

static PyObject *make_program(PyObject *self, PyObject *arguments) {
    (void)self;
    PyObject *instructions, *constants, *outputs;
    int capacity, work_bytes, inputs, input_at;
    if (!PyArg_ParseTuple(arguments, "OOiiiiO!", &instructions, &constants, &capacity, &work_bytes, &inputs, &input_at,
                          &PyTuple_Type, &outputs))
        return NULL;
    Program *program = calloc(1, sizeof *program);
    if (program == NULL) return PyErr_NoMemory();
    int64_t bytes = 0;
    program->capacity = capacity, program->work_bytes = work_bytes, program->inputs = inputs;
    program->input = (Operand){MANY, input_at, 0};
    program->instructions = (Instruction *)copied(instructions, &bytes);
    program->count = bytes / (int64_t)sizeof(Instruction);
    if (program->instructions != NULL) program->constants = copied(constants, &program->constant_bytes);
    if (program->constants == NULL || set_outputs(program, outputs) != 0) return free_program(program), NULL;
    const int64_t fault = fault_of(program);
    if (fault >= 0) {
        free_program(program);
        return PyErr_Format(PyExc_ValueError, "Instruction %lld of the program reaches outside its memory.", (long long)fault);
    }
    PyObject *capsule = PyCapsule_New(program, NAME, destroy);
    if (capsule == NULL) free_program(program);
    return capsule;
}

/* The outputs' buffers, one row a point; how many could be taken. */
static int64_t take_outputs(const Program *program, PyObject *outputs, Py_ssize_t rows, Py_buffer *views) {
    if (PyTuple_Size(outputs) != program->output_count) {
        PyErr_Format(PyExc_ValueError, "Argument `outputs` must hold %lld arrays.", (long long)program->output_count);
        return 0;
    }
    for (int64_t k = 0; k < program->output_count; k++) {
        Py_buffer *view = views + k;
        PyObject *one = PyTuple_GetItem(outputs, k);
        if (PyObject_GetBuffer(one, view, PyBUF_C_CONTIGUOUS | PyBUF_WRITABLE) != 0) return k;
        const int is_sized = view->itemsize == 1 || view->itemsize == sizeof(double);
        if (is_sized && view->len == rows * program->output_widths[k] * view->itemsize) continue;
        PyErr_Format(PyExc_ValueError, "Output %lld must hold %d numbers for each of %zd points.", (long long)k,
                     (int)program->output_widths[k], rows);
        return k + 1;
    }
    return program->output_count;
}

static PyObject *run(PyObject *self, PyObject *arguments) {
    (void)self;
    PyObject *capsule, *points, *outputs;
    int threads;
    if (!PyArg_ParseTuple(arguments, "OOO!i", &capsule, &points, &PyTuple_Type, &outputs, &threads)) return NULL;
    threads = threads < 1 ? 1 : threads > THREADS ? THREADS : threads;
    Program *program = PyCapsule_GetPointer(capsule, NAME);
    if (program == NULL) return NULL;
    Py_buffer x, views[OUTPUTS];
    if (PyObject_GetBuffer(points, &x, PyBUF_C_CONTIGUOUS) != 0) return NULL;
    const Py_ssize_t row = (Py_ssize_t)program->inputs * (Py_ssize_t)sizeof(double), rows = x.len / row;
    int64_t taken = 0;
    if (x.itemsize != sizeof(double) || x.len % row)
        PyErr_Format(PyExc_ValueError, "Argument `x` must hold doubles, %lld for each point.", (long long)program->inputs);
    else taken = take_outputs(program, outputs, rows, views);
    int stopped = 0;
    if (!PyErr_Occurred()) {
        Py_BEGIN_ALLOW_THREADS;
        stopped = run_all(program, x.buf, rows, views, threads);
        Py_END_ALLOW_THREADS;
        if (stopped < 0) PyErr_NoMemory();
    }
    for (int64_t k = 0; k < taken; k++) PyBuffer_Release(views + k);
    PyBuffer_Release(&x);
    return PyErr_Occurred() ? NULL : PyLong_FromLong(stopped);
}

static PyMethodDef METHODS[] = {
    {"program", make_program, METH_VARARGS, "program(instructions, constants, capacity, work_bytes, inputs, input_at, outputs)"},
    {"run", run, METH_VARARGS, "run(program, x, outputs, threads): x one row a point, outputs arrays to be written; which stop was met, or 0"},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef MODULE = {PyModuleDef_HEAD_INIT, "_kernel", "Graphs as instructions.", -1, METHODS, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit__kernel(void) {
    PyObject *module = PyModule_Create(&MODULE);
    PyObject *names = module == NULL ? NULL : PyTuple_New(ENTRY_COUNT);
    if (names == NULL) return NULL;
    for (int k = 0; k < ENTRY_COUNT; k++) PyTuple_SetItem(names, k, PyUnicode_FromString(ENTRIES[k].name));
    if (PyModule_AddObjectRef(module, "OPERATIONS", names) != 0) return NULL;
    Py_DECREF(names);
    return module;
}
