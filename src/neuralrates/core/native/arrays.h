/* The arrays of one call of a kernel: held one by one, released together. */
#ifndef NEURALRATES_ARRAYS_H
#define NEURALRATES_ARRAYS_H

#include "buffers.h"

#define MOST_ARRAYS 24

typedef struct {
    Py_buffer views[MOST_ARRAYS];
    int count;
} Arrays;

/* An array of `count` items of `size` bytes each; NULL with an exception where the argument is something else. */
static inline void *hold(Arrays *arrays, PyObject *argument, const char *name, Py_ssize_t size, Py_ssize_t count, int writable) {
    if (arrays->count == MOST_ARRAYS) {
        PyErr_SetString(PyExc_SystemError, "A call holds more arrays than there is room for.");
        return NULL;
    }
    Py_buffer *view = arrays->views + arrays->count;
    if (take_buffer(argument, view, name, size, count, writable) != 0) return NULL;
    arrays->count++;
    return view->buf;
}

static inline void release(Arrays *arrays) {
    for (int k = 0; k < arrays->count; k++) PyBuffer_Release(arrays->views + k);
    arrays->count = 0;
}

#endif
