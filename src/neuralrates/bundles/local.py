"""The file of a bundle that holds what is served point by point: the band and the distance from what was sampled."""

from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from neuralrates.certificates.headline import Headline
from neuralrates.certificates.local_band import BandRecord, LocalBand
from neuralrates.certificates.nearness import Nearness, NearnessRecord
from neuralrates.certificates.served import Served
from neuralrates.core.errors import InputError
from neuralrates.core.schema import Strict, first_fault

LOCAL = "local.json"


class _Record(Strict):
    """What the file says."""

    kind: Literal["neuralrates.local/1"] = "neuralrates.local/1"
    band: BandRecord | None
    nearness: NearnessRecord | None


def to_text(served: Served) -> str:
    """The file's content."""
    band = None if served.band is None else served.band.record
    nearness = None if served.nearness is None else served.nearness.record
    return _Record(band=band, nearness=nearness).model_dump_json() + "\n"


def from_content(content: bytes | None, headline: Headline, folder: Path) -> Served:
    """What a bundle serves point by point; a constant band and the whole domain where it has no such file.

    Raises:
        InputError: where the file is damaged, or not what the certificate is of
    """
    inputs = len(headline.problem.get("domain", ()))
    served = Served() if content is None else _read(content, folder / LOCAL, inputs)
    complaint = mismatch_of_served(served, headline)
    if complaint:
        raise InputError(f"the certificate {complaint}", file=folder / LOCAL)
    return served


def mismatch_of_served(served: Served, headline: Headline) -> str:
    """Why a certificate does not belong to what is served; empty where it does."""
    if headline.band != (None if served.band is None else served.band.digest):
        return "is of another band"
    if headline.nearness != (None if served.nearness is None else served.nearness.digest):
        return "is of another distance from the distribution"
    return ""


def _read(content: bytes, file: Path, inputs: int) -> Served:
    try:
        record = _Record.model_validate_json(content)
    except ValidationError as error:
        fault = first_fault(error)
        raise InputError(fault.expected, file=file, column=fault.column) from None
    served = Served(
        None if record.band is None else LocalBand(record.band),
        None if record.nearness is None else Nearness(record.nearness),
    )
    for name, part in (("band", served.band), ("nearness", served.nearness)):
        complaint = "" if part is None else part.fault(inputs)
        if complaint:
            raise InputError(complaint, file=file, column=name)
    return served
