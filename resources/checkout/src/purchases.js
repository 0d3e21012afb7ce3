// What this browser remembers of purchases: written before any money moves, and again as a receipt that can be kept
// anywhere. Whoever has it has the work: it holds the one-time secret.

import { fromHex } from "../../verifier/src/bytes.js";
import { Refused, refuse, require } from "../../verifier/src/refused.js";

const FORMAT = "colophon-receipt";
const ADDRESS = /^0x[0-9a-f]{40}$/;
const MAX_RECEIPT = 100_000;

// A purchase: { kind: "download" | "plays", secret (hex), block, buyer, hash?, order? (hex), orderBlock?, licence?,
// total?, playedAt?, left? }. `block` is that before it was sent, `hash` the transaction, `order` as the contract has it,
// `licence` and `total` of plays: its number, and the plays used up; `playedAt`: when the newest began (Unix seconds);
// `left`: another was begun instead.
export class Purchases {
  #place;
  #list;

  // `about`: { chain, contract, offer }: what names the offer for ever, as text.
  constructor(about, storage = storageOfBrowser()) {
    this.about = about;
    this.storage = storage;
    this.#place = `${FORMAT}/${about.chain}/${about.contract}/${about.offer}`;
    this.#list = this.#read();
  }

  get all() {
    return this.#list;
  }

  // Whether it will still be there when the page is opened again.
  get isKept() {
    return this.storage !== null;
  }

  find(kind) {
    return this.#list.findLast((one) => one.kind === kind && !one.left) ?? null;
  }

  // Add or write again. Throws Refused where the browser keeps nothing and the caller relies on it.
  keep(purchase) {
    this.#list = this.#read();
    const at = this.#list.findIndex(({ secret }) => secret === purchase.secret);
    if (at < 0) this.#list.push(purchase);
    else this.#list[at] = purchase;
    this.#write();
    return purchase;
  }

  // Forget a purchase of which nothing was sent.
  drop({ secret }) {
    this.#list = this.#read().filter((one) => one.secret !== secret);
    this.#write();
  }

  receipt(purchase) {
    return JSON.stringify({ format: FORMAT, version: 1, ...this.about, purchase }, null, 1);
  }

  // Take a receipt in; throws Refused where it is none, or one of another offer.
  async restore(file) {
    let given;
    try {
      require(file.size <= MAX_RECEIPT, "checkout.no_receipt");
      given = JSON.parse(await file.text());
      checkPurchase(given.purchase);
    } catch (error) {
      if (error instanceof Refused) throw error;
      refuse("checkout.no_receipt");
    }
    require(given.format === FORMAT && given.version === 1, "checkout.no_receipt");
    const isSame = Object.entries(this.about).every(([name, value]) => given[name] === value);
    require(isSame, "checkout.other_receipt");
    const known = this.#list.find(({ secret }) => secret === given.purchase.secret);
    // What is known here may be newer than the receipt.
    return this.keep({ ...given.purchase, ...known, left: false });
  }

  #read() {
    if (!this.storage) return this.#list ?? [];
    try {
      const found = JSON.parse(this.storage.getItem(this.#place) ?? "[]");
      found.forEach(checkPurchase);
      return found;
    } catch {
      return this.#list ?? [];
    }
  }

  #write() {
    try {
      this.storage?.setItem(this.#place, JSON.stringify(this.#list));
    } catch {
      this.storage = null; // full, or forbidden since: the receipt is what is left
    }
  }
}

function checkPurchase(one) {
  fromHex(one.secret, 32);
  require(["download", "plays"].includes(one.kind), "checkout.no_receipt");
  require(Number.isSafeInteger(one.block) && ADDRESS.test(one.buyer), "checkout.no_receipt");
  if (one.order) fromHex(one.order);
}

// null where the browser keeps nothing.
function storageOfBrowser() {
  try {
    const storage = globalThis.localStorage;
    const probe = `${FORMAT}/probe`;
    storage.setItem(probe, probe);
    storage.removeItem(probe);
    return storage;
  } catch {
    return null;
  }
}

export const secretOf = (purchase) => fromHex(purchase.secret, 32);
