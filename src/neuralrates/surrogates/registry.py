"""Architectures by name: what a stored surrogate's record may say, and how a blank one of that shape is made."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, Field, ValidationError

from neuralrates.core.errors import InputError
from neuralrates.core.registry import Registry
from neuralrates.core.schema import first_fault
from neuralrates.surrogates.surrogate import AbstractSurrogate

_DEEPEST = 4
Made = TypeVar("Made", bound=type[AbstractSurrogate])

Size = Annotated[int, Field(ge=1, le=10**8)]
Width = Annotated[int, Field(ge=1, le=10**5)]
Depth = Annotated[int, Field(ge=1, le=200)]
Place = Annotated[int, Field(ge=0, lt=10**5)]

ARCHITECTURES: Registry[Any] = Registry("an architecture")
"""Every architecture by name, as its class."""


def register(name: str) -> Callable[[Made], Made]:
    """Decorator of a class whose surrogates can be stored under this architecture.

    The class has a method `record`, the plain values that a file keeps beside the arrays; a class method `blank`, which makes
    a surrogate of that shape from such a record; and perhaps a class attribute `schema`, a pydantic model of the record. The
    record's entry `architecture` is the name; an entry that is a mapping is the record of a surrogate inside. A module that
    defines a class registers it when it is imported; whoever loads a bundle of it imports that module first.

    Args:
        name: of the architecture

    Raises:
        ValueError: where the name is taken, or the class cannot be stored

    Example:
        >>> import jax.numpy as jnp, numpy as np
        >>> import neuralrates as nr
        >>> @nr.surrogates.register("constant")
        ... class Constant(nr.surrogates.AbstractSurrogate):
        ...     level: object
        ...     def __call__(self, x):
        ...         return self.level
        ...     def record(self):
        ...         return {"architecture": "constant", "outputs": self.level.shape[0]}
        ...     @classmethod
        ...     def blank(cls, record):
        ...         return cls(jnp.zeros(record["outputs"]))
        >>> from neuralrates.surrogates.architectures import filled
        >>> print(filled({"architecture": "constant", "outputs": 1}, {".level": np.ones(1)}).level)
        [1.]
    """

    def add(made: Made) -> Made:
        missing = [part for part in ("record", "blank") if not hasattr(made, part)]
        if missing:
            raise ValueError(
                f"Class {made.__name__} must have {' and '.join(missing)} to be stored."
            )
        ARCHITECTURES.register(name, made)
        return made

    return add


def blank(record: Mapping[str, Any]) -> AbstractSurrogate:
    """Surrogate of the shape that a record states, its arrays to be filled in."""
    surrogate: AbstractSurrogate = _architecture(record, "").blank(record)
    return surrogate


def checked(record: Any, field: str = "record.surrogate", depth: int = 0) -> Mapping[str, Any]:
    """A record as its architecture says that it must be, with those inside it.

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
        >>> from neuralrates.surrogates.registry import checked
        >>> import neuralrates.surrogates.architectures
        >>> try:
        ...     checked({"architecture": "network", "sizes": [2], "activation": "silu"})
        ... except InputError as error:
        ...     print(error.column)
        record.surrogate.sizes
    """
    if depth > _DEEPEST:
        raise InputError(f"expected at most {_DEEPEST} records in each other", column=field)
    if not isinstance(record, Mapping):
        raise InputError(f"expected a record, found {str(record)[:40]!r}", column=field)
    schema: type[BaseModel] | None = getattr(_architecture(record, field), "schema", None)
    try:
        if schema is not None:
            schema.model_validate(record)
    except ValidationError as error:
        raise first_fault(error, field) from None
    for name, inner in record.items():
        if isinstance(inner, Mapping):
            checked(inner, f"{field}.{name}", depth + 1)
    return record


def _architecture(record: Mapping[str, Any], field: str) -> Any:
    name = record.get("architecture", "none")
    if not isinstance(name, str) or name not in ARCHITECTURES:
        column = f"{field}.architecture".removeprefix(".")
        expected = (
            f"expected one of {tuple(ARCHITECTURES)}, or an architecture that a module registers by "
            f"nr.surrogates.register (import it first), but it is {str(name)[:40]!r}"
        )
        raise InputError(expected, column=column)
    return ARCHITECTURES[name]
