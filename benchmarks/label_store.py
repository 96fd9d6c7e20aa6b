"""Label stores: what more workers and Ray change in time, what a long run holds in memory, and runs that are killed.

    python -m benchmarks.label_store speed [samples]     labels per second by executor
    python -m benchmarks.label_store memory [samples]    memory of driver and worker along a run
    python -m benchmarks.label_store kills [runs]        runs killed at random moments, and their digests

Prints, and saves each part by itself. The first half of a run compiles and is not timed.
"""

import itertools
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import jax
from benchmarks.support import small_swaption
from benchmarks.support.results import save, save_part

import neuralrates as nr
from neuralrates.cluster.executor import AbstractExecutor
from neuralrates.core.extras import is_installed

NAME = "label_store"
PROBLEM = "ten_year_bermudan_payer"
SPEED_SAMPLES, MEMORY_SAMPLES, KILLS = 8192, 200_000, 4
SHARD = 512


def rate(executor: AbstractExecutor, samples: int) -> dict[str, float]:
    """Labels per second over the second half of a run, and the seconds of all of it."""
    seen: list[tuple[float, int]] = []
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        nr.cluster.make_labels(
            nr.problems.load(PROBLEM),
            jax.random.key(1),
            samples,
            folder,
            executor=executor,
            shard_samples=SHARD,
            progress=lambda done, total: seen.append((time.perf_counter(), done)),
        )
    whole = time.perf_counter() - start
    (then, before), (now, after) = seen[len(seen) // 2], seen[-1]
    return {"labels_per_second": (after - before) / (now - then), "seconds_in_all": whole}


def speed(samples: int) -> dict[str, object]:
    """Rates by executor, and the ratios that the workers and Ray are judged by."""
    executors: dict[str, AbstractExecutor] = {
        "process": nr.cluster.InProcess(),
        "processes_1": nr.cluster.LocalProcesses(1),
        "processes_2": nr.cluster.LocalProcesses(2),
    }
    if is_installed("ray"):
        executors |= {f"ray_{n}": nr.cluster.RayCluster(None, n) for n in (1, 2)}
    found = {name: rate(executor, samples) for name, executor in executors.items()}
    base = found["process"]["labels_per_second"]
    ratios = {name: one["labels_per_second"] / base for name, one in found.items()}
    return {"problem": PROBLEM, "samples": samples, "rates": found, "against_in_process": ratios}


def memory(samples: int) -> dict[str, object]:
    """Resident memory of driver and worker at each quarter of a run of the small problem, mebibytes."""
    quarters: list[dict[str, float]] = []
    started: list[float] = []

    def look(done: int, total: int) -> None:
        started.append(time.perf_counter())
        if done * 4 // total > len(quarters):
            workers = [_resident(pid) for pid in _children()]
            quarters.append({"driver": _resident(os.getpid()), "worker": max(workers)})

    with tempfile.TemporaryDirectory() as folder:
        nr.cluster.make_labels(
            nr.problems.load(small_swaption.NAME),
            jax.random.key(1),
            samples,
            folder,
            executor=nr.cluster.LocalProcesses(1),
            progress=look,
        )
        size = sum(f.stat().st_size for f in Path(folder).rglob("*")) / 2**20
    seconds = started[-1] - started[0]
    return {
        "samples": samples,
        "quarters_mebibytes": quarters,
        "store_mebibytes": size,
        "seconds": seconds,
    }


def kills(runs: int) -> dict[str, object]:
    """Runs of which the driver or a worker is killed at a random moment; how many end with the digest of one left alone."""
    random.seed(1)
    with tempfile.TemporaryDirectory() as place:
        alone = _finished(_run(Path(place) / "alone"))
        same = {"driver": 0, "worker": 0}
        for number, (victim, _) in enumerate(zip(itertools.cycle(same), range(runs), strict=False)):
            folder = Path(place) / str(number)
            process = _run(folder)
            wanted = random.randint(1, 30)
            while len(list(folder.glob("shards/shard-*"))) < wanted and process.poll() is None:
                time.sleep(0.002)
            workers = _children(process.pid)
            os.kill(process.pid if victim == "driver" else random.choice(workers), signal.SIGKILL)
            ended = _finished(process)
            same[victim] += (ended or _finished(_run(folder))) == alone
    of = {"driver": (runs + 1) // 2, "worker": runs // 2}
    return {"runs": of, "ended_with_the_same_digest": same}


def _run(folder: Path) -> subprocess.Popen[str]:
    command = [
        sys.executable,
        "-c",
        "from neuralrates.cli import main; main()",
        "labels",
        small_swaption.NAME,
    ]
    command += ["--samples", "20000", "--shard-samples", "512", "--on", "processes"]
    command += ["--workers", "2", "--json", "--out", str(folder)]
    environment = {**os.environ, "NEURALRATES_MODULES": small_swaption.__name__}
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)


def _finished(process: subprocess.Popen[str]) -> str:
    """What a run printed; nothing where it was killed."""
    out, _ = process.communicate()
    return "" if process.returncode else out.partition('"sha256"')[2]


def _children(parent: int | None = None) -> list[int]:
    """Processes that a process started, but for Python's own tracker of resources."""
    tasks = Path(f"/proc/{parent or os.getpid()}/task").glob("*/children")
    found = [int(pid) for task in tasks for pid in task.read_text().split()]
    return [pid for pid in found if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()]


def _resident(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


PARTS: dict[str, tuple[Callable[[int], dict[str, object]], int]] = {
    "speed": (speed, SPEED_SAMPLES),
    "memory": (memory, MEMORY_SAMPLES),
    "kills": (kills, KILLS),
}


def main() -> None:
    """Print and save one part, or all of them at their own sizes."""
    chosen = sys.argv[1:2] or list(PARTS)
    for part in chosen:
        measure, size = PARTS[part]
        results = measure(int(sys.argv[2]) if len(sys.argv) > 2 else size)
        print(f"{part}: {results}")
        file = Path(__file__).parent / "results" / f"{NAME}.json"
        if not file.exists():
            save(NAME, {})
        print(f"saved to {save_part(NAME, part, results)}")


if __name__ == "__main__":
    main()
