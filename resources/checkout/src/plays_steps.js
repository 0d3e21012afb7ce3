// The steps of buying and using plays, as they stand.

import { utf8 } from "../../verifier/src/bytes.js";
import { h, save } from "../../verifier/src/dom.js";
import { number, word } from "../../verifier/src/words.js";
import { fileName } from "./saving.js";
import { actions, button, flowHead, moment, price, step, text, working } from "./view.js";
import { walletStep } from "./wallet_step.js";

const words = (name, params) => word("steps", name, params);
const page = (name, params) => word("page", name, params);

export function playsSection(flow) {
  return h("section", { class: "flow" },
    flowHead(page("play"), page("play_kind"), flow.plays.price),
    h("ol", { class: "steps" }, steps(flow)),
  );
}

function steps(flow) {
  if (!flow.purchase) {
    return [walletStep(flow.shop, 1, true), payStep(flow), step(3, "later", words("plays_button"))];
  }
  return [paidStep(flow), playStep(flow)];
}

function payStep(flow) {
  const { shop } = flow;
  if (shop.isBusy("pay-plays")) return step(2, "now", words("pay"), working(shop.words));
  if (!shop.isReady) return step(2, "later", words("pay"));
  const input = h("input", {
    type: "text", id: "quantity", inputmode: "numeric", value: flow.quantity, autocomplete: "off", maxlength: "9",
    oninput: () => {
      flow.quantity = input.value;
      pay.textContent = words("pay_button", { price: price(flow.cost) });
      pay.disabled = flow.count === null;
    },
  });
  const pay = button("pay-plays", words("pay_button", { price: price(flow.cost) }), () => flow.pay(), "primary");
  pay.disabled = flow.count === null;
  return step(2, "now", words("pay"),
    text(words("plays_pay", { price: price(flow.plays.price) })),
    !flow.purchases.isKept && text(words("receipt_first"), "warn"),
    h("div", { class: "quantity" }, h("label", { for: "quantity" }, words("quantity")), input),
    actions(pay));
}

function paidStep(flow) {
  const { purchase, licence, shop } = flow;
  if (licence) {
    const params = { count: number(licence.quantity), licence: purchase.licence };
    return step(1, "done", words("pay"), text(words("plays_paid", params), "note"));
  }
  if (purchase.hash || shop.isBusy("pay-plays")) {
    return step(1, "now", words("pay"), working(words("pay_waiting")), actions(receiptButton(flow)));
  }
  return step(1, "now", words("pay"),
    text(words("unsure")),
    text(words("unsure_text"), "note"),
    actions(receiptButton(flow), button("leave-plays", words("unsure_forget"), () => flow.leave())));
}

function playStep(flow) {
  const { licence, shop, plays } = flow;
  const title = words("plays_button");
  if (!licence) return step(2, "later", title);
  const params = { left: number(flow.left), count: number(licence.quantity) };
  const more = button("again-plays", page("new_purchase"), () => flow.leave());
  if (flow.isExpired) return step(2, "done", title, text(words("plays_expired", { date: moment(licence.expires) }), "warn"), actions(more));
  const newest = flow.played > 0 && button("voucher", words("plays_voucher"), () => saveVoucher(flow, false));
  const playOn = flow.hasBegun && button("play-on", words("plays_on"), () => flow.playOn());
  const begun = playOn && text(words("plays_begun"), "note");
  if (flow.left <= 0) {
    return step(2, "done", title,
      text(words("plays_none", params)), begun, shop.isBusy("play") && working(shop.words),
      actions(playOn || "", newest || "", more));
  }
  return step(2, "now", title,
    text(words(flow.left === 1 ? "plays_left_one" : "plays_left", params), "left"),
    text(words(plays.server ? "plays_text" : "plays_no_server"), "note"),
    begun,
    shop.isBusy("play") && working(shop.words),
    actions(
      plays.server
        ? button("play", words("plays_button"), () => flow.play(), "primary")
        : button("sign", words("plays_sign"), () => saveVoucher(flow, true), "primary"),
      playOn || "",
      receiptButton(flow),
      newest || ""));
}

function saveVoucher(flow, isNext) {
  save(`${fileName(flow.shop.offer.work.title)} plays.json`, utf8(flow.voucher(isNext)), "application/json");
  flow.shop.render();
}

function receiptButton(flow) {
  return button("receipt-plays", words("receipt"), () => flow.saveReceipt());
}
