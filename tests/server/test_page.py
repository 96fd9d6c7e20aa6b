"""The page in a browser without a window: prices that follow the keys, a book priced, nothing broken."""

import shutil

import pytest

from server.test_serve import server

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
BROWSER = shutil.which("chromium") or shutil.which("chromium-browser")
PATIENCE = 300_000
FILLED = "id => !['–', '', '\\u00a0'].includes(document.getElementById(id).textContent)"


@pytest.fixture(scope="module")
def browser():
    if BROWSER is None:
        pytest.skip("no Chromium is installed")
    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture(scope="module")
def address():
    with server("--bundle", "bermudan", "--timeout", "600") as (port, _):
        yield f"http://127.0.0.1:{port}/"


@pytest.fixture
def page(browser, address, request):
    width, height, scheme = getattr(request, "param", (1280, 800, "light"))
    page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
    complaints = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: said.type == "error" and complaints.append(said.text))
    page.on("response", lambda one: one.status >= 500 and complaints.append(one.url))
    outside = []
    page.on("request", lambda one: one.url.startswith(address) or outside.append(one.url))
    page.goto(address)
    yield page
    assert [one for one in complaints if "status of 422" not in one] == []
    assert [url for url in outside if not url.startswith(("data:", "about:"))] == []
    page.close()


SIZES = [(1280, 800, "light"), (390, 844, "dark")]


@pytest.mark.parametrize("page", SIZES, indirect=True)
def test_the_price_follows_the_keys_and_nothing_moves(page):
    for name in ("exact-value", "learned-value", "difference"):
        page.wait_for_function(FILLED, arg=name, timeout=PATIENCE)
    before = {name: page.text_content(f"#{name}") for name in ("exact-value", "learned-value")}
    boxes = page.locator(".charts:not(#watched)").bounding_box()
    page.focus("#strike")
    page.keyboard.press("ArrowRight")
    assert page.text_content("#strike-out") == "3.55 %"
    for name, text in before.items():
        page.wait_for_function(
            "([id, text]) => document.getElementById(id).textContent !== text",
            arg=[name, text],
            timeout=PATIENCE,
        )
        shown = float(page.text_content(f"#{name}").replace(",", ""))
        assert shown > float(text.replace(",", ""))  # a receiver's right to a higher rate
    assert page.locator(".charts:not(#watched)").bounding_box() == boxes
    assert (
        page.evaluate("() => document.documentElement.scrollWidth") <= page.viewport_size["width"]
    )
    assert page.locator("#ladder .bar").count() == 14
    assert page.locator("#exercise i").count() == 9


def test_a_price_of_other_sliders_is_marked_until_the_answer_comes(page):
    for name in ("exact-value", "difference"):
        page.wait_for_function(FILLED, arg=name, timeout=PATIENCE)
    busy = page.locator("[data-of=exact][aria-busy=true]")
    exact = page.locator("article[data-of=exact]").first
    assert busy.count() == 0
    held = []
    page.route(
        "**/v1/trade",
        lambda route: (
            held.append(route) if "vega" in route.request.post_data else route.continue_()
        ),
    )
    before = page.text_content("#exact-value")
    page.focus("#strike")
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(1000)
    assert page.text_content("#exact-value") == before
    assert busy.count() == 4  # price, difference, ladder and exercise
    assert exact.evaluate("one => getComputedStyle(one).opacity") == "0.4"
    while held:
        held.pop(0).continue_()
        page.wait_for_timeout(200)
    page.wait_for_function("() => !document.querySelector('[aria-busy=true]')", timeout=PATIENCE)
    assert page.text_content("#exact-value") != before
    page.unroute("**/v1/trade")
    page.route("**/v1/trade", lambda route: route.fulfill(status=422, json=REFUSED))
    page.keyboard.press("ArrowRight")
    page.wait_for_function("() => !document.querySelector('#ladder .bar')", timeout=PATIENCE)
    assert page.text_content("#total-vega") == page.text_content("#exact-value") == "–"


REFUSED = {"error": {"field": "strike", "expected": "expected another"}}


def test_sliders_that_meet_push_each_other(page):
    page.focus("#first_call")
    page.keyboard.press("End")
    assert page.text_content("#tenor-out") == "21 years"
    page.focus("#tenor")
    page.keyboard.press("Home")
    assert page.text_content("#first_call-out") == "after 1 year"
    says = "() => document.getElementById('learned-band').textContent.includes('does not take')"
    page.wait_for_function(says, timeout=PATIENCE)


def test_the_example_book_is_priced_from_the_keyboard(page):
    page.focus("#tab-trade")
    page.keyboard.press("ArrowRight")
    page.uncheck("[value=par_delta]")
    page.uncheck("[value=vega]")
    page.focus("#take-example")
    page.keyboard.press("Enter")
    page.wait_for_selector("#report", state="visible", timeout=PATIENCE)
    assert "12 of 12 trades priced" in page.text_content("#book-status")
    assert page.locator("#prices tr").count() == 13
    assert "Book on 2024-03-19" in page.frame_locator("#report").locator("h1").text_content()
    assert page.get_attribute("#prices", "aria-busy") == "false"
    page.route("**/v1/book", lambda route: route.fulfill(status=422, json=REFUSED))
    page.click("#price-book")
    page.wait_for_selector("#book-faults li")
    assert page.locator("#prices tr").count() == 0
    assert page.locator("#report").is_hidden()


def test_a_bad_book_is_told_by_line(page, tmp_path):
    page.click("#tab-book")
    for which, text in (("market", "{}"), ("book", "kind\nswap\n")):
        file = tmp_path / f"{which}.json"
        file.write_text(text)
        page.set_input_files(f"#{which}-file", file)
    page.wait_for_selector("#price-book:enabled")
    with page.expect_response("**/v1/book") as answer:
        page.click("#price-book")
    assert answer.value.status == 422
    page.wait_for_selector("#book-faults li")
    assert "market.schema" in page.text_content("#book-faults")


def test_the_watch_shows_errors_over_their_band_and_says_why_a_bundle_is_demoted(page):
    page.route("**/v1/monitor", lambda route: route.fulfill(json=WATCHED))
    page.focus("#tab-trade")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    page.wait_for_selector("#watched svg")
    assert page.locator("#watched article").count() == 2
    assert page.locator("#watched .beyond").count() == 3
    assert page.locator("#watched .within").count() == 2
    assert "Demoted since 1970-01-01 00:00 UTC: too far off" in page.text_content("#watched")
    assert "which allows 1.2 %" in page.text_content("#watched")
    assert "0.10 %" in page.text_content("#watch-status")


QUIET = {
    "allowed_beyond": 0.012,
    "evidence": 0.0,
    "demoted": None,
    "reason": None,
    "rows": 9,
    "outside": 0,
    "drifted": None,
}
WATCHED = {
    "share": 0.001,
    "false_alarm": 0.001,
    "alarm_evidence": 6.9,
    "bundles": {
        "good": {**QUIET, "checked": 2, "beyond": 0, "recent": [[0.0, 0.1, 1.0], [1.0, 0.9, 1.0]]},
        "bad": {
            **QUIET,
            "checked": 3,
            "beyond": 3,
            "demoted": 2.0,
            "reason": "too far off",
            "recent": [[0.0, 3.0, 1.0]] * 3,
        },
    },
}
