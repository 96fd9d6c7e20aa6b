"""Bermudan options under two Gaussian factors, with derivatives by a hand-written adjoint; calibration to their Europeans.

Kernels in C run it one trade at a time (`_kernel.c`, `_quotes.c`); where they were not compiled, and for exercises with several
boundaries, the same algorithm runs in NumPy over many trades at once.

An exercise date has coordinates of its own in the plane of the two factors: u across the boundary of exercise and v along it,
independent standard normals as seen from today. What is integrated is $-D$, exercise less waiting, where it is negative:

$D_i = (E_i - E[E_{i+1}]) - E[(-D_{i+1})^+]$ and price $= E[E_1] + E[(-D_1)^+]$.

The first bracket is two bonds for a swap. Along v a few lines do, as Hermite functions of v; along u Gauss-Legendre nodes
begin where exercise ends.
"""
