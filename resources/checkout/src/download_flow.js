// Buying a copy: get the locked file, pay into the escrow, wait for the key, open and save.

import { fromHex, toHex, utf8 } from "../../verifier/src/bytes.js";
import { save } from "../../verifier/src/dom.js";
import { Refused, refuse, require } from "../../verifier/src/refused.js";
import { word } from "../../verifier/src/words.js";
import {
  OPEN, PAID_OUT, REFUNDED_STATE, WINDOW, authorization, authorizedOrderCall, complainCall, contentKey, findDelivery,
  findOrder, findRefund, keyOf, newSecret, offerState, orderCall, orderState, readOrder, refundCall, writeOrder,
} from "./key_escrow.js";
import { SEALED } from "./offer.js";
import { BadPiece, checkPackage, openPackage, showPiece } from "./package_reading.js";
import { AddressSource, FileSource, KeepingSource } from "./package_source.js";
import { checked, hasFailed, mined, permit, send, sign } from "./paying.js";
import { Purchases, secretOf } from "./purchases.js";
import { fileName, openSink } from "./saving.js";

const KEPT = 512 * 1024 * 1024; // a larger package is not held, but downloaded twice
const AUTHORISED = 3600; // seconds in which a signed payment must be booked

const words = (name, params) => word("steps", name, params);

export class DownloadFlow {
  offerState = null; // 0 unknown, 1 open, 2 withdrawn; null: not asked yet
  source = null; // the package, once it is the right one
  order = null;
  status = 0;
  deliveredAt = 0;
  delivery = null;
  key = null;
  isWrongKey = false; // what came opens nothing (only where nobody checks it)
  refund = null; // why the money went back: { reason }
  bad = null; // the BadPiece that was found
  saved = false;

  constructor(shop) {
    this.shop = shop;
    this.sale = shop.offer.sale;
    this.escrow = shop.offer.contracts.escrow;
    const about = { chain: shop.offer.chain.id, contract: this.escrow, offer: toHex(this.sale.id) };
    this.purchases = new Purchases(about);
    this.purchase = this.purchases.find("download");
  }

  get isFinal() {
    return this.status === REFUNDED_STATE || (this.status === PAID_OUT && this.saved);
  }

  get isOverdue() {
    return this.status === OPEN && this.shop.chainTime > this.order.deadline;
  }

  // Until when a complaint is heard.
  get complainUntil() {
    return this.deliveredAt + this.sale.window;
  }

  get addresses() {
    return (this.shop.offer.package?.urls ?? []).map(String);
  }

  // --- Following the chain ----------------------------------------------------------------------------------------

  async follow() {
    const { rpc } = this.shop;
    if (!this.purchase) {
      this.offerState = await offerState(rpc, this.escrow, this.sale);
      return;
    }
    if (!this.order && !(await this.#find())) return;
    const { status, at } = await orderState(rpc, this.escrow, this.order);
    if (status === 0) return this.#lost();
    Object.assign(this, { status, deliveredAt: at || this.deliveredAt });
    if ((status === WINDOW || status === PAID_OUT) && !this.key) await this.#takeKey();
    if (status === REFUNDED_STATE) this.refund ??= await findRefund(rpc, this.escrow, this.order);
  }

  async #find() {
    const { rpc, offer } = this.shop;
    const { purchase, sale, escrow } = this;
    const known = purchase.order && readOrder(escrow, offer.chain.id, fromHex(purchase.order), purchase.orderBlock);
    const key = keyOf(sale.method, secretOf(purchase));
    this.order = known || (await findOrder(rpc, escrow, offer.chain.id, sale, key, purchase.buyer, purchase.block));
    if (!this.order) {
      await this.#dropIfFailed();
      return false;
    }
    if (!known) {
      const found = { order: toHex(writeOrder(this.order)), orderBlock: this.order.block };
      this.purchase = this.purchases.keep({ ...purchase, ...found });
    }
    return true;
  }

  async #dropIfFailed() {
    if (!(await hasFailed(this.shop.rpc, this.purchase.hash))) return;
    this.purchases.drop(this.purchase);
    this.purchase = null;
    refuse("checkout.payment_failed");
  }

  // The network has taken back the block in which the order stood: look for it anew.
  #lost() {
    const { order, orderBlock, ...rest } = this.purchase;
    this.order = null;
    this.purchase = this.purchases.keep(rest);
  }

  async #takeKey() {
    this.delivery = await findDelivery(this.shop.rpc, this.escrow, this.order);
    if (!this.delivery) return;
    this.deliveredAt = this.delivery.at ?? 0;
    this.key = await contentKey(this.sale, this.order, this.delivery, secretOf(this.purchase));
    this.isWrongKey = this.key === null;
  }

  // --- The package --------------------------------------------------------------------------------------------------

  download() {
    const address = this.addresses.find((each) => /^https?:/.test(each));
    return this.shop.act("download", words("package_getting"), async () => {
      const size = Number(this.shop.offer.package.size);
      const far = new AddressSource(address, size, { signal: this.shop.stopped() });
      if (size > KEPT) return this.#check(far, far);
      const keeping = new KeepingSource(far);
      await this.#check(keeping, null);
      this.source = keeping.kept();
    });
  }

  takeFile(file) {
    return this.shop.act("check", words("package_checking"), () => {
      const source = new FileSource(file);
      return this.#check(source, source);
    });
  }

  async #check(source, kept) {
    await checkPackage(source, this.sale.promised, this.shop.progress);
    this.source = kept;
  }

  // --- Paying -------------------------------------------------------------------------------------------------------

  pay() {
    return this.shop.act("pay", words("pay_checking"), async () => {
      const { shop, sale } = this;
      this.offerState = await offerState(shop.rpc, this.escrow, sale);
      require(this.offerState !== 2, "checkout.closed");
      require(this.offerState === 1, "checkout.unknown_offer");
      await shop.wallet.switchChain();
      const secret = newSecret(sale.method);
      const block = Number(await shop.rpc.ask("eth_blockNumber"));
      // Before anything can be paid for: a closed page must be able to go on.
      const purchase = this.purchases.keep({ kind: "download", secret: toHex(secret), block, buyer: shop.wallet.account });
      if (!this.purchases.isKept) this.saveReceipt(purchase);
      const hash = await this.#send(purchase, keyOf(sale.method, secret));
      this.purchase = this.purchases.keep({ ...purchase, hash });
      shop.say(words("pay_waiting"));
      await this.#booked(hash);
      await this.follow();
    });
  }

  saveReceipt(purchase = this.purchase) {
    const name = `${fileName(this.shop.offer.work.title)} receipt.json`;
    save(name, utf8(this.purchases.receipt(purchase)), "application/json");
  }

  async #send(purchase, key) {
    const { shop, sale } = this;
    let isAsked = false;
    try {
      const call = await this.#call(key, purchase.buyer);
      const gas = await checked(shop, call, sale.price);
      shop.say(words("pay_signing"));
      isAsked = true;
      return await shop.wallet.send({ ...call, gas });
    } catch (error) {
      const isUnsent = !isAsked || ["checkout.rejected", "checkout.not_enough"].includes(error.code);
      if (isUnsent) this.purchases.drop(purchase);
      else this.purchase = purchase; // the wallet may have sent it all the same
      throw error.reason === "offer closed" ? new Refused("checkout.closed") : error;
    }
  }

  async #call(key, buyer) {
    const { shop, sale, escrow } = this;
    const { currency } = sale.price;
    if (currency.isCoin) return orderCall(escrow, sale, key);
    if (!currency.authorization) {
      await permit(shop, escrow, sale.price, (name) => shop.say(words(`pay_${name}`, { price: shop.price(sale) })));
      return orderCall(escrow, sale, key);
    }
    shop.say(words("pay_authorising", { price: shop.price(sale) }));
    const validBefore = shop.chainTime + AUTHORISED;
    const salt = crypto.getRandomValues(new Uint8Array(32));
    const data = authorization(escrow, shop.offer.chain.id, sale, key, buyer, validBefore, salt);
    return authorizedOrderCall(escrow, sale, key, buyer, BigInt(validBefore), salt, await sign(shop.wallet, data));
  }

  async #booked(hash) {
    try {
      await mined(this.shop.rpc, hash);
    } catch (error) {
      if (error.code === "checkout.payment_failed") {
        this.purchases.drop(this.purchase);
        this.purchase = null;
      }
      throw error;
    }
  }

  // Leave a purchase behind that never showed, or is over, and begin another. Its secret is kept: it may still show.
  leave() {
    this.purchases.keep({ ...this.purchase, left: true });
    this.#begin(null);
    return this.shop.refresh();
  }

  // Take a receipt in, and go on with its purchase.
  async restore(file) {
    this.#begin(await this.purchases.restore(file));
  }

  // Whether a purchase that was left behind has shown on the network after all.
  async revive() {
    const { rpc, offer } = this.shop;
    for (const purchase of this.purchases.all.filter(({ left, order }) => left && !order)) {
      const key = keyOf(this.sale.method, secretOf(purchase));
      if (!(await findOrder(rpc, this.escrow, offer.chain.id, this.sale, key, purchase.buyer, purchase.block))) continue;
      const { left, ...found } = purchase;
      this.purchases.keep(found);
      if (!this.purchase) this.#begin(found);
    }
  }

  #begin(purchase) {
    const fresh = { order: null, status: 0, delivery: null, key: null, isWrongKey: false, refund: null };
    Object.assign(this, fresh, { purchase, bad: null, saved: false, offerState: null });
  }

  // --- After paying -------------------------------------------------------------------------------------------------

  refundNow() {
    return this.shop.act("refund", words("key_refunding"), async () => {
      await this.shop.withWallet();
      const hash = await send(this.shop, refundCall(this.escrow, this.order));
      await mined(this.shop.rpc, hash);
      await this.follow();
    });
  }

  // Straight from a click, as the browser asks where to save.
  open() {
    const { file_name, media_type } = this.shop.offer.work;
    return this.shop.act("open", words("copy_working"), async () => {
      const sink = await openSink(file_name, media_type);
      if (!sink) return;
      try {
        await openPackage(this.source, this.sale.promised, this.key, sink.write, this.shop.progress);
        await sink.finish();
        this.saved = true;
        this.bad = null;
      } catch (error) {
        await sink.abort();
        if (!(error instanceof BadPiece)) throw error;
        await this.#judge(error);
      }
    });
  }

  // Whether it is the seller's fault: the piece must be in the package that was on offer.
  async #judge(bad) {
    await checkPackage(this.source, this.sale.promised, this.shop.progress);
    if (this.sale.method === SEALED && bad.index === 0) this.isWrongKey = true;
    else this.bad = bad;
  }

  complain() {
    return this.shop.act("complain", words("complaining"), async () => {
      const { shop, sale, order, bad } = this;
      await shop.withWallet();
      require(shop.wallet.account === order.buyer, "checkout.other_account", { account: order.buyer });
      await this.#askTwice();
      const shown = await showPiece(this.source, sale.promised, bad.index, shop.progress);
      shop.say(words("complain_signing"));
      const call = complainCall(this.escrow, sale, order, this.delivery, secretOf(this.purchase), bad.index, shown);
      await mined(shop.rpc, await send(shop, call));
      await this.follow();
    });
  }

  // A complaint publishes the one-time secret. About a false delivery, told by a lying node, it would give the true key
  // away: so the wallet's own node must tell of the same one.
  async #askTwice() {
    const { wallet } = this.shop;
    const throughWallet = { ask: (method, ...params) => wallet.request(method, params) };
    const other = await findDelivery(throughWallet, this.escrow, this.order);
    const isSame = other && other.at === this.delivery.at && String(other.v) === String(this.delivery.v);
    if (!isSame) refuse("checkout.deliveries_differ");
  }
}
