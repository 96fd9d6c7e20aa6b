/* Work memory: one allocation, handed out piece by piece. Without memory it only counts, so that one layout serves both. */
#ifndef NEURALRATES_ARENA_H
#define NEURALRATES_ARENA_H

#include <stddef.h>

#define CACHE_LINE 64

typedef struct {
    char *memory; /* NULL while counting */
    size_t used;  /* bytes */
} arena;

static inline void *take(arena *from, size_t bytes) {
    void *found = from->memory == NULL ? NULL : from->memory + from->used;
    from->used += (bytes + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE;
    return found;
}

static inline double *take_doubles(arena *from, size_t count) { return take(from, count * sizeof(double)); }

#endif
