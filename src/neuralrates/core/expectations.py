"""What an annotation expects of a value, as a test and in words."""

import collections.abc
import functools
import numbers
import re
import sys
import types
import typing
from collections.abc import Callable
from typing import Any, Literal, NamedTuple

import numpy as np

_LONGEST = 40
_KEY = "a random key, such as jax.random.key(0)"
_SAID_ALREADY = (
    ("a number", r"a whole number|an array of shape \(\)"),
    (_KEY, r"an array of shape"),
)
"""Of two things that a value may be, the one that a reader wants, and what then goes without saying."""


class Expected(NamedTuple):
    """What a value must be.

    Args:
        accepts: whether a value is that
        words: the same in words, to follow "must be"
    """

    accepts: Callable[[Any], bool]
    words: str


def expected(hint: Any, *, converted: bool = False) -> Expected:
    """What an annotation expects.

    Args:
        hint: annotation, resolved
        converted: whether a converter makes an array of the value, so that lists of numbers will do

    Returns:
        The test and its words; a test that everything passes where the annotation says nothing.
    """
    if hint is not None and hint == _array_like():
        return Expected(
            lambda v: num_axes(v) is not None, "a number, an array or a list of numbers"
        )
    if hasattr(hint, "dim_str"):
        return _array(hint, converted)
    origin = typing.get_origin(hint)
    if origin in (typing.Union, types.UnionType):
        return _union(typing.get_args(hint), converted)
    if origin is Literal:
        choices = typing.get_args(hint)
        return Expected(
            lambda v: isinstance(v, str) and v in choices, f"one of {', '.join(map(repr, choices))}"
        )
    return _class(origin or hint)


@functools.singledispatch
def num_axes(value: Any) -> int | None:
    """Axes of an array, a number or nested lists of numbers; None for what is none of them."""
    dtype = getattr(value, "dtype", None)
    return len(value.shape) if getattr(dtype, "kind", "O") in "iuf" else None


@num_axes.register
def _(value: numbers.Real) -> int | None:
    return None if value is True or value is False else 0


@num_axes.register(list)
@num_axes.register(tuple)
def _(value: list[Any] | tuple[Any, ...]) -> int | None:
    if {float, int}.issuperset(map(type, value)):
        return 1
    inside = {num_axes(part) for part in value}
    return None if None in inside or len(inside) > 1 else 1 + (inside.pop() or 0)


_NUMBERS = Expected(lambda v: num_axes(v) is not None, "a number, an array or a list of numbers")


@functools.singledispatch
def given(value: Any) -> str:
    """What a value is, in a few words."""
    if hasattr(value, "shape") and hasattr(value, "dtype"):
        return f"an array of {value.dtype} with shape {value.shape}"
    return _with_article(type(value).__name__)


@given.register(numbers.Number)
@given.register(types.NoneType)
def _(value: Any) -> str:
    return repr(value)


@given.register
def _(value: str) -> str:
    text = value if len(value) <= _LONGEST else value[:_LONGEST] + "..."
    return f"the text {text!r}"


@given.register
def _(value: type) -> str:
    return f"the class {value.__name__}"


def _array(hint: Any, converted: bool) -> Expected:
    """An array of so many axes."""
    axes = hint.dim_str.split()
    if "key" in str(hint.dtypes):
        return Expected(_is_key, _KEY)
    variadic = any(axis.startswith(("*", "...")) for axis in axes)

    def accepts(value: Any) -> bool:
        count = num_axes(value) if converted or hasattr(value, "shape") else None
        return count is not None and (variadic or count == len(axes))

    if converted and not axes:
        return Expected(accepts, "a number")
    shape = f"shape ({', '.join(axes)}{',' if len(axes) == 1 else ''})"
    kinds = "an array or list of numbers" if converted else "an array"
    return Expected(accepts, f"{kinds} of {shape}")


def _is_key(value: Any) -> bool:
    dtype, jax = getattr(value, "dtype", None), sys.modules.get("jax")
    return bool(
        jax is not None and dtype is not None and jax.dtypes.issubdtype(dtype, jax.dtypes.prng_key)
    )


def _union(hints: tuple[Any, ...], converted: bool) -> Expected:
    """One of several; what numbers and arrays there are, in a union with `ArrayLike`, are said as one."""
    numeric = set(typing.get_args(_array_like())) or {_array_like}
    rest = [hint for hint in hints if hint not in numeric] if numeric.issubset(hints) else hints
    parts = [expected(hint, converted=converted) for hint in rest]
    parts = parts if rest is hints else [_NUMBERS, *parts]
    words = list(dict.fromkeys(part.words for part in parts))
    for wider, narrower in _SAID_ALREADY:
        if wider in words:
            words = [word for word in words if not re.match(narrower, word)]
    return Expected(lambda v: any(part.accepts(v) for part in parts), " or ".join(words))


def _array_like() -> Any:
    """What may become an array; where nobody has imported it, nobody annotates by it, and JAX is not imported for it."""
    vocabulary = sys.modules.get("neuralrates.core.types")
    return None if vocabulary is None else vocabulary.ArrayLike


def _is_whole(value: Any) -> bool:
    kind = getattr(getattr(value, "dtype", None), "kind", "i")
    is_array = hasattr(value, "dtype") and num_axes(value) == 0
    return kind in "iu" and (is_array or type(value) is int)


def _is_list(value: Any) -> bool:
    return type(value) is not str and hasattr(value, "__getitem__") and hasattr(value, "__len__")


_KNOWN = {
    None: Expected(lambda v: v is None, "None"),
    types.NoneType: Expected(lambda v: v is None, "None"),
    float: Expected(lambda v: num_axes(v) == 0, "a number"),
    int: Expected(_is_whole, "a whole number"),
    bool: Expected(lambda v: isinstance(v, (bool, np.bool_)), "True or False"),
    object: Expected(lambda v: True, "anything"),
    Any: Expected(lambda v: True, "anything"),
    collections.abc.Callable: Expected(callable, "a function"),
    collections.abc.Sequence: Expected(_is_list, "a list"),
}


@functools.cache
def _class(kind: Any) -> Expected:
    """An instance of a class; numbers in the widest sense."""
    if kind in _KNOWN:
        return _KNOWN[kind]
    if not isinstance(kind, type):
        return _KNOWN[object]
    return Expected(lambda v: isinstance(v, kind), _named(kind))


def _named(kind: type) -> str:
    """Name of a class with its article; of an abstract one also in plain words."""
    name = {"str": "text"}.get(kind.__name__, kind.__name__)
    if not name.startswith("Abstract"):
        return _with_article(name)
    plain = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name.removeprefix("Abstract")).lower()
    return f"{_with_article(plain)} ({name})"


def _with_article(name: str) -> str:
    return f"{'an' if name[0].lower() in 'aeiou' else 'a'} {name}"
