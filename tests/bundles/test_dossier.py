"""The dossier of a user's own bundle from end to end, and those of the shipped ones as they are committed."""

import dataclasses
import json
import re
from html.parser import HTMLParser

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import neuralrates as nr
from neuralrates.bundles.development import with_development
from neuralrates.bundles.dossier import KEY, dossier, write_dossier
from neuralrates.certificates.dossier.measurement import measure
from neuralrates.certificates.dossier.page import SECTIONS
from neuralrates.certificates.evidence import (
    AttackEvidence,
    BandEvidence,
    Finding,
    GuardEvidence,
    YearAhead,
)
from neuralrates.core.units import basis_point
from neuralrates.problems.catalogue import PROBLEMS
from neuralrates.problems.narrative import Narrative, narrative_of
from neuralrates.surrogates.registry import ARCHITECTURES

NAME, POINTS = "swaption_of_my_own", 300
VOID = {"meta", "br", "hr", "img", "input", "link"}
SHIPPED = nr.bundles.shipped()


class Page(HTMLParser):
    """What a page consists of; raises where its tags do not match."""

    def __init__(self, text):
        HTMLParser.__init__(self)
        self.open, self.ids, self.links, self.fetched, self.text = [], [], [], [], []
        self.tables, self.section = {}, ""
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        self.ids += [found["id"]] if "id" in found else []
        self.links += [found["href"]] if tag == "a" else []
        self.fetched += [found[name] for name in ("src", "data", "srcset") if name in found]
        self.fetched += [found.get("href", "")] if tag == "link" else []
        self.fetched += [tag] if tag in ("script", "iframe", "object", "embed") else []
        if tag == "section":
            self.section = found["id"]
        if tag == "tr":
            self.tables.setdefault(self.section, []).append([])
        if tag in ("td", "th"):
            self.tables[self.section][-1].append("")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)
        if self.open and set(self.open) & {"td", "th"}:
            self.tables[self.section][-1][-1] += data

    def row(self, section, name):
        return next(row for row in self.tables[section] if row[0] == name)


@nr.surrogates.register("tilted_level")
class TiltedLevel(nr.surrogates.AbstractSurrogate):
    """A plane: a poor surrogate, whose errors are easy to make again."""

    weights: jax.Array
    level: jax.Array
    inputs: int = eqx.field(static=True, default=2)

    def __call__(self, x):
        return self.level + jnp.reshape(x @ self.weights, (1,))

    def record(self):
        return {"architecture": "tilted_level", "inputs": self.inputs}

    @classmethod
    def blank(cls, record):
        return cls(jnp.zeros(2), jnp.zeros(1), record["inputs"])


AXES = (
    nr.problems.Axis("rate", "decimal per year", 0.02, 0.04),
    nr.problems.Axis("volatility", "per square root of year", 0.005, 0.015),
)
SURROGATE = TiltedLevel(jnp.array([0.45, 0.35]), jnp.array([-0.0135]))


def build(x):
    model = nr.models.HullWhite(nr.market.FlatCurve(x[0]), 0.03, x[1])
    return model, nr.products.Swaption([1.0], [2.0], [1.0], strike=0.03, side="payer")


@pytest.fixture(scope="module")
def problem():
    made = nr.problems.Problem(
        NAME, nr.problems.Domain(AXES), build, nr.pricers.Jamshidian(), increasing=("volatility",)
    )
    nr.problems.register(NAME, lambda: made)
    yield made
    PROBLEMS._entries.pop(NAME)
    ARCHITECTURES._entries.pop("tilted_level")


@pytest.fixture(scope="module")
def certificate(problem):
    return nr.certificates.certify(SURROGATE, problem, key=jax.random.key(7), num_samples=500)


@pytest.fixture(scope="module")
def folder(problem, certificate, tmp_path_factory):
    place = tmp_path_factory.mktemp("bundles") / "mine"
    nr.bundles.save(place, SURROGATE, problem, certificate)
    return place


@pytest.fixture(scope="module")
def prices(tmp_path_factory):
    return tmp_path_factory.mktemp("prices")


@pytest.fixture(scope="module")
def made(folder, prices):
    write_dossier(folder, folder.parent / "mine.html", num_points=POINTS, folder=prices)
    return (folder.parent / "mine.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def page(made):
    return Page(made)


def fresh(problem):
    x = problem.domain.sample(jax.random.key(KEY), POINTS)
    value = np.asarray(jax.jit(jax.vmap(lambda point: problem(point).value))(x))
    return np.asarray(x), np.abs(np.asarray(jax.vmap(SURROGATE)(x))[:, 0] - value)


def test_a_page_needs_nothing_else(page, made):
    assert page.fetched == []
    assert not re.findall(r"https?:|//[a-z]|@import|url\(", made)
    assert {link[1:] for link in page.links} <= set(page.ids)
    assert len(set(page.ids)) == len(page.ids)


def test_sections_come_in_a_readers_order(page):
    assert page.ids == [name for name, _ in SECTIONS]


def test_numbers_are_the_certificates(page, certificate):
    target = certificate.outputs[0]
    stated = [target.mean, target.median, target.quantile_95, target.quantile_99, target.largest]
    shown = [float(cell) for cell in page.row("accuracy", "price")[1:6]]
    assert shown == pytest.approx(np.array(stated) / basis_point, rel=0.05)  # two digits
    for greek in target.greeks:
        row = page.row("greeks", greek.input)
        assert float(row[2]) == pytest.approx(greek.mean_size, rel=0.005)
        assert float(row[4].rstrip("%")) == pytest.approx(100.0 * greek.relative, rel=0.05)
    for check in certificate.arbitrage:
        row = page.row("bounds", check.relation)
        assert float(row[1].rstrip("%")) == pytest.approx(100.0 * check.fraction, abs=0.01)
    assert certificate.surrogate in made_text(page)


def made_text(page):
    return " ".join("".join(page.text).split())


def test_fresh_points_are_what_the_key_draws(page, problem, certificate):
    x, error = fresh(problem)
    row = page.row("accuracy", "price, fresh points")
    known = [np.mean(error), np.median(error), *np.quantile(error, [0.95, 0.99]), np.max(error)]
    assert [float(cell) for cell in row[1:6]] == pytest.approx(
        np.array(known) / basis_point, rel=0.05
    )
    within = int(np.sum(error <= certificate.error_band))
    assert f"{within} of them" in made_text(page)


def test_the_worst_hundred_are_the_worst(page, problem):
    x, error = fresh(problem)
    rows = page.tables["worst"][1:]
    assert len(rows) == 100
    order = np.argsort(-error)[:100]
    assert [float(row[0]) for row in rows] == pytest.approx(error[order] / basis_point, rel=0.05)
    assert [float(row[4]) for row in rows] == pytest.approx(x[order, 0], rel=0.005)


def test_explanations_are_of_these_inputs(page, problem):
    x, _ = fresh(problem)
    slopes = np.abs(np.asarray(jax.vmap(jax.grad(lambda point: problem(point).value))(x)))
    moves = slopes.mean(axis=0) * x.std(axis=0) / basis_point
    for k, axis in enumerate(AXES):
        row = page.row("explainability", axis.name)
        assert float(row[2]) == pytest.approx(moves[k], rel=0.05)


def test_what_is_not_written_is_said_and_what_is_written_is_shown(folder, prices, page, tmp_path):
    fields = set(re.findall(r"Add (\w+) to a file of words", made_text(page)))
    assert fields == set(Narrative.model_fields) - {"problems", "triggers"}
    words = {"purpose": "To test & to <show>.", "limits": ["None of `mine`."]}
    said = Narrative(**words, challengers=[{"name": "a plane"}], development={"labels": "none"})
    out = tmp_path / "mine.html"
    write_dossier(folder, out, num_points=POINTS, folder=prices, words=said)
    again = Page(out.read_text(encoding="utf-8"))
    left = set(re.findall(r"Add (\w+) to a file of words", made_text(again)))
    assert fields - left == {"purpose", "limits", "challengers", "development"}
    assert "To test & to <show>." in made_text(again)
    assert again.row("challengers", "a plane")


def test_points_that_contradict_a_certificate_are_said_to(problem, certificate, prices, tmp_path):
    """A certificate by somebody who made its errors ten times too small."""
    sizes = ("mean", "root_mean_square", "median", "quantile_95", "quantile_99", "largest")
    target = certificate.outputs[0]
    smaller = {name: 0.1 * getattr(target, name) for name in (*sizes, "bound_99")}
    told = dataclasses.replace(
        certificate, outputs=(dataclasses.replace(target, bound_999=None, **smaller),)
    )
    nr.bundles.save(tmp_path / "told", SURROGATE, problem, told)
    out = tmp_path / "told.html"
    verdict = write_dossier(tmp_path / "told", out, num_points=POINTS, folder=prices).coverage
    assert not verdict.agrees
    assert "The fresh points contradict the certificate." in out.read_text(encoding="utf-8")


def test_every_part_of_the_evidence_is_shown(folder, problem, certificate, prices):
    """Evidence that this bundle does not have, made up."""
    attack = AttackEvidence((0, 5), 7, 11, (Finding((0.03, 0.01), 3.21e-4, 1e-4, "face"),))
    walked = (YearAhead(2004, 2005, 500, 480),)
    band = BandEvidence("a" * 64, 0.99, 497, 0.97, 0.999, 1.5e-4, 2.5e-4, walked)
    guard = GuardEvidence("b" * 64, 0.001, 400, 2, 0.02)
    evidence = dataclasses.replace(certificate.evidence, attack=attack, band=band, guard=guard)
    told = dataclasses.replace(certificate, evidence=evidence)
    bundle = dataclasses.replace(nr.bundles.load(folder), certified=lambda: told)
    key = jax.random.key(KEY)
    found = measure(SURROGATE, problem, key=key, num_points=POINTS, folder=prices)
    page = Page(dossier(bundle, folder, found).html)
    tables, text = page.tables, made_text(page)
    for statement in evidence.statements:
        seen = f"{statement.failures} of {statement.samples}"
        assert any(row[2] == seen for row in tables["accuracy"] if len(row) == 5)
    named = {region.coordinate for region in evidence.regions}
    assert named <= {row[0] for row in tables["accuracy"] if len(row) == 9}
    assert ["2004", "2005", "500", "96%"] in tables["accuracy"]
    assert ["3.2", "1.0", "face", "yes", "0.03, 0.01"] in tables["bounds"]
    assert "Of the certificate's points 99.4% lie within (between 97% and 99.9%)" in text
    assert "2 of 400 were (at most 2%)" in text
    assert "Not measured" not in text


def test_a_page_is_the_same_the_second_time(folder, prices, made, tmp_path):
    write_dossier(folder, tmp_path / "again.html", num_points=POINTS, folder=prices)
    assert (tmp_path / "again.html").read_text(encoding="utf-8") == made


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_bundle_has_its_words(name):
    certificate = nr.bundles.load(name).certificate
    words = with_development(narrative_of(certificate.problem["name"]), name)
    assert all(getattr(words, field) for field in Narrative.model_fields)


def test_records_are_those_of_the_settings_and_results(root, monkeypatch):
    monkeypatch.syspath_prepend(root)
    from benchmarks.support.development import FOLDER, records

    told = "run python -m benchmarks.dossiers --records"
    for name, text in records().items():
        assert (FOLDER / f"{name}.json").read_text(encoding="utf-8") == text, told
    assert set(records()) == set(SHIPPED)


@pytest.mark.parametrize("name", SHIPPED)
def test_committed_dossiers_are_of_the_shipped_bundles(root, name):
    text = (root / "docs" / "dossiers" / f"{name}.html").read_text(encoding="utf-8")
    page, bundle = Page(text), nr.bundles.load(name)
    assert page.ids == [section for section, _ in SECTIONS]
    assert page.fetched == []
    assert len(text) < 300_000
    manifest = json.loads((nr.bundles.bundle.folder_of(name) / "manifest.json").read_text())
    for digest in (bundle.certificate.surrogate, *manifest["files"].values()):
        assert digest in text, f"run python -m benchmarks.dossiers {name}"
    assert "Not written yet" not in text
