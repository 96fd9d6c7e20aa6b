"""A run of the study: what was measured once for the same settings is read again."""

from collections.abc import Callable
from pathlib import Path

import neuralrates as nr
from neuralrates.problems.generator import Case
from studies.gomez_casanova_2024 import judge
from studies.gomez_casanova_2024.learning import SIDE
from studies.gomez_casanova_2024.settings import Settings
from studies.kept import Result, kept


class Study:
    """One run of the study: its settings, where it keeps what it has, and what it says meanwhile.

    Args:
        settings: the preset
        work: folder of everything that can be made again
        say: called with a line of progress
    """

    def __init__(self, settings: Settings, work: Path, say: Callable[[str], None]) -> None:
        self.settings, self.work, self.say = settings, work / settings.name, say
        self.work.mkdir(parents=True, exist_ok=True)

    def once(self, name: str, run: Callable[[], Result], *decides: object) -> Result:
        """The result of an experiment: read where it exists for these settings, else measured."""
        result, fresh = kept(self.work / name, run, *decides)
        if fresh:
            self.say(f"{name}: {_headline(result)}")
        return result

    def truth(self, case: Case = "IV") -> nr.learning.Labels:
        """Fresh points of the swap today, in one case."""
        problem = nr.problems.ten_year_cancellable(SIDE)
        domain = nr.problems.ten_year_cancellable(SIDE, case).domain
        return self.fresh(f"today-{case}", problem, domain)

    def fresh(
        self, mark: str, problem: nr.problems.Problem, domain: nr.problems.Domain
    ) -> nr.learning.Labels:
        """Fresh points of a problem."""
        return judge.fresh(problem, domain, self.settings.num_fresh, self.work / f"fresh-{mark}")


def _headline(result: Result) -> str:
    mean, within = result.get("mean_absolute_bp"), result.get("within_99_bp")
    if mean is None:
        return "done"
    return f"mean {mean:.3f} bp, 99 percent within {within:.3f} bp"
