// The checkout page: one work, bought with the buyer's own wallet. It needs no server but a node of the network.

import { h } from "../../verifier/src/dom.js";
import { Refused } from "../../verifier/src/refused.js";
import { message, word } from "../../verifier/src/words.js";
import { DownloadFlow } from "./download_flow.js";
import { downloadSection } from "./download_steps.js";
import { readOffer } from "./offer.js";
import { PlaysFlow } from "./plays_flow.js";
import { playsSection } from "./plays_steps.js";
import { Rpc } from "./rpc.js";
import * as view from "./view.js";
import { Wallet, findWallets } from "./wallet.js";

const POLL = 2000; // milliseconds between looks at the network
const PRACTICE_POLL = 250; // whose node is on this computer and waits for nothing
const SLOW_POLL = 15_000; // while nothing is under way
const BLINK = 40; // milliseconds of work before the browser may draw again
const WEATHER = ["checkout.offline", "checkout.node_unreachable", "checkout.node_refused", "checkout.node_nonsense"];

const page = (name, params) => word("page", name, params);
const main = document.getElementById("page");

class Shop {
  wallets = null; // those found in this browser; null: still looking
  wallet = null;
  busy = null; // the name of the action under way
  words = ""; // what it is doing
  part = undefined; // how far it is, 0 to 1
  problem = null; // { title, reason, next }
  weather = null; // the same, of a network that is away for a while
  chainTime = Math.floor(Date.now() / 1000); // seconds, of the newest block
  #stop = null;
  #wake = () => {}; // ends the wait between two looks
  #flows = h("div");
  #stage = h("div", { id: "stage" });
  #facts = h("div");

  constructor(offer) {
    this.offer = offer;
    this.rpc = new Rpc(offer.chain.rpc, offer.chain.id, () => (this.wallet?.isHere ? this.wallet.provider : null));
    this.download = offer.sale && new DownloadFlow(this);
    this.plays = offer.plays && new PlaysFlow(this);
  }

  get flows() {
    return [this.download, this.plays].filter(Boolean);
  }

  // Whether the wallet is connected and on the offer's network.
  get isReady() {
    return Boolean(this.wallet?.account && this.wallet.isHere);
  }

  isBusy(name) {
    return this.busy === name;
  }

  price(sale) {
    return view.price(sale.price);
  }

  sum(money) {
    return view.price(money);
  }

  // --- Actions ----------------------------------------------------------------------------------------------------

  // One thing at a time, begun by a click: told while it lasts, and worded where it fails.
  async act(name, words, work) {
    if (this.busy) return;
    Object.assign(this, { busy: name, words, part: undefined, problem: null });
    this.render();
    announce(words);
    try {
      await work();
    } catch (error) {
      if (!this.#stop?.signal.aborted) this.#tell(error);
    } finally {
      Object.assign(this, { busy: null, part: undefined });
      this.#stop = null;
      this.render();
      this.#wake();
    }
  }

  say(words) {
    Object.assign(this, { words, part: undefined });
    this.render();
    announce(words);
  }

  // Awaited in long work: the page stays alive, and shows how far it is.
  progress = async (part) => {
    if (performance.now() - this.lastBlink < BLINK) return;
    this.part = part;
    const bar = main.querySelector(".working progress");
    if (bar) bar.value = part;
    await new Promise((resume) => setTimeout(resume));
    this.#stop?.signal.throwIfAborted();
    this.lastBlink = performance.now();
  };
  lastBlink = 0;

  // The signal with which the action under way can be stopped.
  stopped() {
    this.#stop = new AbortController();
    return this.#stop.signal;
  }

  stop() {
    this.#stop?.abort();
  }

  #tell(error) {
    this.problem = worded(error);
    announce(this.problem.title);
  }

  // --- The wallet -------------------------------------------------------------------------------------------------

  connect(found) {
    return this.act("connect", word("steps", "wallet_connecting"), async () => {
      const wallet = this.#walletOf(found);
      await wallet.connect();
      this.wallet = wallet;
    });
  }

  #walletOf({ provider }) {
    const { id, name, coin, rpc, explorer } = this.offer.chain;
    const network = { chainId: id, name, coin: coin.symbol, rpcs: rpc, explorer };
    return new Wallet(provider, network, () => this.render());
  }

  switchChain() {
    return this.act("connect", word("steps", "wallet_connecting"), () => this.wallet.switchChain());
  }

  // Within an action: a connected wallet on the right network, asked for if need be.
  async withWallet() {
    if (!this.wallet?.account) {
      this.wallets ??= await findWallets();
      if (!this.wallets.length) throw new Refused("checkout.no_wallet");
      const wallet = this.#walletOf(this.wallets[0]);
      await wallet.connect();
      this.wallet = wallet;
    }
    await this.wallet.switchChain();
  }

  // --- Following --------------------------------------------------------------------------------------------------

  async start() {
    this.render();
    addEventListener("online", () => this.#wake());
    addEventListener("visibilitychange", () => document.hidden || this.#wake()); // timers sleep in hidden pages
    this.wallets = await findWallets();
    for (const found of this.wallets) {
      const wallet = this.#walletOf(found);
      // A wallet that this page was already allowed to see.
      if (await wallet.resume().catch(() => false)) {
        this.wallet = wallet;
        break;
      }
    }
    this.render();
    await this.#quietly(async () => this.download?.revive());
    for (;;) {
      await this.refresh();
      const isWaiting = this.flows.some((flow) => flow.purchase && !flow.isFinal);
      const poll = this.offer.chain.practice ? PRACTICE_POLL : POLL;
      const wait = isWaiting || this.weather ? poll : SLOW_POLL;
      await new Promise((resume) => {
        this.#wake = resume;
        setTimeout(resume, wait);
      });
    }
  }

  // Look at the network once; while an action is under way it looks itself.
  refresh() {
    return this.#quietly(async () => {
      if (this.busy) return;
      const block = await this.rpc.ask("eth_getBlockByNumber", "latest", false);
      this.chainTime = Number(block.timestamp);
      for (const flow of this.flows) await flow.follow();
    });
  }

  async #quietly(work) {
    try {
      await work();
      this.weather = null;
    } catch (error) {
      // Where the offer names no node, all looks go through the wallet, once it is connected.
      if (!this.offer.chain.rpc.length && !this.isReady) return;
      if (WEATHER.includes(error.code)) this.weather = message(error.code, error.params);
      else this.#tell(error);
    }
    this.render();
  }

  async take(file, zone) {
    if (!file) return;
    const isReceipt = zone === "receipt" || /\.json$/i.test(file.name);
    if (!isReceipt) return this.download?.takeFile(file);
    await this.act("restore", page("restore"), async () => {
      let refused;
      for (const flow of this.flows) {
        try {
          await flow.restore(file);
          refused = null;
          break;
        } catch (error) {
          if (!(error instanceof Refused)) throw error;
          refused = error;
        }
      }
      if (refused) throw refused;
    });
    await this.refresh();
  }

  // Play what the seller's server streams.
  show({ stream, mediaType }) {
    const tag = mediaType.startsWith("video/") ? "video" : "audio";
    const player = h(tag, { src: stream, controls: true, autoplay: true, "aria-label": this.offer.work.title });
    this.#stage.replaceChildren(player);
  }

  // --- Drawing ----------------------------------------------------------------------------------------------------

  render() {
    if (!main.contains(this.#flows)) {
      main.removeAttribute("aria-busy");
      main.replaceChildren(
        view.titlePage(this.offer), this.#flows, this.#stage, this.#restoring(), ...view.columns(this.offer), this.#facts,
        h("footer", null, h("p", { class: "note" }, page("footer"))),
      );
    }
    redraw(this.#flows, [
      this.#warning(),
      this.problem && view.problem(this.problem),
      this.weather && !this.problem && view.problem(this.weather),
      this.download && downloadSection(this.download),
      this.plays && playsSection(this.plays),
    ]);
    redraw(this.#facts, [view.facts(this.offer, this.download?.order)]);
  }

  // What makes buying senseless from the beginning.
  #warning() {
    if (!globalThis.crypto?.subtle) return view.problem(message("checkout.insecure"));
    const states = { 0: "checkout.unknown_offer", 2: "checkout.closed" };
    const isFresh = this.download && !this.download.purchase;
    const code = isFresh && states[this.download.offerState];
    if (code) return view.problem(message(code));
    const terms = { closed: "checkout.closed", changed: "checkout.terms_changed" };
    const other = this.plays && !this.plays.purchase && terms[this.plays.terms];
    return other && !this.download ? view.problem(message(other)) : null;
  }

  #restoring() {
    return h("div", { class: "restore", "data-drop": "receipt" },
      h("p", { class: "note" }, page("restore_text")),
      view.chooser("restore", page("restore"), (file) => this.take(file, "receipt"), ".json,application/json"),
    );
  }
}

// Put in what differs, so that the focus stays and screen readers are not told twice.
function redraw(place, children) {
  const fresh = h("div", null, children.filter(Boolean));
  if (fresh.innerHTML === place.innerHTML) return;
  const focus = place.contains(document.activeElement) ? document.activeElement.id : "";
  const unfolded = [...place.querySelectorAll("details")].map((one) => one.open);
  place.replaceChildren(...fresh.childNodes);
  place.querySelectorAll("details").forEach((one, i) => (one.open = unfolded[i] ?? false));
  if (focus) document.getElementById(focus)?.focus();
}

function worded(error) {
  if (error instanceof Refused) return message(error.code, error.params);
  console.error(error);
  return message("checkout.bug", { detail: String(error?.message ?? error) });
}

function announce(text) {
  document.getElementById("announcement").textContent = text;
}

addEventListener("dragover", (event) => {
  event.preventDefault();
  document.body.classList.add("over");
});
addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) document.body.classList.remove("over");
});

const given = JSON.parse(document.getElementById("offer").textContent);
try {
  const shop = new Shop(readOffer(given));
  addEventListener("drop", (event) => {
    event.preventDefault();
    document.body.classList.remove("over");
    const zone = event.target instanceof Element ? event.target.closest("[data-drop]") : null;
    shop.take(event.dataTransfer.files[0], zone?.dataset.drop);
  });
  shop.start();
} catch (error) {
  main.removeAttribute("aria-busy");
  main.replaceChildren(view.problem(worded(error)));
}
