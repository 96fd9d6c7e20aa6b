"""Graphs as instructions for a kernel in C, which runs them on one point or on many; where it was not compiled, NumPy answers."""
