// The view of a book: a market file and a book in, the desk's table and report out.

import { $, ask, number, sentence, short } from "./shared.js";

const texts = { market: null, book: null };
const COLUMNS = ["trade_id", "kind", "side", "position", "currency", "notional", "value", "error_band", "engine"];
const GREEKS = ["par_delta", "vega", "gamma", "theta"];
const TEXTS = ["trade_id", "kind", "side", "position", "currency", "engine", "status"];

function take(which, name, text) {
  texts[which] = text;
  $(`${which}-name`).textContent = name;
  $("price-book").disabled = texts.market === null || texts.book === null;
}

for (const which of ["market", "book"]) {
  const zone = $(`drop-${which}`), input = $(`${which}-file`);
  const read = async (file) => file && take(which, file.name, await file.text());
  input.addEventListener("change", () => read(input.files[0]));
  for (const kind of ["dragover", "dragleave", "drop"]) {
    zone.addEventListener(kind, (event) => {
      event.preventDefault();
      zone.classList.toggle("over", kind === "dragover");
      if (kind === "drop") read(event.dataTransfer.files[0]);
    });
  }
}

$("take-example").addEventListener("click", () => attempt(async () => {
  const example = await ask("v1/example");
  take("market", "the example's market", example.market);
  take("book", "the example's book", example.book);
  await price();
}));
$("files").addEventListener("submit", (event) => {
  event.preventDefault();
  attempt(price);
});

async function attempt(task) {
  say("Pricing. The first book of a shape compiles, for up to a minute.");
  $("price-book").disabled = $("take-example").disabled = true;
  mark(true); // the table and the report are of the book before
  try {
    await task();
  } catch (error) {
    $("prices").replaceChildren();
    $("report").hidden = true;
    say("Nothing was priced.", error.faults || [{ expected: error.message }]);
  }
  mark(false);
  $("take-example").disabled = false;
  $("price-book").disabled = texts.market === null || texts.book === null;
}

function mark(busy) {
  for (const name of ["prices", "report"]) $(name).setAttribute("aria-busy", busy);
}

async function price() {
  const greeks = [...document.querySelectorAll("[name=greeks]:checked")].map((box) => box.value);
  const began = performance.now();
  const answer = await ask("v1/book", { ...texts, greeks, engine: $("engine").value, keep_going: true, report: true });
  const good = answer.trades.filter((trade) => trade.status === "ok");
  show(answer);
  const seconds = number((performance.now() - began) / 1000, 1);
  const bad = answer.trades.filter((trade) => trade.status !== "ok");
  say(`${good.length} of ${answer.trades.length + answer.errors.length} trades priced on ${answer.valuation_date}, in ${seconds} s.`,
    [...answer.errors, ...bad.map((trade) => ({ field: trade.trade_id, expected: trade.status }))]);
  $("report").srcdoc = answer.report;
  $("report").hidden = false;
}

function show({ trades, units }) {
  const names = [...COLUMNS, ...GREEKS.filter((name) => name in units), "status"];
  const head = row("th", names.map((name) => [name, name.replaceAll("_", " "), units[name]]));
  const rows = trades.map((trade) => row("td", names.map((name) => [name, cell(trade[name], name)])));
  $("prices").replaceChildren(head, ...rows);
}

const DIGITS = { notional: 0, value: 0 };

function cell(value, name) {
  if (TEXTS.includes(name)) return String(value);
  return name === "error_band" && value !== null ? short(value) : number(value, DIGITS[name] ?? 2);
}

function row(kind, cells) {
  const made = document.createElement("tr");
  for (const [name, text, unit] of cells) {
    const one = document.createElement(kind);
    one.textContent = text;
    one.className = TEXTS.includes(name) ? "text" : "";
    if (unit) one.append(Object.assign(document.createElement("small"), { textContent: unit }));
    made.append(one);
  }
  return made;
}

function say(text, faults = []) {
  $("book-status").textContent = text;
  $("book-faults").replaceChildren(...faults.map((fault) =>
    Object.assign(document.createElement("li"), { textContent: sentence(fault) })));
}

$("price-book").disabled = true;
