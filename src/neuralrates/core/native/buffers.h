/* Arguments of a kernel: contiguous arrays by the buffer protocol, which needs nothing of NumPy's headers. */
#ifndef NEURALRATES_BUFFERS_H
#define NEURALRATES_BUFFERS_H

#include <Python.h>

/* A contiguous buffer of `count` items of `size` bytes each, or an exception that names the argument. */
static inline int take_buffer(PyObject *argument, Py_buffer *view, const char *name, Py_ssize_t size, Py_ssize_t count, int writable) {
    const int flags = PyBUF_C_CONTIGUOUS | (writable ? PyBUF_WRITABLE : 0);
    if (PyObject_GetBuffer(argument, view, flags) != 0) return -1;
    if (view->itemsize == size && view->len == size * count) return 0;
    PyErr_Format(PyExc_ValueError, "Argument `%s` must hold %zd items of %zd bytes, but holds %zd bytes, %zd each.", name, count,
                 size, view->len, view->itemsize);
    PyBuffer_Release(view);
    return -1;
}

#endif
