// The view of the watch: learned prices held against the reference, as errors over their bands.

import { $, ask, number, short } from "./shared.js";

const PAUSE = 5000, WIDTH = 600, HEIGHT = 140, HIGHEST = 2;

function drawn(kind, attributes) {
  const made = document.createElementNS($("blank").namespaceURI, kind);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

function written(kind, text, style = "") {
  const made = document.createElement(kind);
  made.textContent = text;
  made.className = style;
  return made;
}

const when = (seconds) => new Date(1000 * seconds).toISOString().replace("T", " ").slice(0, 16) + " UTC";

function said(record) {
  if (record.reason) return `Demoted since ${when(record.demoted)}: ${record.reason}.`;
  const share = 100 * record.allowed_beyond;
  const now = `${record.beyond} of ${record.checked} checked prices beyond the band, which allows ${short(share)} %.`;
  if (!record.drifted) return now;
  return `${now} Since ${when(record.drifted)} requests leave the domain too often: ${record.outside} of ${record.rows}.`;
}

function chart(record, said) {
  const picture = drawn("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": said, class: "watched" });
  const height = (ratio) => HEIGHT - 6 - ((HEIGHT - 12) * Math.min(ratio, HIGHEST)) / HIGHEST;
  picture.append(drawn("line", { x1: 0, x2: WIDTH, y1: height(1), y2: height(1), class: "band-line" }));
  picture.append(drawn("line", { x1: 0, x2: WIDTH, y1: height(0), y2: height(0), class: "zero-line" }));
  record.recent.forEach(([, error, allowed], place) => {
    const x = ((place + 0.5) * WIDTH) / record.recent.length, ratio = error / allowed;
    picture.append(drawn("circle", { cx: x, cy: height(ratio), r: 2.5, class: ratio > 1 ? "beyond" : "within" }));
  });
  return picture;
}

function card(name, record) {
  const made = written("article", "", "card"), text = said(record);
  made.append(written("h2", name), written("p", text, record.reason ? "status fault" : "quiet"));
  if (record.recent.length) {
    made.append(chart(record, `${name}: ${text}`));
    made.append(written("p", `error over band, the latest ${record.recent.length} checks; the line is the band`, "quiet"));
  }
  return made;
}

async function look() {
  if ($("watch").hidden || document.hidden) return;
  try {
    const watch = await ask("v1/monitor");
    const bundles = Object.entries(watch.bundles);
    $("watched").replaceChildren(...bundles.map(([name, record]) => card(name, record)));
    $("watch-status").classList.remove("fault");
    $("watch-status").textContent =
      `${number(100 * watch.share, 2)} % of the learned prices are priced again by the reference. ` +
      `A false alarm has a probability of at most ${watch.false_alarm}.` + (bundles.length ? "" : " None were asked for yet.");
  } catch (error) {
    $("watch-status").classList.add("fault");
    $("watch-status").textContent = error.message;
  }
}

$("tab-watch").addEventListener("click", look);
setInterval(look, PAUSE);
setTimeout(look);
