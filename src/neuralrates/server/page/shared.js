// What both views use: requests, numbers as text, the tabs.

export const $ = (id) => document.getElementById(id);
const minus = (text) => text.replace("-", "−");

export function number(value, digits = 2) {
  if (value === null || value === undefined) return "–";
  const shown = value.toLocaleString("en-GB", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return minus(Number(shown.replace(/,/g, "")) === 0 ? shown.replace("-", "") : shown);
}

export const signed = (value, digits) => (value > 0 ? "+" : "") + number(value, digits);
export const short = (value) => minus(Number(value.toPrecision(2)).toString());

export class Fault extends Error {
  constructor(faults) {
    super(faults.map(sentence).join("; "));
    this.faults = faults;
  }
}

export function sentence(fault) {
  const place = [fault.field, fault.line && `line ${fault.line}`].filter(Boolean).join(", ");
  return place ? `${place}: ${fault.expected}` : fault.expected;
}

export async function ask(path, body, signal) {
  const headers = body === undefined ? {} : { "content-type": "application/json" };
  if ($("key").value) headers["x-api-key"] = $("key").value;
  const method = body === undefined ? "GET" : "POST";
  let response;
  try {
    response = await fetch(path, { method, headers, signal, body: body && JSON.stringify(body) });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Fault([{ field: null, expected: "the server does not answer" }]);
  }
  if (response.status === 401) $("key-field").hidden = false;
  const answer = await response.json();
  if (!response.ok) throw new Fault(answer.errors || [answer.error]);
  return answer;
}

// One request at a time, always for the latest state: what is asked meanwhile waits, and the last of it goes next. A request
// that takes longer than `patience` is given up for a newer one.
export function latest(send, show, fail, patience = 400) {
  let running = null, waiting = null;
  async function next() {
    const state = waiting;
    waiting = null;
    const mine = (running = { control: new AbortController(), began: performance.now() });
    try {
      const answer = await send(state, mine.control.signal);
      if (running === mine) show(answer, state);
    } catch (error) {
      if (running === mine && error.name !== "AbortError") fail(error, state);
    }
    if (running !== mine) return;
    running = null;
    if (waiting !== null) next();
  }
  return (state) => {
    waiting = state;
    if (running !== null && performance.now() - running.began > patience) {
      running.control.abort();
      running = null;
    }
    if (running === null) next();
  };
}

const tabs = [...document.querySelectorAll("[role=tab]")];

function select(tab) {
  for (const one of tabs) {
    const chosen = one === tab;
    one.setAttribute("aria-selected", chosen);
    one.tabIndex = chosen ? 0 : -1;
    $(one.getAttribute("aria-controls")).hidden = !chosen;
  }
  history.replaceState(null, "", `#${tab.getAttribute("aria-controls")}`);
}

for (const tab of tabs) {
  tab.addEventListener("click", () => select(tab));
  tab.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const other = tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length];
    select(other);
    other.focus();
  });
}
const named = tabs.find((tab) => `#${tab.getAttribute("aria-controls")}` === location.hash);
if (named) select(named);
