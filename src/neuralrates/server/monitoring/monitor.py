"""A watch over served surrogates: a random share of their prices is priced again by the reference, in the background."""

import dataclasses
import functools
import logging
import queue
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import numpy as np

from neuralrates.bundles.bundle import Bundle
from neuralrates.core.errors import NeuralratesError
from neuralrates.server.monitoring.record import LARGEST, Check, Record
from neuralrates.server.monitoring.state_file import StateFile
from neuralrates.server.point_prices import PointPrices

_LOG = logging.getLogger("uvicorn.error")
_WAITING = 256
_DUTY = 0.1
"""Share of one processor that checks may take."""
_LOOK = 1.0
"""Seconds between two looks at what other workers have found."""
_ROUNDING = 1e-9
"""Distance from 0 and 1 of what a certificate is taken to allow: the test needs a share between them."""

Again = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]
"""Values and errors by the reference, of points or of what stands for them."""


class Sample(NamedTuple):
    """Prices that are to be checked.

    Args:
        bundle: of which they are
        x: points, one a row; of trades their places in the request
        value: learned, per unit notional
        band: certified
        again: reference of trades; points have that of the bundle
    """

    bundle: Bundle
    x: np.ndarray
    value: np.ndarray
    band: np.ndarray
    again: Again | None = None


Reference = Callable[[Bundle, np.ndarray], tuple[np.ndarray, np.ndarray]]


def by_reference(bundle: Bundle, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Values and errors of a bundle's reference, one point at a time, so that one size is compiled."""
    from neuralrates.bundles.reference import reference_prices

    found = [reference_prices(bundle.problem, x[k : k + 1]) for k in range(len(x))]
    return np.array([v[0] for v, _, _ in found]), np.array([e[0] for _, _, e in found])


class Monitor:
    """What one worker does of it; the records are shared by all.

    The test is sequential: the probability that a bundle whose errors leave its band as seldom as its certificate says is ever
    demoted is at most 0.001, however long it serves. What the certificate says is `1 - coverage_low` of its band, or 0.01 of
    a constant one, of requests of the law that it was measured under, on average over that. `drifted` says where requests
    leave the domain; requests from one region of it are of another law too, under which more may be beyond, and where they
    are, the bundle is demoted without having broken its word.

    Args:
        folder: where the records are kept; none keeps nothing and checks nothing
        share: of the learned prices to check, from 0 to 1
        reference: values and errors of the reference
    """

    def __init__(
        self, folder: str = "", share: float = 0.0, reference: Reference = by_reference
    ) -> None:
        self._file = StateFile(Path(folder)) if folder else None
        self.share, self._reference = share, reference
        self._random = np.random.default_rng()
        self._samples: queue.Queue[Sample] = queue.Queue(_WAITING)
        self._rows: Counter[Bundle] = Counter()
        self._outside: Counter[Bundle] = Counter()
        self._lock, self._ends = threading.Lock(), threading.Event()
        self._thread: threading.Thread | None = None
        self._records: Mapping[str, Record] = {} if self._file is None else self._file.read()
        self._looked = time.monotonic()

    def priced(self, bundle: Bundle, prices: PointPrices) -> None:
        """Count points that were asked for, and choose which of their learned prices are checked."""
        if self._file is None:
            return
        with self._lock:
            self._rows[bundle] += len(prices.value)
            self._outside[bundle] += int(len(prices.value) - np.count_nonzero(prices.in_domain))
        learned = prices.learned
        parts = (prices.x[learned], prices.value[learned], prices.error_band[learned])
        self.watch(Sample(bundle, *parts))

    def watch(self, learned: Sample) -> None:
        """Choose which of some learned prices are checked."""
        if self._file is None:
            return
        with self._lock:
            self._start()
            chosen = self._random.random(len(learned.value)) < self.share
        if chosen.any():
            parts = (learned.x[chosen], learned.value[chosen], learned.band[chosen])
            with suppress(queue.Full):  # which ones are left out does not hang on their errors
                self._samples.put_nowait(Sample(learned.bundle, *parts, learned.again))

    def demotion(self, bundle: Bundle) -> str:
        """Why a bundle's reference answers for it; empty where the bundle answers itself."""
        record = self.records.get(bundle.name)
        if record is None or record.surrogate != bundle.headline.surrogate:
            return ""
        return record.reason

    @property
    def records(self) -> Mapping[str, Record]:
        """Records by bundle, at most a second old."""
        now = time.monotonic()
        if self._file is not None and now - self._looked > _LOOK:
            self._looked = now
            try:
                self._records = self._file.read()
            except (NeuralratesError, OSError):  # what was known stands
                _LOG.exception("the records could not be read")
        return self._records

    def close(self) -> None:
        """Write what has been counted, and check no more."""
        self._ends.set()
        if self._thread is not None:
            self._thread.join(_LOOK)
        self._flush()

    def _start(self) -> None:
        if self._thread is None and not self._ends.is_set():
            self._thread = threading.Thread(target=self._run, name="monitor", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        while not self._ends.is_set():
            try:
                sample = self._samples.get(timeout=_LOOK)
            except queue.Empty:
                self._flush_soon()
                continue
            began = time.perf_counter()
            self._flush_soon()
            try:
                self.check(sample)
            except Exception:  # a watch that fails must not take the server with it
                _LOG.exception("a check of %s failed", sample.bundle.name)
            self._ends.wait((time.perf_counter() - began) * (1.0 / _DUTY - 1.0))

    def _flush_soon(self) -> None:
        """Bring the counts to the records, or keep them for the next time."""
        try:
            self._flush()
        except (NeuralratesError, OSError):
            _LOG.exception("what was counted could not be written")

    def check(self, sample: Sample) -> None:
        """Hold prices against the reference, and keep what comes of it."""
        bundle = sample.bundle
        again = sample.again or functools.partial(self._reference, bundle)
        value, error = again(sample.x)
        checks = _checks(sample, value, error)
        was = self.demotion(bundle)
        record = self._update(bundle, lambda before: before.after(checks))
        self._records = {**self._records, bundle.name: record}
        if record.reason and not was:
            _LOG.warning("%s is demoted: %s", bundle.name, record.reason)

    def _flush(self) -> None:
        """Bring the counts of this worker to the records."""
        with self._lock:
            rows, outside = self._rows, self._outside
            self._rows, self._outside = Counter(), Counter()
        while rows:
            bundle, count = rows.popitem()
            beyond, now = outside.pop(bundle, 0), time.time()
            try:
                self._update(bundle, lambda before, n=count, k=beyond, t=now: before.asked(n, k, t))  # type: ignore[misc]
            except BaseException:
                with self._lock:
                    self._rows.update({bundle: count} | rows)
                    self._outside.update({bundle: beyond} | outside)
                raise

    def _update(self, bundle: Bundle, change: Callable[[Record], Record]) -> Record:
        """Change the record of a bundle, which says what the certificate allows."""
        assert self._file is not None
        beyond = min(max(1.0 - bundle.headline.coverage, _ROUNDING), 1.0 - _ROUNDING)
        return self._file.update(
            bundle.name,
            bundle.headline.surrogate,
            lambda before: change(dataclasses.replace(before, allowed=beyond)),
        )


def _checks(sample: Sample, value: np.ndarray, error: np.ndarray) -> list[Check]:
    """Learned prices beside those of the reference, where that has some; a price or a band that is no number is beyond."""
    known = np.isfinite(value) & np.isfinite(error)
    found = np.isfinite(sample.value) & np.isfinite(sample.band)
    off = np.where(found, np.minimum(np.abs(sample.value - value), LARGEST), LARGEST)
    allowed = np.where(found, np.minimum(sample.band + error, LARGEST), error)
    pairs = zip(off[known].tolist(), allowed[known].tolist(), strict=True)
    return [Check(time.time(), *pair) for pair in pairs]
