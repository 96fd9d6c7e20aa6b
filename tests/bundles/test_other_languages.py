"""The examples in JavaScript and C++ price the rows that Python prices, from the same file."""

import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

import neuralrates as nr


def expected(root: Path) -> np.ndarray:
    """Value, derivative to the last input and the domain, of the rows of the example; the network is in single precision."""
    points = np.loadtxt(root / "examples" / "serving" / "points.csv", delimiter=",", skiprows=1)
    bundle = nr.bundles.load("bermudan")
    found = bundle.served(points)
    return np.column_stack([found.value, found.jacobian[:, -1], found.in_domain])


def answers(command: list[str], root: Path, folder: Path) -> np.ndarray:
    graph = root / "src/neuralrates/bundles/shipped/bermudan/surrogate.onnx"
    points = root / "examples" / "serving" / "points.csv"
    run = subprocess.run(
        [*command, str(graph), str(points)], cwd=folder, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr
    return np.array([line.split(",") for line in run.stdout.split()], dtype=float)


def test_javascript_prices_the_same_rows(root: Path, tmp_path: Path) -> None:
    """Node and the package onnxruntime-web, in the folder NODE_MODULES names or beside the example."""
    folder = root / "examples" / "serving"
    modules = Path(os.environ.get("NODE_MODULES", folder / "node_modules"))
    if shutil.which("node") is None:
        pytest.skip("node is not installed")
    if not (modules / "onnxruntime-web").is_dir():
        pytest.skip("onnxruntime-web is not installed: npm install in examples/serving")
    shutil.copy(folder / "price.mjs", tmp_path)
    (tmp_path / "node_modules").symlink_to(modules.resolve())
    found = answers(["node", "price.mjs"], root, tmp_path)
    np.testing.assert_allclose(found, expected(root), rtol=1e-6, atol=1e-6)


def test_cpp_prices_the_same_rows(root: Path, tmp_path: Path) -> None:
    """A compiler, and a build of ONNX Runtime with its header in the folder that ORT names."""
    home = os.environ.get("ORT")
    if shutil.which("g++") is None:
        pytest.skip("g++ is not installed")
    if home is None or not (Path(home) / "include" / "onnxruntime_c_api.h").is_file():
        pytest.skip("the environment variable ORT names no build of ONNX Runtime with its header")
    source = root / "examples" / "serving" / "price.cpp"
    libraries = [f"-I{home}/include", f"-L{home}/lib", "-lonnxruntime", f"-Wl,-rpath,{home}/lib"]
    program = tmp_path / "price"
    subprocess.run(["g++", "-std=c++17", str(source), *libraries, "-o", str(program)], check=True)
    found = answers([str(program)], root, tmp_path)
    np.testing.assert_allclose(found, expected(root), rtol=1e-6, atol=1e-6)
