"""A mixture of experts at one point: graphs that hand each other their results in place."""

import threading

import numpy as np
from jaxtyping import Float

from neuralrates.core.extras import extra

with extra("onnx"):
    import onnxruntime

_TYPES = {"tensor(double)": np.float64, "tensor(float)": np.float32}


class SinglePointRuntime:
    """Router and experts bound to buffers of one point, so that nothing is converted or copied between them.

    One caller at a time; others wait.

    Args:
        router: raw inputs to logits and what the experts see; none where there is one expert
        experts: what they see to the value

    Example:
        >>> import jax, jax.numpy as jnp, numpy as np
        >>> import neuralrates as nr
        >>> unit = nr.surrogates.Scaling([0.0], [1.0])
        >>> kinds = nr.surrogates.KindScaling((0,), jnp.zeros(1), jnp.ones(1))
        >>> mixture = nr.surrogates.MixtureOfExperts.random(
        ...     unit, kinds, width=4, depth_before=1, num_experts=2, expert_depth=1, key=jax.random.key(0))
        >>> runtime = nr.bundles.SparseRuntime(mixture)
        >>> one, two = np.ones((1, 1)), np.ones((2, 1))
        >>> bool(np.isclose(runtime.value(one)[0, 0], runtime.value(two)[0, 0], rtol=1e-5))
        True
    """

    def __init__(
        self,
        router: onnxruntime.InferenceSession | None,
        experts: list[onnxruntime.InferenceSession],
    ) -> None:
        self._buffers: dict[str, np.ndarray] = {}
        self._lock = threading.Lock()
        self._router = None if router is None else (router, self._bound(router))
        self._experts = [(expert, self._bound(expert)) for expert in experts]

    def value(self, x: Float[np.ndarray, "batch inputs"]) -> Float[np.ndarray, "batch outputs"]:
        """Outputs at the one point in `x`."""
        with self._lock:
            self._buffers["x"][...] = x
            chosen = 0
            if self._router is not None:
                session, binding = self._router
                session.run_with_iobinding(binding)
                chosen = int(self._buffers["logits"].argmax())
            session, binding = self._experts[chosen]
            session.run_with_iobinding(binding)
            return self._buffers["value"].copy()

    def _bound(self, session: onnxruntime.InferenceSession) -> onnxruntime.IOBinding:
        """The session's inputs and outputs at the buffers of their names."""
        binding = session.io_binding()
        for tensors, bind in (
            (session.get_inputs(), binding.bind_input),
            (session.get_outputs(), binding.bind_output),
        ):
            for tensor in tensors:
                made = np.zeros((1, tensor.shape[1]), _TYPES[tensor.type])
                buffer = self._buffers.setdefault(tensor.name, made)
                kind = buffer.dtype.type
                bind(tensor.name, "cpu", 0, kind, buffer.shape, buffer.ctypes.data)
        return binding
