// The parts of the page that only show: from facts to elements.

import { toHex } from "../../verifier/src/bytes.js";
import { h } from "../../verifier/src/dom.js";
import { documentHash, SEALED } from "./offer.js";
import { amount, share, size } from "./money.js";
import { number, time, word } from "../../verifier/src/words.js";

const page = (name, params) => word("page", name, params);
const DAY = 86_400, HOUR = 3_600, MINUTE = 60;

export const moment = (seconds) => time(seconds);

// "3 days", "1 hour": rounded down to the largest unit of which there are at least two, or one whole.
export function duration(seconds) {
  for (const [unit, name] of [[DAY, "day"], [HOUR, "hour"], [MINUTE, "minute"]]) {
    const count = Math.floor(seconds / unit);
    if (count >= 2 || (count === 1 && seconds % unit < unit / 10)) {
      return word("time", count === 1 ? name : `${name}s`, { count: number(count) });
    }
  }
  return seconds >= MINUTE ? word("time", "minute") : word("time", "moment");
}

export const shortAddress = (address) => `${address.slice(0, 6)}…${address.slice(-4)}`;

export const price = ({ units, currency }) => amount(units, currency);

export function titlePage({ work, chain }) {
  const { title, creator, description, registered_at } = work;
  const registered = registered_at && page("registered", { date: time(registered_at).replace(/,.*/, "") });
  const kind = [creator && h("bdi", null, page("by", { creator })), creator && registered && " · ", registered];
  return h("div", { class: "title-page" },
    kind.some(Boolean) && h("p", { class: "kind" }, kind.filter(Boolean)),
    h("h1", { tabindex: "-1", dir: "auto" }, title),
    description && h("p", { class: "lead", dir: "auto" }, description),
    chain.practice && h("p", { class: "practice" }, page("practice")),
  );
}

// The head of one way to buy: heading, what it is, price.
export function flowHead(name, kind, money, badge) {
  return h("div", { class: "flow-head" },
    h("div", null,
      h("h2", null, name, badge && h("span", { class: `badge ${badge.look}` }, badge.text)),
      h("p", { class: "note" }, kind),
    ),
    h("div", { class: "price" },
      h("div", { class: "sum" }, price(money)),
      money.about && h("div", { class: "note" }, page("about", { amount: money.about })),
      h("div", { class: "note" }, page("plus_fee")),
    ),
  );
}

// One step: `state` is "done", "now" or "later".
export function step(index, state, title, ...body) {
  const shown = body.flat(2).filter(Boolean);
  return h("li", { class: `step ${state}`, "aria-current": state === "now" ? "step" : undefined },
    h("span", { class: "sign", "aria-hidden": "true" }, state === "done" ? "✓" : String(index)),
    h("div", null,
      h("h3", null, title, state === "done" && h("span", { class: "unseen" }, ` (${page("done")})`)),
      state === "later" ? "" : shown,
    ),
  );
}

export const text = (words, look) => h("p", look ? { class: look } : null, words);

export function button(id, label, onclick, look) {
  return h("button", { type: "button", id, onclick, class: look }, label);
}

export const actions = (...buttons) => h("div", { class: "actions" }, ...buttons);

export function working(label, part) {
  return h("div", { class: "working", "aria-busy": "true" },
    h("p", null, `${label}…`),
    h("progress", { max: "1", "aria-label": label, ...(part === undefined ? {} : { value: part }) }),
  );
}

export function chooser(id, label, take, accept) {
  const input = h("input", {
    type: "file", class: "unseen", tabindex: "-1", "aria-hidden": "true", id: `choose-${id}`, accept,
    onchange: () => {
      take(input.files[0]);
      input.value = "";
    },
  });
  return [button(id, label, () => input.click()), input];
}

export function problem({ title, reason, next }) {
  return h("div", { class: "problem", role: "alert" }, h("h3", null, title), h("p", null, reason), h("p", { class: "next" }, next));
}

export function columns(offer) {
  const { sale, plays, licence } = offer;
  const terms = [sale && licence?.text, plays && plays.text].filter(Boolean);
  const texts = [...new Set(terms)].map((each) => h("p", { class: "terms", dir: "auto" }, each));
  return [
    h("section", null, h("h2", null, page("licence")), texts),
    h("section", null, h("h2", null, page("protection")), sale && protection(sale), plays && list(word("mode", "plays"), word("mode", "plays_text"))),
    split(offer),
  ];
}

export const modeOf = ({ method, window }) => (method === SEALED ? "sealed" : window ? "safe" : "fast");

function protection(sale) {
  const mode = modeOf(sale);
  const params = { limit: duration(sale.timeLimit), window: duration(sale.window) };
  return list(word("mode", mode), `${word("mode", `${mode}_text`, params)}\n${word("mode", "never")}`, mode);
}

const list = (name, lines, look = "") =>
  h("div", { class: `mode ${look}` }, h("h3", null, name), h("ul", null, lines.split("\n").map((line) => h("li", null, line))));

function split({ split: people, holdersShare, parentsShare, sale }) {
  const rows = [
    ...people.map(({ name, account, share }) => [name || page("unknown_name"), account, share]),
    [page("holders"), "", holdersShare],
    [page("parents"), "", parentsShare],
  ].filter(([, , parts]) => parts > 0);
  return h("section", null,
    h("h2", null, page("split")),
    h("ul", { class: "split" }, rows.map(([name, account, parts]) => h("li", null,
      h("span", { class: "who" }, h("bdi", null, name), account && h("span", { class: "code", title: account }, shortAddress(account))),
      h("span", { class: "bar", "aria-hidden": "true" }, filled(parts)),
      h("span", { class: "part" }, share(parts)),
    ))),
    h("p", { class: "note" }, page(sale ? "split_download" : "split_plays")),
  );
}

// Parts per million of a bar. The page's policy forbids style in attributes, not from here.
function filled(parts) {
  const element = h("span");
  element.style.width = `${parts / 10_000}%`;
  return element;
}

export function facts({ chain, contracts, work, sale, licence }, order) {
  const fact = (name, params) => word("facts", name, params);
  const network = chain.practice ? fact("practice") : `${chain.name} (${fact("network_other", { number: chain.id })})`;
  const rows = [
    [fact("network"), network],
    [fact("token"), work.token, true],
    work.commitment_id && [fact("record"), work.commitment_id, true],
    sale && [fact("seller"), sale.seller, true],
    sale ? [fact("escrow"), contracts.escrow, true] : [fact("licences"), contracts.licences, true],
    sale && [fact("offer"), toHex(sale.id), true],
    sale && [fact("size"), size(sale.size)],
    sale && [fact("cipher_root"), toHex(sale.promised.cipherRoot), true],
    licence?.text && [fact("document"), toHex(documentHash(licence.text)), true],
    order && [fact("order"), toHex(order.id), true],
  ].filter(Boolean);
  return h("section", null, h("details", null,
    h("summary", null, page("facts")),
    h("dl", { class: "facts" }, rows.map(([label, value, isCode]) => [
      h("dt", null, label), h("dd", { class: isCode ? "code" : undefined }, value),
    ])),
  ));
}
