/* Operations number by number, in double and in single precision. Truths are numbers: 1 and 0. */
#ifndef NEURALRATES_ELEMENTWISE_H
#define NEURALRATES_ELEMENTWISE_H

#include "elementary.h"
#include "walk.h"

/* Of one operand that moves; in steps of the wider of both types. */
#define UNARY(name, type, made, wider, expression)                              \
    FOR_EACH_PROCESSOR static void name(const Instruction *at, Machine *machine) {  \
        const Walk walk = walk_of(at, machine, 1, sizeof(type), sizeof(made));               \
        made *y = (made *)walk.result;                                          \
        const type *a = (const type *)walk.from[0].start;                       \
        FOR_EACH(wider, walk.inner, const type x = a[j]; y[j] = (made)(expression)) \
    }

/* The four ways in which two operands move. */
#define BINARY(name, type, expression)                                          \
    FOR_EACH_PROCESSOR static void name(const Instruction *at, Machine *machine) {  \
        const Walk walk = walk_of(at, machine, 2, sizeof(type), sizeof(type));                \
        const Stream one = walk.from[0], other = walk.from[1];                  \
        for (ptrdiff_t k = 0; k < walk.outer; k++) {                            \
            type *y = (type *)walk.result + k * walk.inner;                     \
            const type *a = (const type *)one.start + k * one.outer;            \
            const type *b = (const type *)other.start + k * other.outer;        \
            if (one.moves && other.moves) {                                     \
                FOR_EACH(type, walk.inner, const type p = a[j]; const type q = b[j]; y[j] = expression) \
            } else if (one.moves) {                                             \
                const type q = *b;                                              \
                FOR_EACH(type, walk.inner, const type p = a[j]; y[j] = expression) \
            } else if (other.moves) {                                           \
                const type p = *a;                                              \
                FOR_EACH(type, walk.inner, const type q = b[j]; y[j] = expression) \
            } else {                                                            \
                const type p = *a, q = *b;                                      \
                FOR_EACH(type, walk.inner, y[j] = expression)                   \
            }                                                                   \
        }                                                                       \
    }

/* One of two by a truth; what does not move is read again and again. */
#define CHOICE(name, type)                                                      \
    FOR_EACH_PROCESSOR static void name(const Instruction *at, Machine *machine) {  \
        const Walk walk = walk_of(at, machine, 3, sizeof(type), sizeof(type));                \
        for (ptrdiff_t k = 0; k < walk.outer; k++) {                            \
            type *y = (type *)walk.result + k * walk.inner;                     \
            const type *c = (const type *)walk.from[0].start + k * walk.from[0].outer; \
            const type *a = (const type *)walk.from[1].start + k * walk.from[1].outer; \
            const type *b = (const type *)walk.from[2].start + k * walk.from[2].outer; \
            if (walk.from[0].moves && walk.from[1].moves && walk.from[2].moves) { \
                FOR_EACH(type, walk.inner, const type p = a[j]; const type q = b[j]; y[j] = c[j] != 0 ? p : q) \
            } else if (walk.from[0].moves && walk.from[1].moves) {              \
                const type q = *b;                                              \
                FOR_EACH(type, walk.inner, const type p = a[j]; y[j] = c[j] != 0 ? p : q) \
            } else if (walk.from[0].moves && walk.from[2].moves) {              \
                const type p = *a;                                              \
                FOR_EACH(type, walk.inner, const type q = b[j]; y[j] = c[j] != 0 ? p : q) \
            } else if (walk.from[0].moves) {                                    \
                const type p = *a, q = *b;                                      \
                FOR_EACH(type, walk.inner, y[j] = c[j] != 0 ? p : q)            \
            } else {                                                            \
                const type *chosen = *c != 0 ? a : b;                           \
                const ptrdiff_t moves = walk.from[*c != 0 ? 1 : 2].moves;       \
                FOR_EACH(type, walk.inner, y[j] = chosen[j * moves])            \
            }                                                                   \
        }                                                                       \
    }

#define BOTH_BINARY(name, expression) BINARY(name, double, expression) BINARY(name##_single, float, expression)
BOTH_BINARY(add, p + q)
BOTH_BINARY(subtract, p - q)
BOTH_BINARY(multiply, p * q)
BOTH_BINARY(divide, p / q)
/* What is no number stays none, as in NumPy, JAX and ONNX Runtime: a bound must not make a price of it. */
BOTH_BINARY(larger, (p > q) | (p != p) ? p : q)
BOTH_BINARY(smaller, (p < q) | (p != p) ? p : q)
BOTH_BINARY(is_less, p < q ? 1 : 0)
BOTH_BINARY(is_at_most, p <= q ? 1 : 0)
BOTH_BINARY(is_equal, p == q ? 1 : 0)
BOTH_BINARY(both, (p != 0) & (q != 0) ? 1 : 0)
BOTH_BINARY(either, (p != 0) | (q != 0) ? 1 : 0)
BINARY(power, double, pow(p, q))
BINARY(power_single, float, powf(p, q))

CHOICE(choose, double)
CHOICE(choose_single, float)

#define BOTH_UNARY(name, expression, expression_single) \
    UNARY(name, double, double, double, expression) UNARY(name##_single, float, float, float, expression_single)
BOTH_UNARY(exponential, fast_exp(x), fast_exp_single(x))
BOTH_UNARY(logarithm, fast_log(x), fast_log((double)x))
BOTH_UNARY(square_root, sqrt(x), sqrtf(x))
BOTH_UNARY(hyperbolic_tangent, fast_tanh(x), fast_tanh((double)x))
BOTH_UNARY(logistic, 1.0 / (1.0 + fast_exp(-x)), 1.0f / (1.0f + fast_exp_single(-x)))
BOTH_UNARY(sine, sin(x), sinf(x))
BOTH_UNARY(cosine, cos(x), cosf(x))
BOTH_UNARY(round_down, floor(x), floorf(x))
BOTH_UNARY(round_up, ceil(x), ceilf(x))
BOTH_UNARY(round_to_zero, trunc(x), truncf(x))
BOTH_UNARY(absolute, fabs(x), fabsf(x))
BOTH_UNARY(sign, x != x ? x : (x > 0) - (x < 0), x != x ? x : (x > 0) - (x < 0))
BOTH_UNARY(negate_truth, x == 0, x == 0)
BOTH_UNARY(reciprocal, 1.0 / x, 1.0f / x)

/* What an operand holds, whatever its kind, written out. */
#define COPY(name, type)                                                        \
    FOR_EACH_PROCESSOR static void name(const Instruction *at, Machine *machine) {  \
        const Walk walk = walk_of(at, machine, 1, sizeof(type), sizeof(type));                \
        for (ptrdiff_t k = 0; k < walk.outer; k++) {                            \
            type *y = (type *)walk.result + k * walk.inner;                     \
            const type *a = (const type *)walk.from[0].start + k * walk.from[0].outer; \
            if (walk.from[0].moves) {                                           \
                FOR_EACH(type, walk.inner, y[j] = a[j])                         \
            } else {                                                            \
                const type p = *a;                                              \
                FOR_EACH(type, walk.inner, y[j] = p)                            \
            }                                                                   \
        }                                                                       \
    }

COPY(copy, double)
COPY(copy_single, float)
UNARY(to_single, double, float, double, x)
UNARY(to_double, float, double, double, x)

#endif
