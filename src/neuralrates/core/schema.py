"""Strict schemas: pydantic's findings as the house says them."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from neuralrates.core.errors import InputError

_SHOWN = 40


class Strict(BaseModel):
    """Base of what a file must hold: exact types, no further fields, finite numbers."""

    model_config = ConfigDict(
        strict=True, extra="forbid", frozen=True, allow_inf_nan=False, defer_build=True
    )


def _printable(value: str) -> str:
    if not value.isprintable():
        raise ValueError("expected printable characters")
    return value


Label = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_printable)]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
LARGEST_COUNT = 10**9
Count = Annotated[int, Field(gt=0, le=LARGEST_COUNT)]


def in_words(error: ValidationError) -> str:
    """What the first of pydantic's findings expects, without the names of its types or of ours."""
    fault = error.errors(include_url=False)[0]
    match fault["type"]:
        case "model_type" | "dataclass_type":
            return "expected fields in braces, {...}"
        case "union_tag_invalid":
            return f"expected one of {fault['ctx']['expected_tags']}"
        case "extra_forbidden":
            return "expected no such field"
    return fault["msg"].removeprefix("Value error, ")


def first_fault(error: ValidationError, prefix: str = "") -> InputError:
    """The first of pydantic's findings, by field and in one line.

    Args:
        error: what pydantic found
        prefix: of the field's name

    Returns:
        The error, its file still to be named.
    """
    fault = error.errors(include_url=False)[0]
    field = ".".join([prefix] * bool(prefix) + [str(part) for part in fault["loc"]])
    message = in_words(error)
    found = "nothing" if fault["type"] == "missing" else repr(fault["input"])
    found = found if len(found) <= _SHOWN else found[:_SHOWN] + "..."
    return InputError(f"{' '.join(message.split())}, found {found}", column=field or None)
