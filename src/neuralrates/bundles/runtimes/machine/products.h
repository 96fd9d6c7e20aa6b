/* Products with constant matrices, dense and sparse.
 *
 * Many points: some results at a time stay in registers for some of the points while the inputs pass.
 * One point: results side by side stay in registers while one input after the other is spread over them. */
#ifndef NEURALRATES_PRODUCTS_H
#define NEURALRATES_PRODUCTS_H

#include "walk.h"

/* Settings of a product: inputs, how often it is repeated on neighbouring inputs, offsets of weights and of what is added. */
enum { INPUTS, REPEATS, WEIGHTS, ADDED, PLACES, STARTS };

/* `rows` results for `together` points; the weights of an input's results stand beside each other, those of the next `apart`. */
#define TILE(type, rows, together)                                              \
    ALWAYS_INLINE void tile_##type##_##rows##_##together(type *y, const type *w, ptrdiff_t apart, const type *x, \
                                                         const type *added, ptrdiff_t inputs, ptrdiff_t lanes) { \
        type sums[rows][together];                                              \
        for (int r = 0; r < rows; r++)                                          \
            for (int j = 0; j < together; j++) sums[r][j] = added[r];           \
        for (ptrdiff_t k = 0; k < inputs; k++) {                                \
            _Pragma("GCC unroll 8") for (int r = 0; r < rows; r++) {            \
                _Pragma("omp simd") for (int j = 0; j < together; j++) sums[r][j] += w[k * apart + r] * x[k * lanes + j]; \
            }                                                                   \
        }                                                                       \
        for (int r = 0; r < rows; r++)                                          \
            for (int j = 0; j < together; j++) y[r * lanes + j] = sums[r][j];   \
    }

/* The weights are stored in tiles of eight, four, two and one result, each tile input by input; of a tile `rows` are done at once. */
#define TILES_WHILE(type, tile, rows, together)                                 \
    for (; width - row >= tile; row += tile)                                    \
        for (ptrdiff_t b = 0; b < lanes; b += together)                         \
            for (ptrdiff_t r = row; r < row + tile; r += rows)                  \
                tile_##type##_##rows##_##together(y + r * lanes + b, w + row * inputs + r - row, tile, x + b, added + r, \
                                                  inputs, lanes);

/* Results of one product for many points, `most` of them and `together` points at once. */
#define MANY_POINTS(type, most, together)                                       \
    ALWAYS_INLINE void many_##type##_##most(type *y, const type *w, const type *x, const type *added, ptrdiff_t width, \
                                            ptrdiff_t inputs, ptrdiff_t lanes) { \
        ptrdiff_t row = 0;                                                      \
        TILES_WHILE(type, 8, most, together) TILES_WHILE(type, 4, 4, together)  \
        TILES_WHILE(type, 2, 2, together) TILES_WHILE(type, 1, 1, together)     \
    }

/* As many sums as there are registers: thirty-two of eight doubles, or sixteen of four. */
TILE(float, 8, 16) TILE(float, 4, 16) TILE(float, 2, 16) TILE(float, 1, 16)
TILE(double, 8, 16) TILE(double, 4, 16) TILE(double, 2, 16) TILE(double, 1, 16)
TILE(double, 4, 8) TILE(double, 2, 8) TILE(double, 1, 8)
MANY_POINTS(float, 8, 16) MANY_POINTS(double, 8, 16)
MANY_POINTS(float, 4, 16) MANY_POINTS(double, 4, 8)

/* `count` whole steps of results of one point, with the inputs taken `apart` by `apart` so that no sum waits for the last. */
#define STRIP(type, name, steps, apart)                                         \
    ALWAYS_INLINE void name(type *y, const type *w, const type *x, const type *added, ptrdiff_t inputs, ptrdiff_t row) { \
        enum { COUNT = steps * STEP / (int)sizeof(type) };                      \
        type sums[apart][COUNT];                                                \
        for (int u = 0; u < apart; u++)                                         \
            for (int j = 0; j < COUNT; j++) sums[u][j] = u ? 0 : added[j];      \
        ptrdiff_t k = 0;                                                        \
        for (; k + apart <= inputs; k += apart)                                 \
            _Pragma("GCC unroll 4") for (int u = 0; u < apart; u++) {           \
                _Pragma("omp simd") for (int j = 0; j < COUNT; j++) sums[u][j] += x[k + u] * w[(k + u) * row + j]; \
            }                                                                   \
        for (; k < inputs; k++) {                                               \
            _Pragma("omp simd") for (int j = 0; j < COUNT; j++) sums[0][j] += x[k] * w[k * row + j]; \
        }                                                                       \
        for (int j = 0; j < COUNT; j++) {                                       \
            type sum = sums[0][j];                                              \
            for (int u = 1; u < apart; u++) sum += sums[u][j];                  \
            y[j] = sum;                                                         \
        }                                                                       \
    }

STRIP(float, strip_float_4, 4, 2) STRIP(float, strip_float_1, 1, 4)
STRIP(double, strip_double_4, 4, 2) STRIP(double, strip_double_1, 1, 4)

/* A product with rows of the result for one point, four steps at a time, then one. */
#define ALONE(type)                                                             \
    ALWAYS_INLINE void alone_##type(type *y, const type *w, const type *x, const type *added, ptrdiff_t width, \
                                    ptrdiff_t inputs) {                         \
        const ptrdiff_t row = whole_steps(width, sizeof(type)), step = STEP / (ptrdiff_t)sizeof(type); \
        ptrdiff_t j = 0;                                                        \
        for (; j + 4 * step <= row; j += 4 * step) strip_##type##_4(y + j, w + j, x, added + j, inputs, row); \
        for (; j < row; j += step) strip_##type##_1(y + j, w + j, x, added + j, inputs, row); \
    }

ALONE(float) ALONE(double)

/* The sum of products of one point with one column of weights. */
#define DOT(type)                                                               \
    ALWAYS_INLINE type dot_##type(const type *w, const type *x, type added, ptrdiff_t inputs) { \
        enum { COUNT = STEP / (int)sizeof(type) };                              \
        type sums[COUNT] = {0};                                                 \
        ptrdiff_t k = 0;                                                        \
        for (; k + COUNT <= inputs; k += COUNT) {                               \
            _Pragma("omp simd") for (int j = 0; j < COUNT; j++) sums[j] += w[k + j] * x[k + j]; \
        }                                                                       \
        for (int j = 0; k < inputs; k++, j++) sums[j] += w[k] * x[k];           \
        for (int half = COUNT / 2; half; half /= 2)                             \
            for (int j = 0; j < half; j++) sums[j] += sums[j + half];           \
        return added + sums[0];                                                 \
    }

DOT(float) DOT(double)

#define PRODUCT_OF(name, processors, type, most)                                \
    processors static void name(const Instruction *at, Machine *machine) {      \
        const ptrdiff_t inputs = at->setting[INPUTS], repeats = at->setting[REPEATS], lanes = lanes_of(at, machine); \
        const ptrdiff_t width = at->width / repeats;                            \
        const type *w = (const type *)(machine->constants + at->setting[WEIGHTS]); \
        const type *added = (const type *)(machine->constants + at->setting[ADDED]); \
        const type *x = (const type *)operand_at(machine, at->from[0], at->inner, sizeof(type));         \
        type *y = (type *)work_at(machine, at->result, at->inner, sizeof(type));                         \
        for (ptrdiff_t k = 0; k < repeats; k++, x += inputs * lanes, y += width * lanes) { \
            if (machine->capacity > 1) many_##type##_##most(y, w, x, added, width, inputs, lanes); \
            else if (width > 1) alone_##type(y, w, x, added, width, inputs);    \
            else *y = dot_##type(w, x, *added, inputs);                         \
        }                                                                       \
    }

#define PRODUCT(name, type)                                                     \
    PRODUCT_OF(name##_wide, WIDEST_PROCESSORS, type, 8)                         \
    PRODUCT_OF(name##_narrow, FOR_EACH_PROCESSOR, type, 4)                      \
    static void name(const Instruction *at, Machine *machine) { (IS_WIDEST ? name##_wide : name##_narrow)(at, machine); }

PRODUCT(product, double)
PRODUCT(product_single, float)

/* Within a loop: its turns are not run together, only what is in them. */
#if defined(__GNUC__)
#define ONE_AT_A_TIME __asm__ volatile("")
#else
#define ONE_AT_A_TIME
#endif

/* A sparse product: of each result the places of its inputs and their weights; in double precision alone. */
FOR_EACH_PROCESSOR static void sparse_product(const Instruction *at, Machine *machine) {
    const int32_t *places = (const int32_t *)(machine->constants + at->setting[PLACES]);
    const int32_t *starts = (const int32_t *)(machine->constants + at->setting[STARTS]);
    const double *w = (const double *)(machine->constants + at->setting[WEIGHTS]);
    const double *added = (const double *)(machine->constants + at->setting[ADDED]);
    const double *x = (const double *)operand_at(machine, at->from[0], at->inner, sizeof(double));
    double *y = (double *)work_at(machine, at->result, at->inner, sizeof(double));
    const ptrdiff_t lanes = lanes_of(at, machine), inputs = at->setting[INPUTS];
    const ptrdiff_t repeats = at->setting[REPEATS], width = at->width / repeats;
    for (ptrdiff_t repeat = 0; repeat < repeats; repeat++, x += inputs * lanes, y += width * lanes)
        for (ptrdiff_t row = 0; row < width; row++) {
            if (machine->capacity == 1) {
                double sum = added[row];
                for (int32_t n = starts[row]; n < starts[row + 1]; n++) sum += w[n] * x[places[n]];
                y[row] = sum;
                continue;
            }
            for (ptrdiff_t b = 0; b < lanes; b += TOGETHER) {
                double sums[TOGETHER];
                for (int j = 0; j < TOGETHER; j++) sums[j] = added[row];
                for (int32_t n = starts[row]; n < starts[row + 1]; n++) {
                    ONE_AT_A_TIME;
                    const double *from = x + places[n] * lanes + b;
                    _Pragma("omp simd") for (int j = 0; j < TOGETHER; j++) sums[j] += w[n] * from[j];
                }
                for (int j = 0; j < TOGETHER; j++) y[row * lanes + b + j] = sums[j];
            }
        }
}

enum { FRACTIONS_TOGETHER = 8 };

/* Sums of fractions, w / (a x + b), two of them by one division; for many points, in double precision. */
FOR_EACH_PROCESSOR static void fractions(const Instruction *at, Machine *machine) {
    const int32_t *places = (const int32_t *)(machine->constants + at->setting[PLACES]);
    const int32_t *starts = (const int32_t *)(machine->constants + at->setting[STARTS]);
    const double *w = (const double *)(machine->constants + at->setting[WEIGHTS]);
    const double *a = w + starts[at->width], *b = a + starts[at->width];
    const double *added = (const double *)(machine->constants + at->setting[ADDED]);
    const double *x = (const double *)operand_at(machine, at->from[0], at->inner, sizeof(double));
    double *y = (double *)work_at(machine, at->result, at->inner, sizeof(double));
    const ptrdiff_t lanes = lanes_of(at, machine);
    for (ptrdiff_t row = 0; row < at->width; row++)
        for (ptrdiff_t first = 0; first < lanes; first += FRACTIONS_TOGETHER) {
            double sums[FRACTIONS_TOGETHER];
            for (int j = 0; j < FRACTIONS_TOGETHER; j++) sums[j] = added[row];
            int32_t n = starts[row];
            for (; n + 1 < starts[row + 1]; n += 2) {
                const double *one = x + places[n] * lanes + first, *other = x + places[n + 1] * lanes + first;
                _Pragma("omp simd") for (int j = 0; j < FRACTIONS_TOGETHER; j++) {
                    const double p = a[n] * one[j] + b[n], q = a[n + 1] * other[j] + b[n + 1];
                    sums[j] += (w[n] * q + w[n + 1] * p) / (p * q);
                }
            }
            if (n < starts[row + 1]) {
                const double *one = x + places[n] * lanes + first;
                _Pragma("omp simd") for (int j = 0; j < FRACTIONS_TOGETHER; j++) sums[j] += w[n] / (a[n] * one[j] + b[n]);
            }
            for (int j = 0; j < FRACTIONS_TOGETHER; j++) y[row * lanes + first + j] = sums[j];
        }
}

#endif
