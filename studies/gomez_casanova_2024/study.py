"""A run of the study: what was measured once for the same settings is read again."""

from collections.abc import Callable
from pathlib import Path

import neuralrates as nr
from studies.gomez_casanova_2024 import judge
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

    def truth(self, problem: nr.problems.Problem) -> nr.labels.Labels:
        """Fresh points of a problem."""
        return judge.fresh(problem, self.settings.num_fresh, self.work)


def _headline(result: Result) -> str:
    mean, within = result.get("mean_absolute_bp"), result.get("within_99_bp")
    if mean is None:
        return "done"
    return f"mean {mean:.3f} bp, 99 percent within {within:.3f} bp"
