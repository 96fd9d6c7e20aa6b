"""Floor 9: bundles, ONNX runtime, and the desk."""

from neuralrates.serving.bundle import Bundle as Bundle
from neuralrates.serving.bundle import load as load
from neuralrates.serving.bundle import save as save
from neuralrates.serving.bundle import shipped as shipped
from neuralrates.serving.desk import price as price
from neuralrates.serving.forward_market import points_on_market as points_on_market
from neuralrates.serving.onnx_graph import OnnxRuntime as OnnxRuntime
from neuralrates.serving.onnx_graph import to_onnx as to_onnx
from neuralrates.serving.points import price_points as price_points
from neuralrates.serving.serve import serve as serve
from neuralrates.serving.sparse_runtime import SparseRuntime as SparseRuntime
