/* The normal distribution, as a function that a compiler can run on several numbers at once. */
#ifndef NEURALRATES_NORMAL_H
#define NEURALRATES_NORMAL_H

#include "functions.h"

/* Probability that a standard normal lies below x, within 2e-15 of itself for x > -6 (6e-14 for x > -37), given e^(-x^2 / 2).
 *
 * For x <= 0 it is t p(2 t - 1) e^(-x^2 / 2) / 2 with t = 2 / (2 - x / sqrt 2); p interpolates at Chebyshev nodes. The map is
 * that of Schonfelder (1978), Chebyshev expansions for the error and related functions. */
ALWAYS_INLINE double fast_normal_distribution(double x, double exponential) {
    const double size = x < 0.0 ? -x : x;
    const double t = 2.0 / (2.0 + 0.70710678118654752 * size), s = 2.0 * t - 1.0;
    double p = -1.05903331435717995e-09;
    p = p * s - 1.91117372860789390e-09;
    p = p * s + 1.32163255176326487e-08;
    p = p * s + 6.52043461440153976e-09;
    p = p * s - 6.96584294340913841e-08;
    p = p * s + 3.60008452920799354e-08;
    p = p * s + 1.78672294791685334e-07;
    p = p * s - 3.26246093529667187e-07;
    p = p * s - 1.37545082331859453e-08;
    p = p * s + 1.03056992152911054e-06;
    p = p * s - 1.81503550805416653e-06;
    p = p * s - 5.77642361151142671e-07;
    p = p * s + 8.05787586714733988e-06;
    p = p * s - 1.08429853299644104e-05;
    p = p * s - 1.70737811338189140e-05;
    p = p * s + 7.22341882950480648e-05;
    p = p * s - 1.71858318748897523e-05;
    p = p * s - 3.31536576690146109e-04;
    p = p * s + 4.18648043279111124e-04;
    p = p * s + 1.54530601410132859e-03;
    p = p * s - 3.23959253458206732e-03;
    p = p * s - 1.07553309440365317e-02;
    p = p * s + 1.82211157534590412e-02;
    p = p * s + 1.39736046278014753e-01;
    p = p * s + 3.43580342206905143e-01;
    p = p * s + 5.10791352621011496e-01;
    const double tail = 0.5 * t * p * exponential;
    return x < 0.0 ? tail : 1.0 - tail;
}

#endif
