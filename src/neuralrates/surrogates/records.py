"""What a manifest may say of an architecture, field by field."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter, ValidationError

from neuralrates.core.errors import InputError
from neuralrates.core.schema import Strict, first_fault
from neuralrates.surrogates.networks.network import Activation
from neuralrates.surrogates.regressors.kernel_sum import Kernel
from neuralrates.surrogates.regressors.units import Warp

_DEEPEST = 4

Size = Annotated[int, Field(ge=1, le=10**8)]
Width = Annotated[int, Field(ge=1, le=10**5)]
Depth = Annotated[int, Field(ge=1, le=200)]
Place = Annotated[int, Field(ge=0, lt=10**5)]


class _Network(Strict):
    architecture: Literal["network"]
    sizes: list[Width] = Field(min_length=2, max_length=200)
    activation: Activation


class _Mixture(Strict):
    architecture: Literal["mixture_of_experts"]
    inputs: Width
    columns: list[Place] = Field(max_length=1000)
    width: Width
    depth_before: Annotated[int, Field(ge=0, le=200)]
    num_experts: Width
    expert_depth: Depth
    top: Width
    activation: Activation
    residual: bool


class _Polynomial(Strict):
    architecture: Literal["polynomial"]
    terms: Size
    inputs: Width
    degree: Annotated[int, Field(ge=0, le=100)]


class _KernelSum(Strict):
    architecture: Literal["kernel_sum"]
    points: Size
    inputs: Width
    kernel: Kernel


class _Neighbours(Strict):
    architecture: Literal["neighbours"]
    points: Size
    inputs: Width
    count: Size


class _Trees(Strict):
    architecture: Literal["trees"]
    nodes: Size
    trees: Size
    depth: Annotated[int, Field(ge=0, le=10**4)]
    rounded: bool


class _InUnits(Strict):
    architecture: Literal["in_units"]
    inner: dict[str, Any]
    columns: list[Annotated[tuple[Warp, Place, Place | None], Field(strict=False)]] = Field(
        min_length=1, max_length=1000
    )
    unit: Place


class _Anchored(Strict):
    architecture: Literal["anchored"]
    network: dict[str, Any]


_RECORD: TypeAdapter[Any] = TypeAdapter(
    Annotated[
        _Network
        | _Mixture
        | _Polynomial
        | _KernelSum
        | _Neighbours
        | _Trees
        | _InUnits
        | _Anchored,
        Field(discriminator="architecture"),
    ]
)


def checked(record: Any, field: str = "record.surrogate", depth: int = 0) -> Mapping[str, Any]:
    """A record as it must be, with those inside it.

    Args:
        record: what a manifest says
        field: where it says so
        depth: how many records it lies in

    Returns:
        The record.

    Raises:
        InputError: naming the field

    Example:
        >>> from neuralrates.core.errors import InputError
        >>> from neuralrates.surrogates.records import checked
        >>> try:
        ...     checked({"architecture": "network", "sizes": [2], "activation": "silu"})
        ... except InputError as error:
        ...     print(error.column)
        record.surrogate.network.sizes
    """
    if depth > _DEEPEST:
        raise InputError(f"expected at most {_DEEPEST} records in each other", column=field)
    try:
        _RECORD.validate_python(record)
    except ValidationError as error:
        raise first_fault(error, field) from None
    for name in ("inner", "network"):
        if name in record:
            checked(record[name], f"{field}.{name}", depth + 1)
    known: Mapping[str, Any] = record
    return known
