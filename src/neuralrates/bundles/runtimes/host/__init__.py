"""Graphs in NumPy: what a bundle's ONNX model computes, without a runtime, a compiler or a session to start."""
