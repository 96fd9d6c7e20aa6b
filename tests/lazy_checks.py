"""The types of every function, checked by jaxtyping as its import hook asks, at a lower price.

A checker is made at a function's first call: most functions are never called in a process, and making all checkers took a
third of the time in which tests are collected. Arguments are bound to their names without `inspect`, where there is nothing
but names: it took a seventh of the time of tests that call many small functions.
"""

import functools
import inspect
import threading
from collections.abc import Callable
from typing import Any

import jaxtyping

_eager = jaxtyping.jaxtyped
_making = threading.RLock()
_MISSING = id(inspect.Parameter.empty)
_NAMED = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)


def install() -> None:
    """Have the import hook, which decorates by this name, decorate so."""
    jaxtyping.jaxtyped = _lazily


def _lazily(*, typechecker: Any) -> Callable[[Any], Any]:
    def decorated(function: Any) -> Any:
        if not inspect.isfunction(function):
            return _eager(typechecker=typechecker)(function)
        made: list[Callable[..., Any]] = []

        @functools.wraps(function)
        def checked(*args: Any, **kwargs: Any) -> Any:
            __tracebackhide__ = True
            if not made:
                with _making:
                    made.append(_checked(function, typechecker))
            return made[0](*args, **kwargs)

        return checked

    return decorated


def _checked(function: Callable[..., Any], typechecker: Any) -> Callable[..., Any]:
    function.__signature__ = _Signature.from_callable(function)  # type: ignore[attr-defined]
    try:
        return _eager(typechecker=typechecker)(function)
    finally:
        del function.__signature__  # type: ignore[attr-defined]


class _Complete(inspect.BoundArguments):
    """Arguments of which every one is there."""

    def apply_defaults(self) -> None:
        pass


class _Signature(inspect.Signature):
    """Binds names as the base class does; whatever is not plain goes to it, errors too."""

    def bind(self, /, *args: Any, **kwargs: Any) -> inspect.BoundArguments:
        if self._plain is not None:
            places, defaults = self._plain
            positional = dict(zip(places, args, strict=False))
            found = defaults | positional | kwargs
            at_once = len(args) <= len(places) and positional.keys().isdisjoint(kwargs)
            if at_once and len(found) == len(defaults) and _MISSING not in map(id, found.values()):
                return _Complete(self, found)
        return inspect.Signature.bind(self, *args, **kwargs)

    @functools.cached_property
    def _plain(self) -> tuple[tuple[str, ...], dict[str, Any]] | None:
        """Names that take positions, and the default of every name; none where there is more than names."""
        known = self.parameters.values()
        if any(one.kind not in _NAMED for one in known):
            return None
        places = tuple(one.name for one in known if one.kind is _NAMED[0])
        return places, {one.name: one.default for one in known}
