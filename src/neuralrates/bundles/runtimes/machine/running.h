/* A program at work: points in, instructions one after the other, outputs out; in several threads where that is asked for. */
#ifndef NEURALRATES_RUNNING_H
#define NEURALRATES_RUNNING_H

#include "buffers.h"
#include "checks.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { THREADS = 64 };

/* Rows of points to numbers side by side; the last point fills the lanes that are left. */
static void load(const Program *program, const Machine *machine, const double *x, int64_t rows) {
    double *to = (double *)work_at(machine, program->input, 0, sizeof(double));
    for (int64_t j = 0; j < machine->lanes[0]; j++) {
        const double *row = x + (j < rows ? j : rows - 1) * program->inputs;
        for (int64_t k = 0; k < program->inputs; k++) to[k * machine->lanes[0] + j] = row[k];
    }
}

/* One output's numbers to rows, as doubles or as truths. */
static void store(const Program *program, const Machine *machine, int64_t output, char *to, Py_ssize_t size, int64_t rows) {
    const Operand from = program->outputs[output];
    const double *start = (const double *)operand_at(machine, from, 0, sizeof(double));
    const int64_t width = program->output_widths[output], lanes = machine->lanes[0];
    const int64_t by_number = from.kind == MANY ? lanes : from.kind == CONSTANTS, by_point = from.kind <= ONE;
    for (int64_t j = 0; j < rows; j++)
        for (int64_t k = 0; k < width; k++) {
            const double number = start[k * by_number + j * by_point];
            if (size == 1) to[j * width + k] = number != 0.0;
            else ((double *)to)[j * width + k] = number;
        }
}

/* Points from one row up to before another, and where their outputs go. */
typedef struct {
    Program *program;
    const double *x;
    const Py_buffer *views;
    int64_t start, end;
    int32_t stopped;
} Share;

static void run_once(const Program *program, Machine *machine) {
    machine->lanes[1] = machine->lanes[0];
    for (machine->next = 0; machine->next < program->count && !machine->stopped;) {
        const Instruction *at = program->instructions + machine->next++;
        ENTRIES[at->code].run(at, machine);
    }
}

/* A workspace that was used before, or a new one; NULL where there is no memory. */
static char *take_memory(Program *program, size_t bytes) {
    for (int k = 0; k < SPARES; k++) {
        char *memory = atomic_exchange(program->spare + k, NULL);
        if (memory != NULL) return memory;
    }
    return calloc(bytes, 1);
}

static void give_memory(Program *program, char *memory) {
    for (int k = 0; k < SPARES && memory != NULL; k++) memory = atomic_exchange(program->spare + k, memory);
    free(memory);
}

/* Some of the points, as many at once as the workspace has room for. */
static void *run_share(void *argument) {
    Share *share = argument;
    Program *program = share->program;
    const size_t bytes = (size_t)program->work_bytes * (size_t)program->capacity;
    char *memory = take_memory(program, bytes + STEP + (size_t)program->capacity * sizeof(int32_t));
    if (memory == NULL) return share;
    char *work = memory + (STEP - (uintptr_t)memory % STEP);
    Machine machine = {.constants = program->constants, .work = work, .places = (int32_t *)(work + bytes),
                       .capacity = program->capacity};
    for (int64_t start = share->start; start < share->end && !machine.stopped; start += program->capacity) {
        const int64_t left = share->end - start, here = left < program->capacity ? left : program->capacity;
        machine.lanes[0] = program->capacity == 1 ? 1 : (here + TOGETHER - 1) / TOGETHER * TOGETHER;
        load(program, &machine, share->x + start * program->inputs, here);
        run_once(program, &machine);
        for (int64_t k = 0; k < program->output_count; k++)
            store(program, &machine, k, (char *)share->views[k].buf + start * program->output_widths[k] * share->views[k].itemsize,
                  share->views[k].itemsize, here);
    }
    give_memory(program, memory);
    share->stopped = machine.stopped;
    return NULL;
}

/* All points, in as many threads: what a point stopped for, 0 where none did, -1 where there is no memory.
 *
 * What no thread can be had for is done here. */
static int run_all(Program *program, const double *x, int64_t rows, const Py_buffer *views, int threads) {
    Share shares[THREADS];
    pthread_t others[THREADS];
    int started[THREADS] = {0}, failed = 0;
    const int64_t blocks = (rows + program->capacity - 1) / program->capacity;
    for (int k = 0; k < threads; k++) {
        const int64_t start = blocks * k / threads * program->capacity, end = blocks * (k + 1) / threads * program->capacity;
        shares[k] = (Share){program, x, views, start, end < rows ? end : rows, 0};
    }
    for (int k = 1; k < threads; k++) started[k] = pthread_create(others + k, NULL, run_share, shares + k) == 0;
    for (int k = 0; k < threads; k++) {
        void *found = NULL;
        if (started[k]) pthread_join(others[k], &found);
        else found = run_share(shares + k);
        failed |= found != NULL;
    }
    for (int k = 1; k < threads; k++) shares[0].stopped |= shares[k].stopped;
    return failed ? -1 : shares[0].stopped;
}

#endif
