"""Failed tasks are tried again, then reported with their inputs; what others made is kept."""

import contextlib

import jax
import pytest

import neuralrates as nr
from cluster import deadly, small_problem
from neuralrates.cluster import local_processes
from neuralrates.cluster.executor import AbstractPool, InProcess
from neuralrates.cluster.plan import plan_of
from neuralrates.cluster.scheduling import ATTEMPTS, FailedShardsError, completed
from neuralrates.cluster.store import SHARDS
from neuralrates.cluster.worker import Task, work
from neuralrates.core.errors import RefusalError

pytest.importorskip("pyarrow", reason="the parquet extra is not installed")

KEY = jax.random.key(3)


class Failing(nr.cluster.AbstractExecutor, AbstractPool):
    """One worker in whose hands some shards fail a number of times."""

    capacity = 1

    def __init__(self, failures, error=ValueError):
        self.failures, self.error, self.tried = dict(failures), error, []

    def open(self, problem):
        with InProcess().open(problem) as self.pool:
            return contextlib.nullcontext(self)

    def submit(self, task):
        return self.pool.submit(task)

    def wait(self, handles):
        return handles[0]

    def result(self, handle):
        self.tried.append(handle)
        if self.failures.get(handle, 0) > 0:
            self.failures[handle] -= 1
            raise self.error("price is not finite")
        return self.pool.result(handle)


@pytest.fixture(scope="module")
def problem():
    return nr.problems.load(small_problem.NAME)


def label(problem, folder, executor, num_samples=700):
    return nr.cluster.make_labels(
        problem, KEY, num_samples, folder, executor=executor, shard_samples=256
    )


def test_what_fails_now_and_then_is_tried_again(problem, tmp_path):
    failing = Failing({1: ATTEMPTS - 1})
    assert len(label(problem, tmp_path, failing)) == 700
    assert failing.tried.count(1) == ATTEMPTS


def test_what_fails_always_is_reported_and_the_rest_is_kept(problem, tmp_path):
    with pytest.raises(FailedShardsError) as caught:
        label(problem, tmp_path, Failing({1: 100}))
    assert str(caught.value) == (
        f"shard 1 of 'small_swaption' failed {ATTEMPTS} times (256 points, key [0, 3] folded with 1): "
        "ValueError: price is not finite"
    )
    assert len(list((tmp_path / SHARDS).iterdir())) == 2
    again = Failing({})
    label(problem, tmp_path, again)
    assert again.tried == [1]


def test_where_all_fails_few_are_tried(problem, tmp_path):
    failing = Failing(dict.fromkeys(range(100), 1000))
    with pytest.raises(FailedShardsError):
        label(problem, tmp_path, failing, num_samples=25_600)
    assert set(failing.tried) == {0, 1, 2}


class Light(Task):
    """A task of which its worker gets the number alone."""

    def __reduce__(self):
        return int, (self.shard,)


def test_a_shard_that_kills_its_worker_is_named_and_no_other(problem, monkeypatch):
    monkeypatch.setattr(local_processes, "work", deadly.work)
    monkeypatch.setattr(local_processes, "_start", deadly.start)
    plan = plan_of(problem, KEY, 40 * 256, 256, sampling="uniform", joint=False, slopes=True)
    made = {}

    def keep(found):
        for shard, arrays in found:
            made[shard] = int(arrays["process"][0])

    with nr.cluster.LocalProcesses(8).open(problem) as pool:
        found = completed(pool, [Light(plan, number) for number in range(40)])
        with pytest.raises(FailedShardsError) as caught:
            keep(found)
    told = str(caught.value)
    assert told.startswith(f"shard {deadly.DEADLY} of {problem.name!r} failed {ATTEMPTS} times")
    assert "\n" not in told
    assert sorted(made) == [number for number in range(40) if number != deadly.DEADLY]
    assert len(set(made.values())) > 1


def test_a_refusal_is_not_tried_again(problem, tmp_path):
    failing = Failing({0: 1}, RefusalError)
    with pytest.raises(RefusalError, match="not finite"):
        label(problem, tmp_path, failing)
    assert failing.tried == [0]


def test_a_worker_of_another_installation_refuses(problem):
    plan = plan_of(problem, KEY, 700, 256, sampling="uniform", joint=False, slopes=True)
    other = plan.model_copy(update={"installation": plan.installation | {"jax": "0.0.1"}})
    with pytest.raises(RefusalError, match="differs in jax.*'0.0.1'.*install the same"):
        work(Task(other, 0), small_problem.__name__)
    elsewhere = plan.model_copy(update={"problem": plan.problem | {"reference": "other"}})
    with pytest.raises(RefusalError, match="has another reference"):
        work(Task(elsewhere, 0), small_problem.__name__)


def test_workers_need_a_problem_that_is_registered(problem, tmp_path):
    import dataclasses

    mine = dataclasses.replace(problem, name="of_my_own")
    with pytest.raises(RefusalError, match="'of_my_own' is not registered"):
        label(mine, tmp_path, nr.cluster.LocalProcesses(1))
