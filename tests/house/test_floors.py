"""The floors of the house: imports point only to lower floors."""

import subprocess
import sys
from pathlib import Path


def test_imports_point_only_to_lower_floors(root: Path) -> None:
    lint = Path(sys.executable).parent / "lint-imports"
    run = subprocess.run([lint, "--no-cache"], cwd=root, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
