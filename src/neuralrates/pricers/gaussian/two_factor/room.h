/* Memory of a worker, kept from trade to trade. */
#ifndef NEURALRATES_ROOM_H
#define NEURALRATES_ROOM_H

#include <stdint.h>
#include <stdlib.h>

#include "arena.h"

/* It grows with the largest trade. */
typedef struct {
    char *memory;
    size_t size;
} buffer;

static int make_room(buffer *b, size_t size) {
    if (size <= b->size) return 1;
    free(b->memory);
    b->memory = malloc(size + CACHE_LINE);
    b->size = b->memory == NULL ? 0 : size;
    return b->memory != NULL;
}

static arena arena_of(const buffer *b) {
    return (arena){b->memory + (CACHE_LINE - (uintptr_t)b->memory % CACHE_LINE) % CACHE_LINE, 0};
}

#endif
