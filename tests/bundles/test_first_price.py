"""What the first price of a new process waits for: numpy and pydantic, not the certificate's schema nor JAX."""

import json
import subprocess
import sys

import pytest

import neuralrates as nr
from neuralrates.bundles.bundle import CERTIFICATE, folder_of

PRICED = """
import json, sys
import neuralrates as nr
bundle = nr.bundles.load({name!r})
price = bundle.price({point!r})
heavy = ("jax", "onnxruntime", "pandas", "neuralrates.certificates.certificate")
print(json.dumps([float(price.value[0]), [name for name in heavy if name in sys.modules]]))
"""


@pytest.mark.parametrize("name", ["bermudan", "nine_instruments"])
def test_a_price_does_not_wait_for_the_rest(name):
    bundle = nr.bundles.load(name)
    point = list(bundle.certificate.outputs[0].worst_point)
    code = PRICED.format(name=name, point=point)
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    value, heavy = json.loads(run.stdout)
    assert heavy == []
    assert value == pytest.approx(float(bundle.price(point).value[0]), abs=1e-15)


@pytest.mark.parametrize("name", nr.bundles.shipped())
def test_the_headline_is_the_certificate_s(name):
    bundle = nr.bundles.load(name)
    assert bundle.headline == bundle.certificate.headline
    text = (folder_of(name) / CERTIFICATE).read_text(encoding="utf-8")
    assert bundle.certificate == nr.certificates.Certificate.from_json(text)
