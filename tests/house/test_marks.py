"""Tests of traced numbers are where `make test-optimised` looks: the integration runs them nowhere else."""

import re
from pathlib import Path


def test_traced_tests_are_where_they_are_looked_for(root: Path) -> None:
    (folders,) = re.findall(r"^NUMERICS := (.+)$", (root / "Makefile").read_text(), re.MULTILINE)
    marked = {
        path.relative_to(root).as_posix()
        for path in [*root.glob("tests/**/*.py"), *root.glob("studies/**/*.py")]
        if re.search(r"pytest\.mark\.traced\b", path.read_text(encoding="utf-8"))
        and path != Path(__file__)
    }
    assert len(marked) > 20
    assert not [
        path for path in marked if not path.startswith(tuple(f"{f}/" for f in folders.split()))
    ]
