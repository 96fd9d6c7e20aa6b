"""A JAX function as a flat list of operations: calls inlined, loops unrolled, constants folded, the unused left out."""

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from neuralrates.bundles.runtimes.conversion.networks import NAMES
from neuralrates.core.errors import RefusalError

_CALLS = {
    "jit": "jaxpr",
    "pjit": "jaxpr",
    "closed_call": "call_jaxpr",
    "core_call": "call_jaxpr",
    "custom_jvp_call": "call_jaxpr",
    "custom_vjp_call": "call_jaxpr",
    "custom_vjp_call_jaxpr": "fun_jaxpr",
    "remat": "jaxpr",
    "checkpoint": "jaxpr",
}
KNOWN_FUNCTIONS = (
    "normal_distribution",
    "decay_moment_0",
    "decay_moment_1",
    "polynomial",
    *NAMES,
)
"""Functions, by the name they are compiled under, that are written as one and not taken apart."""


@dataclass(frozen=True, eq=False)
class Symbol:
    """A result that depends on the point.

    Args:
        shape: at one point
    """

    shape: tuple[int, ...]


Value = Symbol | np.ndarray


class Operation(NamedTuple):
    """One step of a program.

    Args:
        name: of the primitive, or of a known function
        inputs: symbols and constants
        outputs: symbols that it defines
        primitive: what applies it in JAX; none for a known function or a branch
        parameters: of the primitive
        types: of the inputs in JAX
    """

    name: str
    inputs: tuple[Value, ...]
    outputs: tuple[Symbol, ...]
    primitive: Any
    parameters: Mapping[str, Any]
    types: tuple[Any, ...]

    def folded(self, values: Sequence[Any]) -> list[Any]:
        """Results at constants."""
        return folded(self.primitive, self.parameters, values, self.types)


def folded(
    primitive: Any,
    parameters: Mapping[str, Any],
    values: Sequence[Any],
    types: Sequence[Any],
) -> list[Any]:
    """Results of a primitive at constants."""
    typed = [jnp.asarray(v, kind) for v, kind in zip(values, types, strict=True)]
    found = primitive.bind(*typed, **parameters)
    return [*map(np.asarray, found if primitive.multiple_results else [found])]


class Program(NamedTuple):
    """Operations in order.

    Args:
        inputs: symbols that are given
        operations: each after those that it needs
        outputs: symbols or constants
    """

    inputs: tuple[Symbol, ...]
    operations: tuple[Operation, ...]
    outputs: tuple[Value, ...]


def program_of(function: Callable[..., Any], *shapes: tuple[int, ...]) -> Program:
    """A function of arrays in double precision as a program.

    Args:
        function: of arrays of these shapes, at one point
        shapes: of its arguments

    Returns:
        The program; outputs in the order of the leaves of what the function returns.

    Raises:
        RefusalError: where a loop's length depends on the point
    """
    specs = [jax.ShapeDtypeStruct(shape, jnp.float64) for shape in shapes]
    return _program(jax.make_jaxpr(function)(*specs), shapes)


def _program(closed: Any, shapes: Iterable[tuple[int, ...]]) -> Program:
    inputs = tuple(Symbol(tuple(shape)) for shape in shapes)
    flattening = _Flattening()
    outputs = flattening.run(closed, inputs)
    return Program(inputs, _used(flattening.operations, outputs), tuple(outputs))


def _used(operations: Sequence[Operation], outputs: Iterable[Value]) -> tuple[Operation, ...]:
    """The operations that some output needs."""
    needed = {id(value) for value in outputs}
    kept = []
    for operation in reversed(operations):
        if needed & {id(output) for output in operation.outputs}:
            kept.append(operation)
            needed |= {id(value) for value in operation.inputs}
    return tuple(reversed(kept))


@dataclass
class _Flattening:
    """Operations as they come."""

    operations: list[Operation] = field(default_factory=list)

    def run(self, closed: Any, arguments: Sequence[Value]) -> list[Value]:
        """Values of a jaxpr's outputs."""
        jaxpr, constants = getattr(closed, "jaxpr", closed), getattr(closed, "consts", ())
        known: dict[Any, Value] = dict(
            zip(jaxpr.constvars, map(np.asarray, constants), strict=True)
        )
        known.update(zip(jaxpr.invars, arguments, strict=True))

        def read(atom: Any) -> Value:
            return np.asarray(atom.val) if hasattr(atom, "val") else known[atom]

        for equation in jaxpr.eqns:
            results = self._step(equation, tuple(map(read, equation.invars)))
            known.update(zip(equation.outvars, results, strict=True))
        return [read(atom) for atom in jaxpr.outvars]

    def _step(self, equation: Any, inputs: tuple[Value, ...]) -> Sequence[Value]:
        name, parameters = equation.primitive.name, equation.params
        if name in _CALLS:
            inner = parameters[_CALLS[name]]
            known = str(parameters.get("name", ""))
            if known in KNOWN_FUNCTIONS and _depends(inputs):
                return self._emit(known, equation, inputs)
            return self.run(inner, inputs)
        match name:
            case "stop_gradient" | "copy" | "copy_p" | "optimization_barrier":
                return inputs
            case "scan":
                return self._scan(parameters, inputs)
            case "while":
                return self._while(parameters, inputs)
            case "cond":
                return self._branches(equation, inputs)
        if _depends(inputs):
            return self._emit(name, equation, inputs)
        types = [atom.aval.dtype for atom in equation.invars]
        return folded(equation.primitive, parameters, inputs, types)

    def _emit(
        self, name: str, equation: Any, inputs: tuple[Value, ...], **extra: Any
    ) -> tuple[Symbol, ...]:
        outputs = tuple(Symbol(tuple(out.aval.shape)) for out in equation.outvars)
        parameters = dict(equation.params) | extra
        types = tuple(atom.aval.dtype for atom in equation.invars)
        primitive = equation.primitive
        self.operations.append(Operation(name, inputs, outputs, primitive, parameters, types))
        return outputs

    def _traced(self, function: Callable[..., Any], *values: Value) -> list[Value]:
        """What a function makes of values, written down too."""
        specs = [
            jax.ShapeDtypeStruct(v.shape, v.dtype if isinstance(v, np.ndarray) else jnp.float64)
            for v in values
        ]
        return self.run(jax.make_jaxpr(function)(*specs), values)

    def _scan(self, parameters: Mapping[str, Any], inputs: tuple[Value, ...]) -> list[Value]:
        """The loop unrolled: its length is known."""
        fixed, carried = parameters["num_consts"], parameters["num_carry"]
        constants, carry = inputs[:fixed], list(inputs[fixed : fixed + carried])
        rows, length = inputs[fixed + carried :], parameters["length"]
        steps = range(length)
        made: list[list[Value]] = []
        for step in reversed(steps) if parameters["reverse"] else steps:
            now = [self._traced(lambda a, k=step: a[k], row)[0] for row in rows]
            results = self.run(parameters["jaxpr"], [*constants, *carry, *now])
            carry, each = results[:carried], results[carried:]
            made.append(each)
        made = made[::-1] if parameters["reverse"] else made
        stacked = [
            self._traced(lambda *p: jnp.stack(p), *part)[0] for part in zip(*made, strict=True)
        ]
        return [*carry, *stacked]

    def _while(self, parameters: Mapping[str, Any], inputs: tuple[Value, ...]) -> list[Value]:
        """The loop unrolled, where what ends it does not depend on the point."""
        first, second = parameters["cond_nconsts"], parameters["body_nconsts"]
        of_test, of_body = inputs[:first], inputs[first : first + second]
        carry = list(inputs[first + second :])
        for _ in itertools.count():
            (goes_on,) = self.run(parameters["cond_jaxpr"], [*of_test, *carry])
            if isinstance(goes_on, Symbol):
                raise RefusalError("A loop whose length depends on the point has no graph.")
            if not goes_on:
                break
            carry = self.run(parameters["body_jaxpr"], [*of_body, *carry])
        return carry

    def _branches(self, equation: Any, inputs: tuple[Value, ...]) -> Sequence[Value]:
        """The chosen branch, where that is known; else all of them, each a program."""
        which, *operands = inputs
        branches = equation.params["branches"]
        if isinstance(which, np.ndarray):
            return self.run(branches[int(np.clip(which, 0, len(branches) - 1))], operands)
        shapes = [operand.shape for operand in operands]
        programs = tuple(_program(branch, shapes) for branch in branches)
        return self._emit("cond", equation, inputs, programs=programs)


def _depends(inputs: Iterable[Value]) -> bool:
    return any(isinstance(value, Symbol) for value in inputs)
