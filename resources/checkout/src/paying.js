// Sending a buyer's transaction: first everything that can be wrong is looked at, so that the wallet asks only once.

import { fromHex, toHex } from "../../verifier/src/bytes.js";
import { Refused, refuse, require } from "../../verifier/src/refused.js";
import { encodeCall } from "./abi.js";
import { amount } from "./money.js";

const POLL = 500; // milliseconds

// Check and send `call` ({ to, data, value }); the hash. `price` is what it costs beside the fee, in any currency.
export async function send(shop, call, price = null) {
  const gas = await checked(shop, call, price);
  return shop.wallet.send({ ...call, gas });
}

// The gas to give it, a quarter more than it takes now. Throws Refused for a reason why it would fail.
export async function checked({ rpc, wallet, offer }, { to, data, value }, price) {
  const { coin, name } = offer.chain;
  const account = wallet.account;
  const held = BigInt(await rpc.ask("eth_getBalance", account, "latest"));
  const isCoin = !price || price.currency.isCoin;
  const tooLittle = (there) => refuse("checkout.not_enough", {
    needed: amount(price.units, price.currency), held: amount(there, price.currency),
  });
  if (price && isCoin && held < price.units) tooLittle(held);
  if (price && !isCoin) {
    const there = await balance(rpc, price.currency, account);
    if (there < price.units) tooLittle(there);
  }
  const message = { from: account, to, data: toHex(data), value: `0x${value.toString(16)}` };
  if (!isCoin && held === 0n) refuse("checkout.no_fee", { network: name, coin: coin.symbol });
  const gas = (BigInt(await rpc.ask("eth_estimateGas", message)) * 5n) / 4n;
  const fee = gas * BigInt(await rpc.ask("eth_gasPrice"));
  if (held < value + fee) {
    if (price && isCoin) tooLittle(held);
    refuse("checkout.no_fee", { network: name, coin: coin.symbol });
  }
  return gas;
}

export async function balance(rpc, currency, account) {
  return (await rpc.read(currency.address, "balanceOf(address)", [account], "(uint256)"))[0];
}

// Where a contract may not yet take the price in a token, let the buyer permit exactly that.
export async function permit(shop, spender, price, say) {
  const { rpc, wallet } = shop;
  const { address } = price.currency;
  const [allowed] = await rpc.read(
    address, "allowance(address,address)", [wallet.account, spender], "(uint256)");
  if (allowed >= price.units) return;
  const there = await balance(rpc, price.currency, wallet.account);
  const told = { needed: amount(price.units, price.currency), held: amount(there, price.currency) };
  require(there >= price.units, "checkout.not_enough", told);
  say("approving");
  const approve = (units) => send(shop, { to: address, data: encodeCall("approve(address,uint256)", spender, units), value: 0n });
  // Some tokens (Tether's) change a permission only from zero.
  if (allowed > 0n) await mined(rpc, await approve(0n));
  const hash = await approve(price.units);
  say("approved");
  await mined(rpc, hash);
}

// Waits until the transaction is booked. Throws Refused where it failed. A network that is away for a while is waited for.
export async function mined(rpc, hash) {
  for (;;) {
    try {
      const receipt = await rpc.ask("eth_getTransactionReceipt", hash);
      if (receipt) {
        require(BigInt(receipt.status) === 1n, "checkout.payment_failed");
        return receipt;
      }
    } catch (error) {
      const isAway = ["checkout.offline", "checkout.node_unreachable", "checkout.node_refused"].includes(error.code);
      if (!(error instanceof Refused) || !isAway) throw error;
    }
    await new Promise((resume) => setTimeout(resume, POLL));
  }
}

// Whether a transaction is booked as failed; false while it is not booked, or was never sent.
export async function hasFailed(rpc, hash) {
  const receipt = hash && (await rpc.ask("eth_getTransactionReceipt", hash));
  return Boolean(receipt) && BigInt(receipt.status) !== 1n;
}

// The buyer's signature of EIP-712 data: 65 bytes.
export async function sign(wallet, data) {
  const signature = await wallet.request("eth_signTypedData_v4", [wallet.account, JSON.stringify(data)]);
  return fromHex(String(signature).toLowerCase(), 65);
}
