"""What an extra would install and is missing: one line that says how to get it, wherever it is first needed."""

import subprocess
import sys
from pathlib import Path

import pytest

from house.without import BLOCK

USES = {
    "nr.bundles.to_onnx": "onnx",
    "nr.bundles.OnnxRuntime": "onnx",
    "nr.bundles.SparseRuntime": "onnx",
    "importlib.import_module('neuralrates.learning.search')": "search",
    "nr.learning.regressor": "regressors",
    "importlib.import_module('neuralrates.surrogates.regressors.classical')": "regressors",
    "importlib.import_module('neuralrates.surrogates.regressors.relative_process')": "regressors",
    "nr.histories.load_option_quotes('definitions.dbn', 'quotes.dbn')": "databento",
    "nr.histories.load_gsw('history.parquet')": "parquet",
    "check_can_write(pathlib.Path('prices.parquet'), ('.parquet',))": "parquet",
    "write_parquet(pandas.DataFrame(), None, 'prices.parquet')": "parquet",
}

EVERY_USE = (
    BLOCK
    + """
import importlib, pathlib, pandas
import neuralrates as nr
from neuralrates.core.errors import RefusalError
from neuralrates.desk.writers import check_can_write, write_parquet
for use in sys.argv[1:]:
    try:
        eval(use)
    except RefusalError as error:
        print(error)
    else:
        print("nothing was refused")
"""
)


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("core")
    run = subprocess.run(
        [sys.executable, "-c", EVERY_USE, *USES], cwd=folder, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr
    return dict(zip(USES, run.stdout.splitlines(), strict=True))


@pytest.mark.parametrize("use", USES)
def test_a_missing_extra_is_named(lines: dict[str, str], use: str) -> None:
    assert f"pip install 'neuralrates[{USES[use]}]'" in lines[use]
    assert lines[use].startswith("This needs `")


def test_the_command_line_says_it_in_one_line(tmp_path: Path) -> None:
    code = BLOCK + "from neuralrates.cli import main\nmain()"
    command = ["price", "book.csv", "--market", "market.json", "--out", "prices.parquet"]
    run = subprocess.run(
        [sys.executable, "-c", code, *command], cwd=tmp_path, capture_output=True, text=True
    )
    assert run.returncode == 2
    assert run.stderr == (
        "neuralrates: This needs `pyarrow`: pip install 'neuralrates[parquet]'.\n"
    )
