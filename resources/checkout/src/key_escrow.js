// The KeyEscrow contract as a buyer meets it: ordering, following, taking the money back, complaining; and the key.

import { ascii, bigEndian, concat, fromHex, same, split, toBigInt, toHex } from "../../verifier/src/bytes.js";
import { ORDER as GROUP_ORDER, decodeFromChain, encodeForChain, generator } from "../../verifier/src/group.js";
import { encode, encodeCall, decode, topic } from "./abi.js";
import { open } from "./hpke.js";
import { keccak_256, sha256, x25519 } from "./noble.js";
import { OFFER, PROVED } from "./offer.js";

const ORDER = "(bytes32,address,address,address,address,uint256,uint256,uint256,uint256,bytes32[4],bytes32[4])";
const ORDERED = topic(`Ordered(bytes32,bytes32,address,${ORDER})`);
const DELIVERED = topic("Delivered(bytes32,bytes32,bytes32[4],uint256)");
const DELIVERED_SEALED = topic("DeliveredSealed(bytes32,bytes32,bytes)");
const REFUNDED = topic("Refunded(bytes32,address,uint256)");
const BLOCKS = 9_000; // that nodes look through at once

export const OPEN = 1, WINDOW = 2, PAID_OUT = 3, REFUNDED_STATE = 4;
export const OVERDUE = 1, DECLINED = 2, COMPLAINT = 3;

// --- One-time keys ----------------------------------------------------------------------------------------------

// A fresh secret for one order: 32 bytes.
export function newSecret(method) {
  if (method !== PROVED) return crypto.getRandomValues(new Uint8Array(32));
  const wide = toBigInt(crypto.getRandomValues(new Uint8Array(48)));
  return bigEndian((wide % (GROUP_ORDER - 1n)) + 1n, 32);
}

// B of this secret in the four words that the contract takes.
export function keyOf(method, secret) {
  if (method !== PROVED) return [x25519.getPublicKey(secret), ...Array.from({ length: 3 }, () => new Uint8Array(32))];
  return split(encodeForChain(generator.multiply(toBigInt(secret))), 32);
}

// --- Calls: { to, data, value } -----------------------------------------------------------------------------------

export const orderCall = (escrow, sale, key) => ({
  to: escrow,
  data: encodeCall(`order(${OFFER},bytes32[4])`, sale.fields, key),
  value: sale.price.currency.isCoin ? sale.price.units : 0n,
});

// What the buyer signs to pay in a currency with EIP-3009: nobody can turn it to another offer or key.
export function authorization(escrow, chainId, sale, key, buyer, validBefore, salt) {
  const { address, authorization: domain } = sale.price.currency;
  const nonce = keccak_256(concat(keccak_256(encode("(bytes32,bytes32[4])", [sale.id, key])), salt));
  const field = (type, name) => ({ name, type });
  return {
    types: {
      EIP712Domain: [
        field("string", "name"), field("string", "version"), field("uint256", "chainId"),
        field("address", "verifyingContract"),
      ],
      ReceiveWithAuthorization: [
        field("address", "from"), field("address", "to"), field("uint256", "value"), field("uint256", "validAfter"),
        field("uint256", "validBefore"), field("bytes32", "nonce"),
      ],
    },
    primaryType: "ReceiveWithAuthorization",
    domain: { name: domain.name, version: domain.version, chainId, verifyingContract: address },
    message: {
      from: buyer, to: escrow, value: String(sale.price.units), validAfter: "0", validBefore: String(validBefore),
      nonce: toHex(nonce),
    },
  };
}

export function authorizedOrderCall(escrow, sale, key, buyer, validBefore, salt, signature) {
  const v = signature[64] < 27 ? signature[64] + 27 : signature[64];
  const signed = [v, signature.subarray(0, 32), signature.subarray(32, 64)];
  const name = `order_with_authorization(${OFFER},bytes32[4],address,uint256,uint256,bytes32,uint8,bytes32,bytes32)`;
  return { to: escrow, data: encodeCall(name, sale.fields, key, buyer, 0n, validBefore, salt, ...signed), value: 0n };
}

export const refundCall = (escrow, order) => ({
  to: escrow, data: encodeCall(`refund(${ORDER})`, order.fields), value: 0n,
});

// `shown` is that of showPiece(). Publishes the one-time secret, and so the key of the package.
export function complainCall(escrow, sale, order, delivery, secret, index, shown) {
  const name =
    `complain(${ORDER},${OFFER},bytes32[4],uint256,uint256,uint256,bytes,bytes32[],bytes32,bytes32[])`;
  const data = encodeCall(
    name, order.fields, sale.fields, delivery.v, BigInt(delivery.at), toBigInt(secret), BigInt(index), shown.piece,
    shown.cipherPath, shown.plainLeaf, shown.plainPath,
  );
  return { to: escrow, data, value: 0n };
}

// --- Looking ------------------------------------------------------------------------------------------------------

// 0 unknown, 1 open, 2 withdrawn.
export async function offerState(rpc, escrow, sale) {
  const [state] = await rpc.read(escrow, "offer_state(bytes32)", [sale.id], "(uint256)");
  return Number(state);
}

// { status, at }: how far an order is, and the time of delivery where it waits in its window.
export async function orderState(rpc, escrow, order) {
  const [status, at] = await rpc.read(escrow, "state(bytes32)", [order.id], "(uint256,uint256)");
  return { status: Number(status), at: Number(at) };
}

// The buyer's order with this one-time key, looked for from `block` on; null where there is none (yet). Anybody who saw
// the key before it was in a block can have ordered with it too.
export async function findOrder(rpc, escrow, chainId, sale, key, buyer, block) {
  for (const log of await logs(rpc, escrow, [ORDERED, null, toHex(sale.id)], block)) {
    const order = readOrder(escrow, chainId, fromHex(log.data), Number(log.blockNumber));
    const isMine = order.buyer === buyer && order.fields[10].every((word, i) => same(word, key[i]));
    if (isMine && toHex(order.id) === log.topics[1] && same(order.fields[0], sale.id)) return order;
  }
  return null;
}

// An order from its ABI encoding: { id, fields, buyer, deadline, window, block }.
export function readOrder(escrow, chainId, data, block) {
  const [fields] = decode(`(${ORDER})`, data);
  const id = keccak_256(encode(`(uint256,address,${ORDER})`, [BigInt(chainId), escrow, fields]));
  return { id, fields, buyer: fields[2], deadline: Number(fields[7]), window: Number(fields[8]), block };
}

export const writeOrder = (order) => encode(ORDER, order.fields);

// What the seller has delivered: { v, at } or { sealed }; null where nothing was (yet).
export async function findDelivery(rpc, escrow, order) {
  const found = await logs(rpc, escrow, [[DELIVERED, DELIVERED_SEALED], toHex(order.id)], order.block);
  if (!found.length) return null;
  const { topics, data } = found.at(-1);
  if (topics[0] === DELIVERED_SEALED) return { sealed: decode("(bytes)", fromHex(data))[0] };
  const [v, releaseAt] = decode("(bytes32[4],uint256)", fromHex(data));
  return { v, at: Number(releaseAt) - order.window };
}

// Why the money went back: OVERDUE, DECLINED or COMPLAINT, and to whom; null where it did not.
export async function findRefund(rpc, escrow, order) {
  const found = await logs(rpc, escrow, [REFUNDED, toHex(order.id)], order.block);
  if (!found.length) return null;
  const [to, reason] = decode("(address,uint256)", fromHex(found.at(-1).data));
  return { to, reason: Number(reason) };
}

async function logs(rpc, address, topics, first) {
  const last = Number(await rpc.ask("eth_blockNumber"));
  const found = [];
  for (let from = first; from <= last; from += BLOCKS) {
    const range = { fromBlock: hex(from), toBlock: hex(Math.min(from + BLOCKS - 1, last)) };
    found.push(...(await rpc.ask("eth_getLogs", { address, topics, ...range })));
  }
  // A node may only tell of this contract, whatever was asked.
  return found.filter((log) => log.address.toLowerCase() === address && !log.removed);
}

const hex = (number) => `0x${number.toString(16)}`;

// --- The key ------------------------------------------------------------------------------------------------------

// The key of the package (32 bytes), null where a sealed delivery is none: S = A2 - V + b*A1, key = SHA-256(tag, S).
export async function contentKey(sale, order, delivery, secret) {
  if (sale.method !== PROVED) {
    return delivery.sealed ? open(secret, delivery.sealed, concat(ascii("colophon/v1/sealed-key"), order.id)) : null;
  }
  const [a1, a2, v] = [sale.a1, sale.a2, delivery.v].map((words) => decodeFromChain(concat(...words)));
  const shared = a2.subtract(v).add(a1.multiplyUnsafe(toBigInt(secret)));
  // The contract has a key for the identity too (EIP-2537: zeros). Without it a crook's buyer could not complain.
  return sha256(concat(ascii("colophon/v1/sale-key"), shared.is0() ? new Uint8Array(128) : encodeForChain(shared)));
}
