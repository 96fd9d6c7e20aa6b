// The view of one trade: sliders in, two prices, ladder and exercise probabilities out.

import { $, ask, latest, number, short, signed } from "./shared.js";

const IN_BP = ["level", "slope", "volatility", "strike"];
const IN_YEARS = ["first_call", "tenor"];
const CALLS_LEARNED = 9; // annual calls that the learned engine has been certified for
const percent = (bp) => `${number(bp / 100)} %`;
const years = (count) => `${count} year${count === 1 ? "" : "s"}`;
const SHOWN = {
  level: percent,
  slope: (bp) => `${bp > 0 ? "+" : ""}${percent(bp)}`,
  volatility: (bp) => `${bp} bp per √year`,
  strike: percent,
  first_call: (count) => `after ${years(count)}`,
  tenor: years,
};
const value = (id) => Number($(id).value);
const prices = { exact: null, learned: null };
let faults = {};

function state() {
  const found = { notional: 1e6, asked: performance.now() };
  for (const id of IN_BP) found[id] = value(id) / 1e4;
  for (const id of IN_YEARS) found[id] = value(id);
  found.side = document.querySelector("[name=side]:checked").value;
  return found;
}

const trade = ({ asked, ...fields }) => fields;
const same = (one, other) => JSON.stringify(trade(one)) === JSON.stringify(trade(other));

const askExact = latest(
  (now, signal) =>
    ask("v1/trade", { ...trade(now), engine: "reference", greeks: ["zero_delta", "vega", "theta"] }, signal),
  (answer, now) => { showPrice("exact", answer, now); showGreeks(answer); },
  (error, now) => { fail("exact", error, now); clearGreeks(); },
);
const askLearned = latest(
  (now, signal) => ask("v1/trade", { ...trade(now), engine: "learned" }, signal),
  (answer, now) => {
    if (answer.engine === "learned") showPrice("learned", answer, now);
    else notTaken(answer.passed_over || "outside what it is certified for", now);
    askExact(now);
  },
  (error, now) => { fail("learned", error, now); askExact(now); },
);

function update() {
  for (const id of [...IN_BP, ...IN_YEARS]) $(`${id}-out`).textContent = SHOWN[id](value(id));
  const now = state();
  const calls = now.tenor - now.first_call;
  for (const which of ["exact", "learned"]) mark(which, true);
  if (calls === CALLS_LEARNED) return askLearned(now); // the quick one first: the exact one follows its answer
  notTaken(`certified for ${CALLS_LEARNED} annual calls, as 10 years callable after 1; this has ${calls}`, now);
  askExact(now);
}

// What is shown of an engine, dimmed while it is of other sliders.
function mark(which, busy) {
  for (const part of document.querySelectorAll(`[data-of=${which}]`)) part.setAttribute("aria-busy", busy);
}
const answered = (which, now) => mark(which, !same(now, state()));

function showPrice(which, answer, now) {
  answered(which, now);
  prices[which] = { answer, now };
  faults = { ...faults, [which]: "" };
  $(`${which}-value`).textContent = number(answer.value);
  $(`${which}-band`).textContent =
    `± ${short(answer.error_band)} USD, ${short(answer.error_band_bp)} bp of notional`;
  requestAnimationFrame(() => {
    const passed = performance.now() - now.asked;
    $(`${which}-time`).textContent = `on screen ${number(passed, 0)} ms after it was asked for`;
    $(`${which}-time`).dataset.milliseconds = passed;
  });
  compare();
}

function compare() {
  const { exact, learned } = prices;
  if (exact && learned && same(exact.now, learned.now)) {
    const gap = learned.answer.value - exact.answer.value;
    const inside = Math.abs(gap) <= learned.answer.error_band + exact.answer.error_band;
    $("difference").textContent =
      `Learned less exact: ${signed(gap, 2)} USD, ${signed(gap / 100, 3)} bp of notional; ${inside ? "within" : "beyond"} the band.`;
  }
  status();
}

function notTaken(reason, now) {
  answered("learned", now);
  prices.learned = null;
  $("learned-value").textContent = "–";
  $("learned-band").textContent = "does not take this trade";
  $("learned-time").textContent = reason.replace(/^field `\w+`: the learned annual Bermudan expects/, "it expects");
  $("difference").textContent = "The exact engine alone prices this trade.";
  faults = { ...faults, learned: "" };
  status();
}

function fail(which, error, now) {
  answered(which, now);
  faults = { ...faults, [which]: error.message };
  $(`${which}-value`).textContent = "–";
  $(`${which}-band`).textContent = "\u00a0";
  prices[which] = null;
  status();
}

function status() {
  const said = faults.exact || faults.learned;
  $("trade-status").classList.toggle("fault", Boolean(said));
  if (said) $("trade-status").textContent = `No price: ${said}`;
  else if (prices.exact) $("trade-status").textContent = `Valued on ${prices.exact.answer.valuation_date}, starting at spot.`;
}

function showGreeks(answer) {
  const largest = Math.max(...answer.zero_deltas.map((one) => Math.abs(one.delta)), 1e-9);
  $("ladder").replaceChildren(...answer.zero_deltas.flatMap((one) => rung(one, largest)));
  $("ladder").setAttribute("aria-label", answer.zero_deltas
    .map((one) => `${one.years} years ${number(one.delta)}`).join(", "));
  for (const name of ["zero_delta", "vega", "theta"]) $(`total-${name}`).textContent = number(answer.greeks[name]);
  showExercise(Object.entries(answer.exercise_probability || {}));
}

function clearGreeks() {
  for (const name of ["ladder", "exercise", "exercise-axis"]) $(name).replaceChildren();
  for (const name of ["zero_delta", "vega", "theta", "exercise"]) $(`total-${name}`).textContent = "–";
}

function rung({ years: node, delta }, largest) {
  const label = element("span", `${node}Y`), track = element("span"), size = element("span", number(delta), "number");
  const bar = element("span", "", `bar ${delta >= 0 ? "up" : "down"}`);
  track.className = "track";
  bar.style.width = `${(50 * Math.abs(delta)) / largest}%`;
  track.append(bar);
  return [label, track, size];
}

function showExercise(entries) {
  const largest = Math.max(...entries.map(([, chance]) => chance), 1e-9);
  $("exercise").replaceChildren(...entries.map(([date, chance]) => {
    const bar = element("i");
    bar.style.height = `${(100 * chance) / largest}%`;
    bar.title = `${date}: ${number(chance, 3)}`;
    return bar;
  }));
  $("exercise").setAttribute("aria-label", entries.map(([date, chance]) => `${date} ${number(chance, 3)}`).join(", "));
  const [first, last] = [entries[0], entries[entries.length - 1]];
  const ends = first === last ? [first] : [first, last];
  $("exercise-axis").replaceChildren(...ends.map((one) => element("span", one ? `${one[0]}: ${number(one[1], 3)}` : "")));
  $("total-exercise").textContent = number(entries.reduce((sum, [, chance]) => sum + chance, 0), 3);
}

function element(kind, text = "", style = "") {
  const made = document.createElement(kind);
  made.textContent = text;
  made.className = style;
  return made;
}

$("sliders").addEventListener("input", (event) => {
  const [first, tenor] = IN_YEARS.map(value);
  if (event.target.id === "tenor" && first >= tenor) $("first_call").value = tenor - 1;
  if (event.target.id === "first_call" && first >= tenor) $("tenor").value = first + 1;
  update();
});
$("sliders").addEventListener("submit", (event) => event.preventDefault());
$("key-field").addEventListener("submit", (event) => {
  event.preventDefault();
  update();
});
update();
