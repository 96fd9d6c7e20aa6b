/* Elementary functions that a compiler can run on several numbers at once: no branch, no call, no table. */
#ifndef NEURALRATES_FUNCTIONS_H
#define NEURALRATES_FUNCTIONS_H

#include <math.h>
#include <stdint.h>
#include <string.h>

/* Compile a function several times over, for what processors have; the best is chosen once, when the module is loaded.
 *
 * What is written another way for the widest vectors stands under WIDEST_PROCESSORS, and is called where IS_WIDEST. */
#if defined(__GNUC__) && __GNUC__ >= 12 && !defined(__clang__) && defined(__x86_64__) && defined(__gnu_linux__)
#define FOR_EACH_PROCESSOR __attribute__((target_clones("default", "arch=x86-64-v3", "arch=x86-64-v4")))
#define WIDEST_PROCESSORS __attribute__((target("arch=x86-64-v4")))
#define IS_WIDEST __builtin_cpu_supports("x86-64-v4")
#else
#define FOR_EACH_PROCESSOR
#define WIDEST_PROCESSORS
#define IS_WIDEST 0
#endif

#define ALWAYS_INLINE static inline __attribute__((always_inline))
#if defined(_MSC_VER)
#undef ALWAYS_INLINE
#define ALWAYS_INLINE static __forceinline
#endif

/* e^x within one unit in the last place; 0 below -708, infinite above 709, not a number where x is none.
 *
 * x = n log 2 + r with |r| <= log(2) / 2 (log 2 in two parts: Cody and Waite, 1980), and a Taylor polynomial in r. */
ALWAYS_INLINE double fast_exp(double x) {
    const double clipped = x < -708.0 ? -708.0 : (x > 709.0 ? 709.0 : x);
    const double shifted = clipped * 1.4426950408889634 + 6755399441055744.0; /* 1.5 * 2^52: rounds to an integer */
    const double n = shifted - 6755399441055744.0;
    const double r = (clipped - n * 6.93147180369123816490e-01) - n * 1.90821492927058770002e-10;
    double p = 1.0 / 6227020800.0;
    p = p * r + 1.0 / 479001600.0;
    p = p * r + 1.0 / 39916800.0;
    p = p * r + 1.0 / 3628800.0;
    p = p * r + 1.0 / 362880.0;
    p = p * r + 1.0 / 40320.0;
    p = p * r + 1.0 / 5040.0;
    p = p * r + 1.0 / 720.0;
    p = p * r + 1.0 / 120.0;
    p = p * r + 1.0 / 24.0;
    p = p * r + 1.0 / 6.0;
    p = p * r + 0.5;
    p = p * r + 1.0;
    p = p * r + 1.0;
    int64_t bits;
    memcpy(&bits, &shifted, sizeof bits);
    bits = (int64_t)((uint64_t)(bits + 1023) << 52);
    double power;
    memcpy(&power, &bits, sizeof power);
    const double found = p * power;
    return x < -708.0 ? 0.0 : (x > 709.0 ? INFINITY : found);
}

#endif
