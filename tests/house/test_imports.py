"""Importing: quick at the root, and possible for every module alone."""

import subprocess
import sys
from pathlib import Path

HEAVY = ("jax", "equinox", "numpy", "scipy", "pandas", "QuantLib", "sklearn", "onnxruntime", "rich")

ROOT_ALONE = """
import sys
import neuralrates
print(*(name for name in {heavy} if name in sys.modules))
"""

# One interpreter, emptied of the package before each import: third-party packages load once. Importing a module imports
# its room first, so that a module which its room loads has been imported alone once the room has.
EACH_ALONE = """
import importlib, sys, traceback
reached = set()
for name in sorted(sys.argv[1:], key=lambda name: (name.count("."), name)):
    if name in reached:
        continue
    for loaded in [n for n in sys.modules if n.partition(".")[0] == "neuralrates"]:
        del sys.modules[loaded]
    try:
        importlib.import_module(name)
    except Exception:
        print(name, traceback.format_exc())
    else:
        reached |= {loaded for loaded in sys.modules if loaded.rpartition(".")[0] == name}
"""


def _python(*arguments: str) -> str:
    run = subprocess.run([sys.executable, *arguments], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return run.stdout.strip()


def test_package_root_loads_nothing_heavy() -> None:
    assert _python("-c", ROOT_ALONE.format(heavy=HEAVY)) == ""


def test_each_module_imports_alone(root: Path) -> None:
    source = root / "src"
    paths = sorted((source / "neuralrates").rglob("*.py"))
    names = [".".join(p.relative_to(source).with_suffix("").parts) for p in paths]
    names = [name.removesuffix(".__init__") for name in names if not name.endswith("__main__")]
    failures = _python("-c", EACH_ALONE, *names)
    assert not failures, failures
