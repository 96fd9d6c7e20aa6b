"""What is exported as a model is one, or says why it is none."""

import inspect

import pytest

import neuralrates as nr

NOT_MODELS = ("ForwardCurve", "Heston")
PARTS = ("AbstractModel", "TenorVolatility")


@pytest.mark.parametrize("name", sorted(set(nr.models.__all__) - set(PARTS)))
def test_a_model_is_one_or_says_why_not(name: str) -> None:
    kind = getattr(nr.models, name)
    says_not = "Not an `AbstractModel`:" in (inspect.getdoc(kind) or "")
    assert says_not == (name in NOT_MODELS)
    assert issubclass(kind, nr.models.AbstractModel) != says_not
