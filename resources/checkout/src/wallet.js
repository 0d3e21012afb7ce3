// The buyer's wallet: found (EIP-6963, EIP-1193), connected, on the right chain, and asked to send. It alone holds keys.

import { toHex } from "../../verifier/src/bytes.js";
import { Refused, refuse } from "../../verifier/src/refused.js";
import { revertReason } from "./rpc.js";

const ANNOUNCING = 120; // milliseconds in which wallets answer
const REJECTED = 4001, UNAUTHORISED = 4100, DISCONNECTED = [4900, 4901], UNKNOWN_CHAIN = 4902, PENDING = -32002;

// [{ name, icon, provider }] of the wallets in this browser.
export async function findWallets() {
  const found = new Map();
  const announced = ({ detail }) => {
    const { uuid, name, icon } = detail.info;
    found.set(uuid, { name: String(name), icon: String(icon).startsWith("data:image/") ? icon : "", provider: detail.provider });
  };
  addEventListener("eip6963:announceProvider", announced);
  dispatchEvent(new Event("eip6963:requestProvider"));
  await new Promise((resume) => setTimeout(resume, ANNOUNCING));
  removeEventListener("eip6963:announceProvider", announced);
  const old = globalThis.ethereum;
  if (old?.request && ![...found.values()].some(({ provider }) => provider === old)) {
    if (!found.size) found.set("", { name: "", icon: "", provider: old });
  }
  return [...found.values()];
}

export class Wallet {
  // `network`: { chainId, name, coin, rpcs, explorer }. `changed` is called when account or chain become others.
  constructor(provider, network, changed = () => {}) {
    Object.assign(this, { provider, network, account: null, isHere: false });
    provider.on?.("accountsChanged", ([account]) => {
      this.account = account?.toLowerCase() ?? null;
      changed();
    });
    provider.on?.("chainChanged", (chainId) => {
      this.isHere = BigInt(chainId) === BigInt(network.chainId);
      changed();
    });
  }

  // The account; asks for permission the first time.
  async connect() {
    const [account] = await this.request("eth_requestAccounts");
    if (!account) refuse("checkout.no_account");
    this.account = account.toLowerCase();
    await this.#look();
  }

  // The account that this page already may see, without asking.
  async resume() {
    const [account] = await this.request("eth_accounts");
    this.account = account?.toLowerCase() ?? null;
    if (this.account) await this.#look();
    return this.account !== null;
  }

  async #look() {
    this.isHere = BigInt(await this.request("eth_chainId")) === BigInt(this.network.chainId);
  }

  // Bring the wallet to the offer's network; where it does not know it, propose it.
  async switchChain() {
    await this.#look();
    if (this.isHere) return;
    const chainId = `0x${BigInt(this.network.chainId).toString(16)}`;
    try {
      await this.#ask("wallet_switchEthereumChain", [{ chainId }]);
    } catch (error) {
      if (!isUnknownChain(error)) throw worded(error);
      await this.request("wallet_addEthereumChain", [this.#proposal(chainId)]);
      await this.#look();
      if (!this.isHere) await this.request("wallet_switchEthereumChain", [{ chainId }]);
    }
    await this.#look();
    if (!this.isHere) refuse("checkout.wrong_chain", { network: this.network.name });
  }

  #proposal(chainId) {
    const { name, coin, rpcs, explorer } = this.network;
    return {
      chainId,
      chainName: name,
      nativeCurrency: { name: coin, symbol: coin, decimals: 18 },
      rpcUrls: rpcs,
      ...(explorer ? { blockExplorerUrls: [explorer] } : {}),
    };
  }

  // Ask for the buyer's signature and send: the hash of the transaction. `call`: { to, data, value, gas }.
  send({ to, data, value = 0n, gas }) {
    const hex = (number) => `0x${number.toString(16)}`;
    const message = { from: this.account, to, data: toHex(data), value: hex(value), ...(gas ? { gas: hex(gas) } : {}) };
    return this.request("eth_sendTransaction", [message]);
  }

  async request(method, params = []) {
    try {
      return await this.#ask(method, params);
    } catch (error) {
      throw worded(error);
    }
  }

  #ask(method, params) {
    return this.provider.request({ method, params });
  }
}

const codeOf = (error) => error?.code ?? error?.data?.originalError?.code;

const isUnknownChain = (error) =>
  codeOf(error) === UNKNOWN_CHAIN || error?.data?.originalError?.code === UNKNOWN_CHAIN ||
  /unrecognized chain/i.test(error?.message ?? "");

// What a wallet's error means to people.
function worded(error) {
  if (error instanceof Refused) return error;
  const code = codeOf(error);
  const message = String(error?.message ?? error).slice(0, 200);
  if (code === REJECTED || /user (rejected|denied)/i.test(message)) return new Refused("checkout.rejected");
  if (code === UNAUTHORISED) return new Refused("checkout.no_account");
  if (code === PENDING) return new Refused("checkout.wallet_busy");
  if (DISCONNECTED.includes(code)) return new Refused("checkout.wallet_offline");
  if (/insufficient funds/i.test(message)) return new Refused("checkout.not_enough");
  const reason = revertReason(error);
  if (reason) return new Refused("checkout.reverted", { reason });
  return new Refused("checkout.wallet_failed", { message });
}
