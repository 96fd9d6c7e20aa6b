"""Downloads from the publishers of public rate histories, kept in a cache with their digests."""

import datetime
import hashlib
import http.client
import json
import os
import re
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias

from pydantic import TypeAdapter, ValidationError, with_config

from neuralrates import __version__
from neuralrates.core.errors import InputError, NeuralratesError
from neuralrates.core.files import LARGEST, atomic_write, read_bytes, read_text
from neuralrates.core.strict_json import parse_json
from neuralrates.histories.answers import fault_of_table

_TIMEOUT = 60.0
_MANIFEST, _LARGEST_MANIFEST = "manifest.json", 1024**2
_ETAG = re.compile(r'(W/)?"[!#-~]{0,200}"')
_FRED_SERIES = (
    *("DGS2", "DGS10", "DGS30", "T10Y2Y", "T5YIE", "T10YIE", "FEDFUNDS", "SOFR"),
    *("CPIAUCSL", "UNRATE", "PAYEMS", "INDPRO", "USREC", "WALCL", "RRPONTSYD"),
)
_FIRST_TREASURY_YEAR, _FIRST_SOFR_DAY = 1990, "2018-04-02"


Opener: TypeAlias = Callable[..., Any]
"""What `urllib.request.urlopen` is: a request and a `timeout` to a response that can be read."""


@with_config({"strict": True, "extra": "forbid"})
@dataclass(frozen=True)
class Download:
    """A file of a publisher in the cache.

    Args:
        path: where it lies
        url: where it came from
        sha256: digest, in hexadecimal
        fetched: when its content last came over the network, UTC
        etag: publisher's mark of this version, where given
        fresh: whether it was downloaded now, and not found unchanged
    """

    path: str
    url: str
    sha256: str
    fetched: str
    etag: str = ""
    fresh: bool = True


_ENTRIES = TypeAdapter(dict[str, Download])


def _gsw(today: datetime.date) -> dict[str, str]:
    folder = "https://www.federalreserve.gov/data/yield-curve-tables"
    return {"feds200628.csv": f"{folder}/feds200628.csv"}


def _sofr(today: datetime.date) -> dict[str, str]:
    rates = "https://markets.newyorkfed.org/api/rates/secured/sofr/search.csv"
    return {"sofr.csv": f"{rates}?startDate={_FIRST_SOFR_DAY}&endDate={today}&type=rate"}


def _treasury(today: datetime.date) -> dict[str, str]:
    folder = "https://home.treasury.gov/resource-center/data-chart-center/interest-rates"
    query = "all?type=daily_treasury_yield_curve&page&_format=csv&field_tdr_date_value"
    return {
        f"par_yields_{year}.csv": f"{folder}/daily-treasury-rates.csv/{year}/{query}={year}"
        for year in range(_FIRST_TREASURY_YEAR, today.year + 1)
    }


def _fred(today: datetime.date) -> dict[str, str]:
    graph = "https://fred.stlouisfed.org/graph/fredgraph.csv"
    return {f"{name}.csv": f"{graph}?id={name}" for name in _FRED_SERIES}


PUBLISHERS: dict[str, Callable[[datetime.date], dict[str, str]]] = {
    "gsw": _gsw,
    "sofr": _sofr,
    "treasury": _treasury,
    "fred": _fred,
}
"""File names and addresses of each source on a given day."""


def cache_folder() -> Path:
    """`NEURALRATES_CACHE`, or `neuralrates` in the user's cache folder."""
    if named := os.environ.get("NEURALRATES_CACHE", "").strip():
        return Path(named)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "neuralrates"


def fetch(
    source: str,
    *,
    cache: str | Path | None = None,
    opener: Opener = urllib.request.urlopen,
    today: datetime.date | None = None,
) -> tuple[Download, ...]:
    """Files of one publisher, downloaded unless the cache holds the current version intact.

    A manifest beside the files holds address, digest, time and ETag of each. A file whose digest is not that of the manifest
    is downloaded again. Files are replaced as a whole.

    Args:
        source: `gsw`, `sofr`, `treasury` or `fred`
        cache: folder; `cache_folder()` when not given
        opener: what opens an address
        today: last day asked for; the current day when not given

    Returns:
        One entry per file.

    Raises:
        InputError: for an unknown source
        NeuralratesError: where the publisher cannot be reached or sends something else than CSV
    """
    if source not in PUBLISHERS:
        raise InputError(f"expected a source among {', '.join(PUBLISHERS)}, found {source!r}")
    folder = (cache_folder() if cache is None else Path(cache)) / source
    folder.mkdir(parents=True, exist_ok=True)
    manifest = _read_manifest(folder)
    addresses = PUBLISHERS[source](today or datetime.date.today())
    for name, url in addresses.items():
        known = _intact(manifest.get(name), folder / name, url)
        manifest[name] = _download(folder / name, url, known, opener)
        entries = {key: asdict(entry) for key, entry in manifest.items()}
        atomic_write(folder / _MANIFEST, json.dumps(entries, indent=1) + "\n")
    return tuple(manifest[name] for name in addresses)


def _read_manifest(folder: Path) -> dict[str, Download]:
    """What earlier downloads left; an unreadable manifest counts as none."""
    try:
        text = read_text(folder / _MANIFEST, largest=_LARGEST_MANIFEST)
        parse_json(text, folder / _MANIFEST)
        entries = _ENTRIES.validate_json(text)
    except (InputError, ValidationError):
        return {}
    return {
        name: replace(entry, path=str(folder / name))
        for name, entry in entries.items()
        if Path(name).name == name
    }


def _intact(known: Download | None, path: Path, url: str) -> Download | None:
    """The manifest's entry if the file is still what it says."""
    if known is None or known.url != url or not path.is_file():
        return None
    return known if _digest(read_bytes(path)) == known.sha256 else None


def _download(path: Path, url: str, known: Download | None, opener: Opener) -> Download:
    headers = {"User-Agent": f"neuralrates/{__version__}"}
    if known is not None and _ETAG.fullmatch(known.etag):
        headers["If-None-Match"] = known.etag
    try:
        with opener(urllib.request.Request(url, headers=headers), timeout=_TIMEOUT) as response:
            content, told = response.read(LARGEST + 1), response.headers
    except urllib.error.HTTPError as problem:
        problem.close()
        if problem.code == 304 and known is not None:
            return Download(**(asdict(known) | {"fresh": False}))
        raise _unreachable(url, f"answered {problem.code} {problem.reason}", path) from None
    except http.client.HTTPException as problem:
        raise _unreachable(url, f"sent no whole file ({type(problem).__name__})", path) from None
    except OSError as problem:
        reason = getattr(problem, "reason", problem)
        raise _unreachable(url, f"cannot be reached ({reason})", path) from None
    fault = fault_of_table(
        content, told.get("Content-Length", ""), told.get("Content-Encoding", "")
    )
    if fault:
        raise _unreachable(url, f"sent no CSV: {fault}", path)
    etag = told.get("ETag", "")
    etag = etag if _ETAG.fullmatch(etag) else ""
    atomic_write(path, content)
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    return Download(str(path), url, _digest(content), now, etag)


def _unreachable(url: str, what: str, path: Path) -> NeuralratesError:
    earlier = f"; an earlier copy is at {path}" if path.is_file() else ""
    return NeuralratesError(f"{url} {what}{earlier}; download it elsewhere and pass the file")


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
