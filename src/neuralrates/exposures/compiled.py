"""The kernel in C, where it was compiled: the inner loops of this folder, each beside the same in NumPy."""

from neuralrates.core.native import kernel

KERNEL = kernel("neuralrates.exposures._kernel")
