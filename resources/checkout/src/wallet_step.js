// The step in which the buyer's wallet is found, connected, and brought to the right network.

import { h } from "../../verifier/src/dom.js";
import { word } from "../../verifier/src/words.js";
import { actions, button, shortAddress, step, text, working } from "./view.js";

const words = (name, params) => word("steps", name, params);

// `isOpen`: the steps before it are done.
export function walletStep(shop, index, isOpen) {
  const { wallet, wallets, offer } = shop;
  const title = words("wallet");
  const network = offer.chain.name;
  if (shop.isReady) {
    const params = { account: shortAddress(wallet.account), network };
    return step(index, "done", title, text(words("wallet_here", params), "note"));
  }
  if (!isOpen) return step(index, "later", title);
  if (shop.isBusy("connect")) return step(index, "now", title, working(words("wallet_connecting")));
  if (wallet?.account) {
    return step(index, "now", title,
      text(words("wallet_elsewhere", { network })),
      actions(button("switch", words("wallet_switch", { network }), () => shop.switchChain(), "primary")));
  }
  if (wallets && !wallets.length) {
    return step(index, "now", title,
      text(words("wallet_none"), "warn"),
      text(words("wallet_none_text")),
      location.protocol === "file:" && text(words("wallet_none_file"), "note"));
  }
  return step(index, "now", title,
    text(words("wallet_text")),
    actions((wallets ?? []).map((found, i) => {
      const label = found.name ? words("wallet_connect_named", { name: found.name }) : words("wallet_connect");
      const icon = found.icon && h("img", { src: found.icon, alt: "", width: 20, height: 20 });
      return button(`connect-${i}`, h("span", { class: "named" }, icon, label), () => shop.connect(found), i ? "" : "primary");
    })));
}
