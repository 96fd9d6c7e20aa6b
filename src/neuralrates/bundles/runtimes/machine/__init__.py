"""Graphs as instructions for a kernel in C, which runs them on one point or on many; without it NumPy answers."""
