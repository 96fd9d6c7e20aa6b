"""Curves alone need neither QuantLib nor tables nor validation."""

import subprocess
import sys

CODE = """
import sys
import neuralrates as nr
nr.market.FlatCurve(0.03), nr.market.SwaptionVolatility, nr.market.Quote
print([name for name in ("QuantLib", "pandas", "pydantic") if name in sys.modules])
assert {"load", "dump", "bootstrap", "Market"} <= set(dir(nr.market))
"""


def test_curves_load_nothing_heavy() -> None:
    run = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True)
    assert run.stdout.strip() == "[]", run.stderr
