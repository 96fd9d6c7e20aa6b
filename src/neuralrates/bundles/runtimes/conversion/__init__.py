"""JAX functions of one point as ONNX graphs of many: flattened, folded, and written with few nodes."""
