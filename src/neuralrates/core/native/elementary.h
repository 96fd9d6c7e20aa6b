/* Logarithm, hyperbolic tangent and a single-precision exponential that a compiler can run on several numbers at once. */
#ifndef NEURALRATES_ELEMENTARY_H
#define NEURALRATES_ELEMENTARY_H

#include "functions.h"

/* log x within two units in the last place, with the usual answers at 0, below it, and where x is infinite or none.
 *
 * x = 2^n m with m between sqrt(1/2) and sqrt(2), and a polynomial in s = (m - 1) / (m + 1): fdlibm, e_log.c (Sun, 1993). */
ALWAYS_INLINE double fast_log(double x) {
    const int is_tiny = x < 2.2250738585072014e-308;
    const double scaled = is_tiny ? x * 18014398509481984.0 : x; /* 2^54: nothing is subnormal now */
    uint64_t bits;
    memcpy(&bits, &scaled, sizeof bits);
    const uint64_t shifted = bits - 0x3fe6a09e667f3bcdu; /* of sqrt(1/2) */
    const uint64_t mantissa = (shifted & 0x000fffffffffffffu) + 0x3fe6a09e667f3bcdu;
    double m;
    memcpy(&m, &mantissa, sizeof m);
    /* The exponent, biased so that it is not negative, as a double without an instruction that converts. */
    const uint64_t biased = ((shifted >> 52) ^ 0x800u) | 0x4330000000000000u;
    double n;
    memcpy(&n, &biased, sizeof n);
    n -= 4503599627370496.0 + 2048.0 + (is_tiny ? 54.0 : 0.0);
    const double f = m - 1.0, s = f / (2.0 + f), z = s * s;
    double r = 1.479819860511658591e-01;
    r = r * z + 1.531383769920937332e-01;
    r = r * z + 1.818357216161805012e-01;
    r = r * z + 2.222219843214978396e-01;
    r = r * z + 2.857142874366239149e-01;
    r = r * z + 3.999999999940941908e-01;
    r = r * z + 6.666666666666735130e-01;
    r *= z;
    const double half = 0.5 * f * f;
    const double found = n * 6.93147180369123816490e-01 - ((half - (s * (half + r) + n * 1.90821492927058770002e-10)) - f);
    const double edge = x == 0.0 ? -INFINITY : (x > 0.0 ? x : NAN);
    return x > 0.0 && x < INFINITY ? found : edge;
}

/* tanh x within three units in the last place: a rational function up to 0.625 (Cephes, tanh.c; Moshier, 1989), then by e^2x. */
ALWAYS_INLINE double fast_tanh(double x) {
    const double z = x * x, size = fabs(x);
    const double top = (-9.64399179425052238628e-1 * z - 9.92877231001918586564e1) * z - 1.61468768441708447952e3;
    const double bottom = ((z + 1.12811678491632931402e2) * z + 2.23548839060100448583e3) * z + 4.84406305325125486048e3;
    const double near = x + x * z * (top / bottom);
    const double far = copysign(1.0 - 2.0 / (fast_exp(2.0 * size) + 1.0), x);
    return size < 0.625 ? near : far;
}

/* e^x within two units in the last place of single precision; 0 below -86.9, infinite above 88.7, none where x is none. */
ALWAYS_INLINE float fast_exp_single(float x) {
    const float clipped = x < -86.9f ? -86.9f : (x > 88.7f ? 88.7f : x);
    const float shifted = clipped * 1.44269504f + 12582912.0f; /* 1.5 * 2^23: rounds to an integer */
    const float n = shifted - 12582912.0f;
    const float r = (clipped - n * 6.93359375e-1f) - n * -2.12194440e-4f;
    float p = 1.0f / 5040.0f;
    p = p * r + 1.0f / 720.0f;
    p = p * r + 1.0f / 120.0f;
    p = p * r + 1.0f / 24.0f;
    p = p * r + 1.0f / 6.0f;
    p = p * r + 0.5f;
    p = p * r + 1.0f;
    p = p * r + 1.0f;
    int32_t bits;
    memcpy(&bits, &shifted, sizeof bits);
    bits = (int32_t)((uint32_t)(bits + 126) << 23); /* half of the power, so that 2^128 can be had */
    float power;
    memcpy(&power, &bits, sizeof power);
    const float found = 2.0f * p * power;
    return x < -86.9f ? 0.0f : (x > 88.7f ? INFINITY : found);
}

#endif
