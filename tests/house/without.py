"""Python with nothing but the core of the package: what the extras install cannot be imported."""

BLOCKED = (
    *("sklearn", "optuna", "onnx", "onnxruntime", "pyarrow", "databento_dbn", "ray"),
    *("matplotlib", "plotly", "fastapi", "uvicorn", "beartype", "openpyxl"),
)

BLOCK = f"""
import sys
sys.modules.update(dict.fromkeys({BLOCKED}))
"""

WITHOUT_EXTRAS = (
    BLOCK
    + """
import json
import jax
from neuralrates.cli.app import app
from neuralrates.desk.example import example_files
book, market = map(str, example_files())
command = ["price", book, "--market", market, "--out", "prices.json"]
assert app(command, standalone_mode=False) == 0, command
import neuralrates as nr
bundle = nr.bundles.load("bermudan")
points = bundle.domain.sample(jax.random.key(0), 3)
table = nr.bundles.serve(bundle, points)
assert list(table.status) == ["ok"] * 3 and list(table.engine) == ["learned"] * 3
trades = json.load(open("prices.json"))["trades"]
assert all(trade["status"] == "ok" for trade in trades)
print(json.dumps({"trades": len(trades), "values": list(table["value"]), "slopes": list(table["d tau"])}))
"""
)
