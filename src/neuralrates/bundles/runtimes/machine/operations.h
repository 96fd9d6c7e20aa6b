/* All operations by name, and what the check of an instruction must know of each. */
#ifndef NEURALRATES_OPERATIONS_H
#define NEURALRATES_OPERATIONS_H

#include "elementwise.h"
#include "places.h"
#include "products.h"

typedef enum {
    NUMBER_BY_NUMBER, /* operands of the result's width, or single numbers */
    PLAIN,            /* one operand that moves */
    DENSE,
    SPARSE,
    FRACTIONS,
    TAKEN,
    TAKEN_BY_POINT,
    PUT_BY_POINT,
    REDUCED,
    JUMPING,
    STOPPING,
    CHOOSING,
    POINTS
} Form;

typedef struct {
    const char *name;
    Operation run;
    Form form;
    int operands, size, result_size; /* of a number of an operand, and of the result, in bytes */
} Entry;

#define DOUBLE_AND_SINGLE(name, form, operands)                                 \
    {#name, name, form, operands, sizeof(double), sizeof(double)},              \
    {#name "_single", name##_single, form, operands, sizeof(float), sizeof(float)}
#define OF_DOUBLES(name, form, operands) {#name, name, form, operands, sizeof(double), sizeof(double)}

static const Entry ENTRIES[] = {
    DOUBLE_AND_SINGLE(add, NUMBER_BY_NUMBER, 2),
    DOUBLE_AND_SINGLE(subtract, NUMBER_BY_NUMBER, 2),
    DOUBLE_AND_SINGLE(multiply, NUMBER_BY_NUMBER, 2),
    DOUBLE_AND_SINGLE(divide, NUMBER_BY_NUMBER, 2),
    DOUBLE_AND_SINGLE(larger, NUMBER_BY_NUMBER, 2),
    DOUBLE_AND_SINGLE(smaller, NUMBER_BY_NUMBER, 2),
    DOUBLE_AND_SINGLE(is_less, NUMBER_BY_NUMBER, 2),
    DOUBLE_AND_SINGLE(is_at_most, NUMBER_BY_NUMBER, 2),
    DOUBLE_AND_SINGLE(is_equal, NUMBER_BY_NUMBER, 2),
    DOUBLE_AND_SINGLE(both, NUMBER_BY_NUMBER, 2),
    DOUBLE_AND_SINGLE(either, NUMBER_BY_NUMBER, 2),
    DOUBLE_AND_SINGLE(power, NUMBER_BY_NUMBER, 2),
    DOUBLE_AND_SINGLE(choose, NUMBER_BY_NUMBER, 3),
    DOUBLE_AND_SINGLE(copy, NUMBER_BY_NUMBER, 1),
    DOUBLE_AND_SINGLE(exponential, PLAIN, 1),
    DOUBLE_AND_SINGLE(logarithm, PLAIN, 1),
    DOUBLE_AND_SINGLE(square_root, PLAIN, 1),
    DOUBLE_AND_SINGLE(hyperbolic_tangent, PLAIN, 1),
    DOUBLE_AND_SINGLE(logistic, PLAIN, 1),
    DOUBLE_AND_SINGLE(sine, PLAIN, 1),
    DOUBLE_AND_SINGLE(cosine, PLAIN, 1),
    DOUBLE_AND_SINGLE(round_down, PLAIN, 1),
    DOUBLE_AND_SINGLE(round_up, PLAIN, 1),
    DOUBLE_AND_SINGLE(round_to_zero, PLAIN, 1),
    DOUBLE_AND_SINGLE(absolute, PLAIN, 1),
    DOUBLE_AND_SINGLE(sign, PLAIN, 1),
    DOUBLE_AND_SINGLE(negate_truth, PLAIN, 1),
    DOUBLE_AND_SINGLE(reciprocal, PLAIN, 1),
    {"to_single", to_single, PLAIN, 1, sizeof(double), sizeof(float)},
    {"to_double", to_double, PLAIN, 1, sizeof(float), sizeof(double)},
    DOUBLE_AND_SINGLE(product, DENSE, 1),
    OF_DOUBLES(sparse_product, SPARSE, 1),
    OF_DOUBLES(fractions, FRACTIONS, 1),
    DOUBLE_AND_SINGLE(take, TAKEN, 1),
    OF_DOUBLES(take_by_point, TAKEN_BY_POINT, 2),
    OF_DOUBLES(put_by_point, PUT_BY_POINT, 3),
    OF_DOUBLES(largest, REDUCED, 1),
    OF_DOUBLES(smallest, REDUCED, 1),
    OF_DOUBLES(place_of_largest, REDUCED, 1),
    OF_DOUBLES(place_of_smallest, REDUCED, 1),
    OF_DOUBLES(largest_of_points, PLAIN, 1),
    OF_DOUBLES(jump, JUMPING, 0),
    OF_DOUBLES(jump_unless, JUMPING, 1),
    OF_DOUBLES(stop, STOPPING, 0),
    OF_DOUBLES(choose_points, CHOOSING, 1),
    OF_DOUBLES(take_points, POINTS, 1),
    OF_DOUBLES(put_points, POINTS, 1),
};

enum { ENTRY_COUNT = sizeof ENTRIES / sizeof *ENTRIES };

#endif
