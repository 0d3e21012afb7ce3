// Prepaid plays: bought in one transaction, then signed one by one by this page and played from the seller's server.

import { toHex, utf8 } from "../../verifier/src/bytes.js";
import { save } from "../../verifier/src/dom.js";
import { refuse, require } from "../../verifier/src/refused.js";
import { word } from "../../verifier/src/words.js";
import {
  addressOf, buyCall, findLicence, licenceState, newPlayKey, redeem, signVoucher, termsState, voucherFile,
} from "./licences.js";
import { checked, hasFailed, mined, permit } from "./paying.js";
import { Purchases, secretOf } from "./purchases.js";
import { fileName } from "./saving.js";

const SAME_PLAY = 3_600; // seconds in which the server takes the newest voucher again (services/play_sales.py)

const words = (name, params) => word("steps", name, params);

export class PlaysFlow {
  terms = null; // "open", "closed", "changed"; null: not asked yet
  quantity = "10";
  licence = null; // { quantity, used, expires }
  isPlaying = false; // since this page was opened

  constructor(shop) {
    this.shop = shop;
    this.plays = shop.offer.plays;
    this.contract = shop.offer.contracts.licences;
    this.token = shop.offer.work.token;
    const about = { chain: shop.offer.chain.id, contract: this.contract, offer: toHex(this.plays.termsHash) };
    this.purchases = new Purchases(about);
    this.purchase = this.purchases.find("plays");
  }

  // How many plays, null where what was typed is no number.
  get count() {
    return /^[1-9]\d{0,8}$/.test(this.quantity.trim()) ? BigInt(this.quantity.trim()) : null;
  }

  get cost() {
    return { ...this.plays.price, units: this.plays.price.units * (this.count ?? 0n) };
  }

  get played() {
    return Math.max(this.purchase.total ?? 0, this.licence?.used ?? 0);
  }

  get left() {
    return this.licence.quantity - this.played;
  }

  // Whether the play before this page was loaded again can still be heard.
  get hasBegun() {
    const { total, playedAt } = this.purchase;
    return !this.isPlaying && playedAt > now() - SAME_PLAY && total === this.played;
  }

  get isExpired() {
    return this.licence.expires > 0 && this.licence.expires <= this.shop.chainTime;
  }

  async follow() {
    const { rpc } = this.shop;
    if (!this.purchase) {
      this.terms = await termsState(rpc, this.contract, this.token, this.plays);
      return;
    }
    const licensee = addressOf(secretOf(this.purchase));
    if (!this.purchase.licence) {
      const licence = await findLicence(rpc, this.contract, this.token, licensee, this.purchase.block);
      if (!licence) return this.#dropIfFailed();
      this.#keep({ licence });
    }
    this.licence = await licenceState(rpc, this.contract, this.purchase.licence, licensee);
    // The network has taken the block back: the number is another's now.
    if (!this.licence) this.#keep({ licence: undefined });
  }

  async #dropIfFailed() {
    if (!(await hasFailed(this.shop.rpc, this.purchase.hash))) return;
    this.purchases.drop(this.purchase);
    this.purchase = null;
    refuse("checkout.payment_failed");
  }

  #keep(news) {
    this.purchase = this.purchases.keep({ ...this.purchase, ...news });
  }

  pay() {
    return this.shop.act("pay-plays", words("pay_checking"), async () => {
      const { shop } = this;
      this.terms = await termsState(shop.rpc, this.contract, this.token, this.plays);
      require(this.terms !== "closed", "checkout.closed");
      require(this.terms === "open", "checkout.terms_changed");
      await shop.wallet.switchChain();
      const secret = newPlayKey();
      const block = Number(await shop.rpc.ask("eth_blockNumber"));
      const buyer = shop.wallet.account;
      const purchase = this.purchases.keep({ kind: "plays", secret: toHex(secret), block, buyer, total: 0 });
      if (!this.purchases.isKept) this.saveReceipt(purchase);
      const hash = await this.#send(purchase, addressOf(secret));
      this.purchase = this.purchases.keep({ ...purchase, hash });
      shop.say(words("pay_waiting"));
      await mined(shop.rpc, hash);
      await this.follow();
    });
  }

  saveReceipt(purchase = this.purchase) {
    const name = `${fileName(this.shop.offer.work.title)} plays receipt.json`;
    save(name, utf8(this.purchases.receipt(purchase)), "application/json");
  }

  async #send(purchase, licensee) {
    const { shop, cost } = this;
    let isAsked = false;
    try {
      if (!cost.currency.isCoin) {
        await permit(shop, this.contract, cost, (name) => shop.say(words(`pay_${name}`, { price: shop.sum(cost) })));
      }
      const call = buyCall(this.contract, this.token, this.plays, this.count, licensee);
      const gas = await checked(shop, call, cost);
      shop.say(words("pay_signing"));
      isAsked = true;
      return await shop.wallet.send({ ...call, gas });
    } catch (error) {
      if (!isAsked || ["checkout.rejected", "checkout.not_enough"].includes(error.code)) this.purchases.drop(purchase);
      else this.purchase = purchase;
      throw error;
    }
  }

  // Begin another purchase; the key of this one is kept.
  leave() {
    this.#keep({ left: true });
    Object.assign(this, { purchase: null, licence: null, terms: null, isPlaying: false });
    return this.shop.refresh();
  }

  async restore(file) {
    this.purchase = await this.purchases.restore(file);
    Object.assign(this, { licence: null, isPlaying: false });
  }

  // Sign one more play. Written down before it is handed out, so that no play is signed twice by chance.
  #sign(total) {
    const { licence, secret } = this.purchase;
    const signature = signVoucher(this.shop.offer.chain.id, this.contract, secretOf({ secret }), licence, total);
    return { licence, total, signature };
  }

  play() {
    return this.shop.act("play", words("plays_asking"), async () => {
      let voucher = this.#sign(this.played + 1);
      let stream;
      try {
        stream = await this.#handIn(voucher);
      } catch (error) {
        // Another browser with this receipt has played since: go on after it.
        if (!(error.newest >= voucher.total && error.newest < this.licence.quantity)) throw error;
        voucher = this.#sign(error.newest + 1);
        stream = await this.#handIn(voucher);
      }
      this.#keep({ total: voucher.total, playedAt: now() });
      this.#show(stream);
    });
  }

  // The play that was begun before this page was loaded again: the same voucher, no further play.
  playOn() {
    return this.shop.act("play", words("plays_asking_again"), async () => {
      this.#show(await this.#handIn(this.#sign(this.purchase.total)));
    });
  }

  #handIn({ licence, total, signature }) {
    return redeem(this.plays.server, licence, total, signature);
  }

  #show(stream) {
    this.isPlaying = true;
    this.shop.show(stream);
  }

  // For a seller without a server: the newest voucher as a file.
  voucher(isNext) {
    const voucher = this.#sign(isNext ? this.played + 1 : this.played);
    this.#keep({ total: voucher.total });
    return voucherFile(this.shop.offer.chain.id, this.contract, voucher.licence, voucher.total, voucher.signature);
  }
}

const now = () => Math.floor(Date.now() / 1000);
