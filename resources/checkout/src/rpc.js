// Reading the chain by plain JSON-RPC, from the addresses that the offer names, one after the other.

import { fromHex, toHex } from "../../verifier/src/bytes.js";
import { Refused, refuse } from "../../verifier/src/refused.js";
import { decode, encodeCall } from "./abi.js";

const PATIENCE = 10_000; // milliseconds

// What the node says about a call that the contract refuses: `reason` is the contract's own word.
export class Reverted extends Refused {
  constructor(reason) {
    super("checkout.reverted", { reason });
    this.reason = reason;
  }
}

export class Rpc {
  #checked = new Set();

  // `addresses` of nodes; `provider()` the buyer's wallet where it is connected to this chain, else null.
  constructor(addresses, chainId, provider = () => null) {
    Object.assign(this, { addresses, chainId, provider });
  }

  // The answer of the first node that gives one. Throws Refused where none does, Reverted where a contract refuses.
  async ask(method, ...params) {
    let last;
    for (const address of this.addresses) {
      try {
        await this.#checkChain(address);
        return await this.#post(address, method, params);
      } catch (error) {
        if (!(error instanceof Refused) || error instanceof Reverted) throw error;
        last = error;
      }
    }
    const wallet = this.provider();
    if (!wallet) throw last ?? new Refused("checkout.node_unreachable", { host: "" });
    try {
      return await wallet.request({ method, params });
    } catch (error) {
      const reason = revertReason(error);
      if (reason !== null) throw new Reverted(reason);
      throw last ?? error;
    }
  }

  // A function that only looks: its values.
  async read(to, signature, values, result, from) {
    const data = toHex(encodeCall(signature, ...values));
    return decode(result, fromHex(await this.ask("eth_call", { to, data, ...(from ? { from } : {}) }, "latest")));
  }

  async #checkChain(address) {
    if (this.#checked.has(address)) return;
    const found = await this.#post(address, "eth_chainId", []);
    if (BigInt(found) !== BigInt(this.chainId)) refuse("checkout.node_other_chain", { host: new URL(address).host });
    this.#checked.add(address);
  }

  async #post(address, method, params) {
    const host = new URL(address).host;
    const limit = new AbortController();
    const timer = setTimeout(() => limit.abort(), PATIENCE);
    let answer;
    try {
      const response = await fetch(address, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
        signal: limit.signal,
        credentials: "omit",
        referrerPolicy: "no-referrer",
      });
      answer = await response.json();
    } catch (error) {
      refuse(navigator.onLine === false ? "checkout.offline" : "checkout.node_unreachable", { host });
    } finally {
      clearTimeout(timer);
    }
    if (answer?.error) {
      const reason = revertReason(answer.error);
      if (reason !== null) throw new Reverted(reason);
      refuse("checkout.node_refused", { host, message: String(answer.error.message).slice(0, 200) });
    }
    if (answer?.result === undefined) refuse("checkout.node_nonsense");
    return answer.result;
  }
}

// The word with which a contract refused, "" where it gave none, null where the error is another one.
export function revertReason(error) {
  const found = [error?.data, error?.data?.data, error?.data?.originalError?.data, error?.error?.data]
    .find((data) => typeof data === "string" && data.startsWith("0x"));
  const isRevert = error?.code === 3 || /revert/i.test(error?.message ?? "");
  if (found?.startsWith("0x08c379a0")) {
    try {
      return decode("(string)", fromHex("0x" + found.slice(10)))[0];
    } catch {
      return "";
    }
  }
  const said = /revert(?:ed)?:?(?: with reason string)? "?'?([^"']*)/i.exec(error?.message ?? "");
  return isRevert ? (said?.[1] ?? "").trim() : null;
}
