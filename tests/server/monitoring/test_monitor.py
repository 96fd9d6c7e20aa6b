"""A served surrogate rechecked: what is planted is found, what is right stays, and what was found is not forgotten."""

import json
import shutil
import time

import numpy as np
import pytest

import neuralrates as nr
from neuralrates.server.monitoring.monitor import Monitor, Sample
from neuralrates.server.monitoring.state_file import StateFile
from neuralrates.server.point_prices import price_points

CORNER = 0.008
"""Of the strike's spread: about a quarter of the domain is above it."""


def test_a_surrogate_that_keeps_its_word_is_never_demoted(watched, sample, bundle):
    monitor = watched()
    for _ in range(5):
        monitor.check(sample)
    record = monitor.records["bermudan"]
    assert len(sample.value) > 50
    assert record.checked == 5 * len(sample.value)
    assert record.beyond == 0
    assert all(error > 0.0 for _, error, _ in record.recent)
    assert monitor.demotion(bundle) == ""


def test_one_basis_point_in_one_corner_demotes_it_and_a_restart_knows(watched, sample, bundle):
    monitor = watched(CORNER)
    monitor.check(sample)
    said = monitor.demotion(bundle)
    assert "beyond the certified band" in said
    assert monitor.records["bermudan"].demoted <= time.time()
    again = watched()
    assert again.demotion(bundle) == said
    assert again.records["bermudan"] == monitor.records["bermudan"]


def test_a_surrogate_that_breaks_its_word_is_demoted(watched, sample, bundle):
    """A band a tenth as wide as the certified one, held against the exact engine without any planted error."""
    monitor = watched()
    monitor.check(sample._replace(band=0.1 * sample.band))
    assert "beyond the certified band" in monitor.demotion(bundle)


@pytest.mark.parametrize("name", ["bermudan", "forward_swaption"])
def test_what_is_allowed_is_what_the_certificate_leaves(tmp_path, name):
    """Its file says the coverage of a band that varies; a constant one is the bound of 99 percent."""
    folder = nr.bundles.bundle.folder_of(name)
    certificate = json.loads((folder / "certificate.json").read_text("utf-8"))
    stated = certificate.get("evidence", {}).get("band")
    allowed = 0.01 if stated is None else 1.0 - stated["coverage_low"]
    bundle, nothing = nr.bundles.load(name), np.zeros(1)
    monitor = Monitor(str(tmp_path), 1.0)
    sample = Sample(bundle, nothing, nothing + 1.0, nothing, lambda x: (nothing, nothing))
    monitor.check(sample)
    record = monitor.records[name]
    assert record.allowed == pytest.approx(allowed, rel=1e-12)
    shares = np.array([0.02, 0.05, 0.1, 0.2, 0.5, 0.9, 1.0])
    ratios = (allowed + (1.0 - allowed) * shares) / allowed  # of one price beyond, out of one
    assert record.evidence == pytest.approx(np.log(np.mean(ratios)), rel=1e-12)
    for _ in range(2):
        monitor.check(sample)
    assert f"allows {100 * allowed:.2f}% of them" in monitor.demotion(bundle)


def test_a_first_request_does_not_wait_for_the_certificate_s_schema(tmp_path):
    bundle = nr.bundles.load("bermudan")
    point = np.array([[0.03, 0.008, 0.008, 0.008, 0.008, 0.03, 0.0, 0.0, 2.0, 0.0]])
    monitor = Monitor(str(tmp_path), 1.0, lambda asked, x: (np.zeros(len(x)), np.zeros(len(x))))
    monitor.priced(bundle, price_points(bundle, point, "auto"))
    assert monitor.demotion(bundle) == ""
    monitor.close()
    assert monitor._file.read()["bermudan"].rows == 1
    assert "certificate" not in vars(bundle)


def test_another_surrogate_of_the_same_name_begins_anew(watched, sample, bundle):
    watched(CORNER).check(sample)
    monitor = watched()
    monitor._file.update("bermudan", "another", lambda before: before)
    assert monitor._file.read()["bermudan"].checked == 0


def test_requests_that_leave_the_domain_too_often_are_drifted(watched, bundle, sample):
    monitor = watched()
    monitor.priced(bundle, price_points(bundle, sample.x, "auto"))
    monitor.close()
    assert monitor._file.read()["bermudan"].drifted is None
    outside = sample.x.copy()
    outside[:50, -1] = 0.0151
    again = watched()
    again.priced(bundle, price_points(bundle, outside, "learned"))
    again.close()
    record = again._file.read()["bermudan"]
    assert record.outside == 50
    assert record.rows == 2 * len(sample.x)
    assert record.drifted is not None
    assert record.demoted is None


def test_counts_wait_for_a_folder_that_cannot_be_written(watched, bundle, sample, tmp_path):
    monitor = watched()
    aside = tmp_path.with_name("aside")
    tmp_path.rename(aside)
    monitor.priced(bundle, price_points(bundle, sample.x, "auto"))
    monitor._flush_soon()
    aside.rename(tmp_path)
    assert monitor._file.read() == {}
    monitor._flush_soon()
    assert monitor._file.read()["bermudan"].rows == len(sample.x)
    monitor.close()


def test_checks_run_in_the_background(watched, bundle, sample):
    monitor = watched(CORNER)
    monitor.priced(bundle, price_points(bundle, sample.x, "learned"))
    until = time.monotonic() + 30.0
    while not monitor.demotion(bundle) and time.monotonic() < until:
        time.sleep(0.05)
    monitor.close()
    assert monitor.demotion(bundle)


def test_where_the_reference_has_no_value_nothing_is_learned(watched, bundle, sample):
    monitor = watched()
    monitor._reference = lambda asked, x: (np.full(len(x), np.nan), np.zeros(len(x)))
    monitor.check(sample)
    assert monitor.records["bermudan"].checked == 0


@pytest.mark.parametrize("odd", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("part", ["value", "band"])
def test_a_learned_price_that_is_no_number_is_beyond_and_a_restart_reads_it(
    watched, sample, tmp_path, part, odd
):
    monitor = watched()
    three = sample._replace(x=sample.x[:3], value=sample.value[:3], band=sample.band[:3])
    monitor.check(three._replace(**{part: np.array([odd, *getattr(three, part)[1:]])}))
    again = watched().records["bermudan"]
    assert (again.checked, again.beyond) == (3, 1)
    json.loads((tmp_path / "monitor.json").read_text(), parse_constant=pytest.fail)


@pytest.mark.parametrize("engine", ["auto", "learned"])
def test_the_server_says_that_the_reference_answers(serving, tmp_path, watched, points, engine):
    monitor = watched(CORNER)
    body = {"points": points[:1], "engine": engine}
    client = serving(monitor=str(tmp_path), check_share=0.0)
    assert "demoted" not in client.post("/v1/points/bermudan", json=body).json()
    monitor._file.update("bermudan", _digest(monitor, points), _demoted)
    time.sleep(1.1)
    answer = client.post("/v1/points/bermudan", json=body)
    assert answer.json()["engine"] == ["reference"]
    assert "false-alarm rate 0.001" in answer.json()["demoted"]
    assert answer.headers["neuralrates-demoted"] == "1"
    assert client.get("/health").json()["demoted"] == ["bermudan"]
    assert 'neuralrates_monitor_demoted{bundle="bermudan"} 1' in client.get("/metrics").text
    chart = client.get("/v1/monitor").json()
    assert chart["bundles"]["bermudan"]["recent"] == [[1.0, 0.1, 0.01]] * 5
    assert chart["false_alarm"] == 0.001


def _digest(monitor, points):
    return nr.bundles.load("bermudan").certificate.surrogate


def _demoted(before):
    from neuralrates.server.monitoring.record import Check

    return before.after([Check(1.0, 0.1, 0.01)] * 5)


def _trade(client):
    body = {"valuation_date": "2024-03-19", "tenor": 10, "engine": "learned"}
    return client.post("/v1/trade", json=body).json()


LEARNED = "annual_bermudan_receiver"
"""What prices the trade, whatever is served."""


@pytest.mark.parametrize("served", [LEARNED, "bermudan", "of another with its name"])
def test_learned_prices_of_trades_are_checked_and_a_demoted_surrogate_prices_none(
    serving, tmp_path, served
):
    """The desk's learned engine is held against the exact one, trade by trade; another bundle has no part in it."""
    folder, other, name = tmp_path, nr.bundles.load("bermudan"), LEARNED
    if served == "of another with its name":
        shutil.copytree(nr.bundles.bundle.folder_of("bermudan"), tmp_path / "mine" / LEARNED)
        served, name = str(tmp_path / "mine" / LEARNED), f"desk/{LEARNED}"
    client = serving(monitor=str(folder), check_share=1.0, bundles=(served,))
    if name != LEARNED:
        StateFile(folder).update(LEARNED, other.certificate.surrogate, _demoted)
        time.sleep(1.1)
    found = _trade(client)
    assert found["engine"] == "learned"
    until = time.monotonic() + 60.0
    checked = {}
    while not checked.get("checked") and time.monotonic() < until:
        time.sleep(0.1)
        checked = client.get("/v1/monitor").json()["bundles"].get(name, {})
    assert checked["checked"] == 1
    assert checked["beyond"] == 0
    bundle = nr.bundles.load(LEARNED)
    StateFile(folder).update(name, bundle.certificate.surrogate, _demoted)
    time.sleep(1.1)
    again = _trade(client)
    assert again["engine"] == "reference"
    assert f"{LEARNED} is demoted" in again["passed_over"]
    assert abs(again["value"] - found["value"]) <= found["error_band"] + again["error_band"]
