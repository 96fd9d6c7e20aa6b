"""Doors: what users call. Arguments are held against the annotations before anything is done with them."""

import functools
import inspect
import typing
from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any, TypeVar

from neuralrates.core.errors import ArgumentError, printable
from neuralrates.core.expectations import Expected, expected, given

Target = TypeVar("Target")


def door(target: Target) -> Target:
    """Class or function whose arguments are checked at each call, for users as in tests.

    Annotations are read at the first call. Those that say nothing of a value (`Any`, type variables) let everything pass;
    shapes are checked by their number of axes; what a field's converter makes an array of may be numbers or lists of them.

    Args:
        target: class (its constructor is checked), function or method

    Returns:
        The class itself, or a function of the same signature.

    Raises:
        ArgumentError: by what it returns, naming the argument, what it is and what it must be

    Example:
        >>> from neuralrates.core.doors import door
        >>> @door
        ... def doubled(rate: float) -> float:
        ...     return 2.0 * rate
        >>> doubled("0.03")
        Traceback (most recent call last):
            ...
        neuralrates.core.errors.ArgumentError: Argument `rate` of doubled must be a number, but is the text '0.03'.
    """
    if not isinstance(target, type):
        function: Any = target
        return _checked(function, function.__qualname__, lambda: _of_function(function))
    owner: Any = target
    checked = _checked(owner.__init__, owner.__name__, lambda: _of_class(owner))
    owner.__init__ = checked if _is_generated(owner) else _with_fields(checked, owner)
    return target


def is_door(target: Any) -> bool:
    """Whether arguments are checked."""
    opened = getattr(target, "__init__") if isinstance(target, type) else target  # noqa: B009
    return hasattr(opened, "expectations")


def _checked(function: Any, name: str, read: Callable[[], Mapping[str, Expected]]) -> Any:
    """The function, after a look at its arguments."""
    signature = inspect.signature(function)
    order = [p.name for p in signature.parameters.values() if p.kind is p.POSITIONAL_OR_KEYWORD]
    name = name.removesuffix(".__call__")
    expectations = functools.cache(read)

    @functools.wraps(function, updated=())
    def checked(*args: Any, **kwargs: Any) -> Any:
        known = expectations()
        for argument, value in (*zip(order, args, strict=False), *kwargs.items()):
            if argument in known:
                _check(name, argument, known[argument], value)
        return function(*args, **kwargs)

    checked.expectations = expectations  # type: ignore[attr-defined]
    return checked


def _of_function(function: Any) -> dict[str, Expected]:
    """Expectations of a function's arguments; of what it wraps, where it wraps."""
    inner = inspect.unwrap(function)
    parameters, hints = inspect.signature(inner).parameters.values(), typing.get_type_hints(inner)
    named = {p.name for p in parameters if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)}
    return {name: expected(hint) for name, hint in hints.items() if name in named}


def _of_class(owner: Any) -> dict[str, Expected]:
    """Expectations of a constructor's arguments: its own, or those of the fields of a data class."""
    if not _is_generated(owner):
        return _of_function(owner.__init__)
    hints = typing.get_type_hints(owner)
    return {
        field.name: expected(hints[field.name], converted="converter" in field.metadata)
        for field in fields(owner)
        if field.init
    }


def _with_fields(constructor: Any, owner: Any) -> Any:
    """The constructor, after which the fields that keep its arguments are looked at too: they have the shapes."""

    @functools.cache
    def kept() -> dict[str, Expected]:
        hints = typing.get_type_hints(owner)
        return {name: expected(hints[name]) for name in constructor.expectations() if name in hints}

    @functools.wraps(constructor)
    def checked(self: Any, *args: Any, **kwargs: Any) -> None:
        constructor(self, *args, **kwargs)
        for name, wanted in kept().items():
            _check(owner.__name__, name, wanted, getattr(self, name))

    return checked


def _check(owner: str, name: str, wanted: Expected, value: Any) -> None:
    if not wanted.accepts(value):
        raise ArgumentError(
            printable(
                f"Argument `{name}` of {owner} must be {wanted.words}, but is {given(value)}."
            )
        )


def _is_generated(owner: Any) -> bool:
    """Whether `dataclass` wrote the constructor."""
    return inspect.unwrap(owner.__init__).__code__.co_filename == "<string>"
