// The steps of buying a copy, as they stand.

import { h } from "../../verifier/src/dom.js";
import { word } from "../../verifier/src/words.js";
import { REFUNDED_STATE, WINDOW } from "./key_escrow.js";
import { size } from "./money.js";
import { fileName } from "./saving.js";
import { actions, button, chooser, duration, flowHead, modeOf, moment, price, shortAddress, step, text, working } from "./view.js";
import { walletStep } from "./wallet_step.js";

const words = (name, params) => word("steps", name, params);
const page = (name, params) => word("page", name, params);
const BADGES = { fast: "plain", safe: "good", sealed: "doubt" };

export function downloadSection(flow) {
  const { shop, sale } = flow;
  const mode = modeOf(sale);
  const kind = page("download_kind", { name: fileName(shop.offer.work.file_name), size: size(sale.size) });
  return h("section", { class: "flow", "data-drop": "package" },
    flowHead(page("download"), kind, sale.price, { look: BADGES[mode], text: word("mode", mode) }),
    h("ol", { class: "steps" }, steps(flow)),
  );
}

function steps(flow) {
  const isPaid = flow.purchase !== null;
  const isGood = flow.source !== null;
  return [
    packageStep(flow),
    isPaid ? "" : walletStep(flow.shop, 2, isGood),
    isPaid ? paidStep(flow, 2) : payStep(flow, 3, isGood && flow.shop.isReady),
    keyStep(flow, isPaid ? 3 : 4),
    copyStep(flow, isPaid ? 4 : 5),
  ];
}

// --- The package --------------------------------------------------------------------------------------------------

function packageStep(flow) {
  const { shop, source } = flow;
  const total = size(Number(shop.offer.package.size));
  if (source) return step(1, "done", words("package"), text(words("package_good", { size: total }), "note"));
  // What is over needs no file any more.
  if (flow.isFinal) return step(1, "later", words("package"));
  if (shop.isBusy("download")) {
    return step(1, "now", words("package"), working(words("package_getting"), shop.part),
      actions(button("stop", page("stop"), () => shop.stop())));
  }
  if (shop.isBusy("check")) return step(1, "now", words("package"), working(words("package_checking"), shop.part));
  const web = flow.addresses.filter((each) => /^https?:/.test(each));
  const others = flow.addresses.filter((each) => !web.includes(each));
  const choose = chooser("package", words("package_choose"), (file) => file && flow.takeFile(file));
  return step(1, "now", words("package"),
    text(words("package_text", { size: total })),
    web.length
      ? actions(button("get", words("package_get"), () => flow.download(), "primary"), choose)
      : [text(words("package_where")), actions(choose)],
    others.map((each) => h("p", { class: "code" }, each)),
    web.length && h("details", null,
      h("summary", null, words("package_link")),
      text(words("package_link_text"), "note"),
      web.map((each) => h("p", null, h("a", { href: each, rel: "noreferrer noopener", target: "_blank" }, each))),
    ),
  );
}

// --- Paying -------------------------------------------------------------------------------------------------------

function payStep(flow, index, isOpen) {
  const { shop, sale } = flow;
  if (shop.isBusy("pay")) return step(index, "now", words("pay"), working(shop.words));
  if (!isOpen) return step(index, "later", words("pay"));
  const sum = price(sale.price);
  const params = { price: sum, limit: duration(sale.timeLimit), window: duration(sale.window) };
  const mustSave = !flow.purchases.isKept;
  return step(index, "now", words("pay"),
    text(words(`pay_${modeOf(sale)}`, params)),
    mustSave && text(words("receipt_first"), "warn"),
    actions(button("pay", words("pay_button", { price: sum }), () => flow.pay(), "primary")),
  );
}

function paidStep(flow, index) {
  const { shop, sale, order, purchase } = flow;
  if (order) {
    const params = { price: price(sale.price), order: shortHash(order.id) };
    return step(index, "done", words("pay"), text(words("paid", params), "note"));
  }
  if (shop.isBusy("pay")) return step(index, "now", words("pay"), working(shop.words), receiptButton(flow));
  if (purchase.hash) return step(index, "now", words("pay"), working(words("pay_waiting")), receiptButton(flow));
  return step(index, "now", words("pay"),
    text(words("unsure")),
    text(words("unsure_text"), "note"),
    actions(receiptButton(flow), button("leave", words("unsure_forget"), () => flow.leave())),
  );
}

const shortHash = (bytes) => shortAddress(`0x${Array.from(bytes, (each) => each.toString(16).padStart(2, "0")).join("")}`);

function receiptButton(flow) {
  return button("receipt", words("receipt"), () => flow.saveReceipt());
}

// --- The key ------------------------------------------------------------------------------------------------------

function keyStep(flow, index) {
  const { shop, sale, order, status, refund, key } = flow;
  if (!order || status === 0) return step(index, "later", words("key"));
  if (status === REFUNDED_STATE) {
    return step(index, "done", words("key"),
      text(words(`refunded_${refund?.reason ?? 1}`), "good"),
      actions(button("again", page("new_purchase"), () => flow.leave())));
  }
  if (flow.isWrongKey) return step(index, "now", words("key"), text(words("bad_key"), "bad"), receiptOf(flow));
  if (key) return step(index, "done", words("key"), text(keyWords(flow), "note"));
  if (shop.isBusy("refund")) return step(index, "now", words("key"), working(shop.words));
  const date = moment(order.deadline);
  if (flow.isOverdue) {
    return step(index, "now", words("key"),
      text(words("key_overdue", { date })),
      actions(button("refund", words("key_refund", { price: price(sale.price) }), () => flow.refundNow(), "primary")));
  }
  return step(index, "now", words("key"),
    h("progress", { "aria-label": words("key") }),
    text(words("key_text", { date, left: duration(order.deadline - shop.chainTime) })),
    text(words("key_close"), "note"),
    receiptOf(flow));
}

const receiptOf = (flow) => [actions(receiptButton(flow)), text(words("receipt_text"), "note")];

function keyWords({ sale, status, complainUntil }) {
  if (status === WINDOW) return words("key_came_safe", { date: moment(complainUntil) });
  return words(sale.window ? "key_came_paid" : "key_came_fast");
}

// --- The copy -----------------------------------------------------------------------------------------------------

function copyStep(flow, index) {
  const { shop, sale, key, source, status, bad, saved } = flow;
  const name = fileName(shop.offer.work.file_name);
  const title = words("copy");
  if (status === REFUNDED_STATE || !key) return step(index, "later", title);
  if (shop.isBusy("complain")) return step(index, "now", title, working(shop.words, shop.part));
  if (bad) return step(index, "now", title, badWords(flow));
  if (shop.isBusy("open")) return step(index, "now", title, working(shop.words, shop.part));
  const again = button("open", words(saved ? "copy_again" : "copy_button"), () => flow.open(), saved ? "" : "primary");
  if (saved) {
    return step(index, "done", title, text(words("copy_saved", { name }), "good"),
      actions(again, receiptButton(flow), button("again", page("new_purchase"), () => flow.leave())));
  }
  return step(index, source ? "now" : "later", title,
    text(words("copy_text")),
    status === WINDOW && text(words("copy_safe", { date: moment(flow.complainUntil) }), "warn"),
    actions(again, receiptButton(flow)));
}

function badWords(flow) {
  const { shop, sale, status, bad, complainUntil } = flow;
  const params = { ...bad.params, date: moment(complainUntil) };
  if (!sale.window) return [text(words("bad_fast", params), "bad"), receiptOf(flow)];
  if (status !== WINDOW || shop.chainTime > complainUntil) return [text(words("bad_late", params), "bad"), receiptOf(flow)];
  return [
    text(words("bad_safe", params), "bad"),
    actions(button("complain", words("complain", { price: price(sale.price) }), () => flow.complain(), "primary"), receiptButton(flow)),
  ];
}
