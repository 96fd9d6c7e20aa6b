"""From a slider to a new price on screen: the page in a browser without a window, its server on loopback beside it.

    python -m benchmarks.slider [--moves 200]

A key moves a slider by a step. Measured is what passes from the event until the first frame with the new price has been drawn:
for the learned price, the exact one with its ladder, and whichever comes first. Then keys come faster than answers, as in a
drag, and the time until anything new is drawn counts. Skips, and says so, where there is no Chromium.
"""

import argparse
import shutil
from typing import Any

import numpy as np
from benchmarks.server import server
from benchmarks.support.results import save

MOVED = ("strike", "volatility", "level")
PRICES = ("learned", "exact")
BUNDLES = ("annual_bermudan_payer", "annual_bermudan_receiver")
PATIENCE = 300_000
_WARM = 20
_DRAG, _PAUSE = 120, 16
WATCH = """
() => {
  window.drawn = { learned: [], exact: [], first: [] };
  let asked = null, first = false;
  const after = new MessageChannel(), waiting = [];
  after.port1.onmessage = () => waiting.shift()();
  document.getElementById("sliders").addEventListener("input", (event) => {
    asked = event.timeStamp;
    first = true;
  }, true);
  for (const name of ["learned", "exact"]) {
    const seen = new MutationObserver(() => {
      const began = asked, is_first = first;
      first = false;
      waiting.push(() => {
        const passed = performance.now() - began;
        window.drawn[name].push(passed);
        if (is_first) window.drawn.first.push(passed);
      });
      after.port2.postMessage(null);
    });
    seen.observe(document.getElementById(`${name}-time`), { attributeFilter: ["data-milliseconds"] });
  }
}
"""
COUNT = "([name, count]) => window.drawn[name].length > count"


def summary(milliseconds: list[float]) -> dict[str, float]:
    """Median and 99 percent."""
    return {
        "count": len(milliseconds),
        "median_ms": float(np.median(milliseconds)),
        "99_percent_ms": float(np.quantile(milliseconds, 0.99)),
        "largest_ms": float(np.max(milliseconds)),
    }


def moves(page: Any, count: int) -> dict[str, list[float]]:
    """Steps of the sliders, each when both prices of the last stand; up and down, so that the trade stays where it was."""
    page.evaluate(WATCH)
    for number in range(count):
        page.focus(f"#{MOVED[number % len(MOVED)]}")
        seen = {name: page.evaluate(f"window.drawn.{name}.length") for name in PRICES}
        page.keyboard.press("ArrowRight" if number // len(MOVED) % 4 < 2 else "ArrowLeft")
        for name in PRICES:
            page.wait_for_function(COUNT, arg=[name, seen[name]], timeout=PATIENCE)
    found: dict[str, list[float]] = page.evaluate("window.drawn")
    return found


def drag(page: Any) -> list[float]:
    """Milliseconds between two frames that show something new, while keys come every few milliseconds."""
    page.evaluate(
        """
        () => {
          window.frames_drawn = [];
          const seen = new MutationObserver(() => window.frames_drawn.push(performance.now()));
          for (const name of ["learned", "exact"])
            seen.observe(document.getElementById(`${name}-time`), { attributeFilter: ["data-milliseconds"] });
        }
        """
    )
    page.focus("#strike")
    for number in range(_DRAG):
        page.keyboard.press("ArrowRight" if number % 40 < 20 else "ArrowLeft")
        page.wait_for_timeout(_PAUSE)
    page.wait_for_timeout(1000)
    times: list[float] = page.evaluate("window.frames_drawn")
    return np.diff(times[:-2]).tolist()


def main() -> None:
    """Measure, print and save."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--moves", type=int, default=200)
    parser.add_argument("--dry", action="store_true", help="print, save nothing")
    asked = parser.parse_args()
    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    if browser is None:
        print("skipped: no Chromium is installed")
        return
    from playwright.sync_api import sync_playwright

    with server(1, *BUNDLES) as (port, _), sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        page = started.new_page(viewport={"width": 1280, "height": 800})
        page.goto(f"http://127.0.0.1:{port}/")
        for name in PRICES:
            page.wait_for_selector(f"#{name}-time[data-milliseconds]", timeout=PATIENCE)
        moves(page, _WARM)
        page.reload()
        for name in PRICES:
            page.wait_for_selector(f"#{name}-time[data-milliseconds]", timeout=PATIENCE)
        drawn = moves(page, asked.moves)
        results: dict[str, object] = {name: summary(drawn[name]) for name in ("first", *PRICES)}
        results["between_two_new_frames_of_a_drag"] = summary(drag(page))
        started.close()
    for name, value in results.items():
        print(f"{name}: {value}")
    if not asked.dry:
        print(f"saved to {save('slider', results)}")


if __name__ == "__main__":
    main()
