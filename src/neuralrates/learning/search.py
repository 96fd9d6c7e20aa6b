"""Bayesian search of hyper-parameters at a fixed number of trials."""

from collections.abc import Callable, Mapping
from typing import Any

from neuralrates.core.extras import extra

with extra("search"):
    import optuna

Space = Callable[[optuna.Trial], dict[str, Any]]


def search_settings(
    loss: Callable[[dict[str, Any]], float],
    space: Space,
    num_trials: int,
    *,
    first: Mapping[str, Any] | None = None,
    seed: int = 0,
) -> list[tuple[dict[str, Any], float]]:
    """Settings that a tree-structured Parzen estimator tries, with their losses, in order.

    Args:
        loss: settings to what is to be small
        space: trial to settings
        num_trials: how many settings are tried
        first: settings to begin with, if any
        seed: of the estimator

    Returns:
        Pairs of settings and loss.

    Source: Bergstra, Bardenet, Bengio and Kegl (2011); Akiba et al. (2019).

    Example:
        >>> from neuralrates.learning.search import search_settings
        >>> tried = search_settings(
        ...     lambda settings: (settings["x"] - 1.0) ** 2, lambda trial: {"x": trial.suggest_float("x", -3, 3)}, 20)
        >>> len(tried), min(loss for _, loss in tried) < 0.1
        (20, True)
    """
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    sampler = optuna.samplers.TPESampler(seed=seed, n_startup_trials=3)
    study = optuna.create_study(sampler=sampler)
    tried = [] if first is None else [(dict(first), loss(dict(first)))]

    def objective(trial: optuna.Trial) -> float:
        settings = space(trial)
        tried.append((settings, loss(settings)))
        return tried[-1][1]

    study.optimize(objective, n_trials=num_trials - len(tried))
    return tried
