"""What a bundle computes with: compiled functions, ONNX, one point at a time."""
