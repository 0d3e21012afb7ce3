// Prepaid plays: bought for a one-time key of this page, so that each play is signed without asking the wallet.
//
// The signed vouchers (EIP-712, Plays(licence, total)) add up: the seller redeems the newest in one transaction.

import { ascii, bigEndian, concat, fromHex, toHex, utf8 } from "../../verifier/src/bytes.js";
import { Refused, refuse, require } from "../../verifier/src/refused.js";
import { encode, encodeCall, topic } from "./abi.js";
import { keccak_256, secp256k1 } from "./noble.js";

const PLAYS = 2n;
const BOUGHT = topic("Bought(uint256,address,address,address,uint256,uint256,uint256,address,uint256,uint64)");
const BLOCKS = 9_000;
const hash = (text) => keccak_256(utf8(text));
const DOMAIN = hash("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");
const VOUCHER = hash("Plays(uint256 licence,uint256 total)");

export function newPlayKey() {
  return secp256k1.utils.randomSecretKey();
}

export function addressOf(secret) {
  const key = secp256k1.getPublicKey(secret, false);
  return toHex(keccak_256(key.subarray(1)).subarray(12));
}

export function buyCall(licences, token, plays, quantity, licensee) {
  const cost = plays.price.units * quantity;
  const name = "buy(address,uint256,uint256,uint256,uint256,bytes32,address)";
  const data = encodeCall(name, token, plays.version, PLAYS, quantity, cost, plays.termsHash, licensee);
  return { to: licences, data, value: plays.price.currency.isCoin ? cost : 0n };
}

// Whether plays are still sold on exactly these terms.
export async function termsState(rpc, licences, token, plays) {
  const offer = "(uint256,address,uint256,uint64,bytes32,bytes32)";
  const [terms, open] = await rpc.read(
    licences, "terms(address,uint256)", [token, plays.version], `(${offer},bool,address)`);
  const isSame = toHex(keccak_256(encode(`(address,${offer})`, [token, terms]))) === toHex(plays.termsHash);
  const isShown = terms[2] === plays.price.units && terms[1] === plays.price.currency.address && terms[0] === PLAYS;
  return !isSame || !isShown ? "changed" : open ? "open" : "closed";
}

// { quantity, used, expires } of a licence; null where it is another one's.
export async function licenceState(rpc, licences, id, licensee) {
  const result = "((address,address,uint256,uint256,uint256,uint256,uint64,uint64,bytes32,bytes32))";
  const [[owner, , , , quantity, used, , expires]] = await rpc.read(licences, "licence(uint256)", [BigInt(id)], result);
  return owner === licensee ? { quantity: Number(quantity), used: Number(used), expires: Number(expires) } : null;
}

// The number of the licence that was bought for this address, looked for from `block` on; null: none (yet).
export async function findLicence(rpc, licences, token, licensee, block) {
  const wide = (each) => toHex(concat(new Uint8Array(12), fromHex(each)));
  const last = Number(await rpc.ask("eth_blockNumber"));
  for (let from = block; from <= last; from += BLOCKS) {
    const [first, to] = [from, Math.min(from + BLOCKS - 1, last)].map((number) => `0x${number.toString(16)}`);
    const topics = [BOUGHT, null, wide(token), wide(licensee)];
    const found = await rpc.ask("eth_getLogs", { address: licences, topics, fromBlock: first, toBlock: to });
    const log = found.find(({ address }) => address.toLowerCase() === licences);
    if (log) return String(BigInt(log.topics[1]));
  }
  return null;
}

// "total plays of this licence are used up", signed with the one-time key: 65 bytes r, s, v.
export function signVoucher(chainId, licences, secret, licence, total) {
  const domain = keccak_256(concat(
    DOMAIN, hash("Colophon Licences"), hash("1"), bigEndian(chainId, 32), bigEndian(BigInt(licences), 32)));
  const message = keccak_256(concat(VOUCHER, bigEndian(BigInt(licence), 32), bigEndian(total, 32)));
  const digest = keccak_256(concat(ascii("\x19\x01"), domain, message));
  const [recovery, ...rest] = secp256k1.sign(digest, secret, { prehash: false, format: "recovered" });
  return concat(Uint8Array.from(rest), Uint8Array.of(27 + recovery));
}

// Hand a voucher to the seller's server: { stream (address), mediaType, left } of the play that it pays for.
export async function redeem(server, licence, total, signature) {
  let response, answer;
  try {
    response = await fetch(`${server}/plays`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ licence: String(licence), total: String(total), signature: toHex(signature) }),
      credentials: "omit",
      referrerPolicy: "no-referrer",
    });
    answer = await response.json();
  } catch {
    refuse("checkout.server_unreachable", { server });
  }
  if (!response.ok) {
    const newest = /^\d+$/.test(answer?.newest) ? Number(answer.newest) : null;
    throw Object.assign(new Refused("checkout.play_refused", { message: String(answer?.message ?? "").slice(0, 300) }), { newest });
  }
  require(typeof answer.stream === "string" && answer.stream.startsWith("/"), "checkout.server_unreachable", { server });
  return { stream: server + answer.stream, mediaType: String(answer.media_type ?? ""), left: Number(answer.left) };
}

// As the app reads and writes it in `colophon licence redeem`.
export function voucherFile(chainId, contract, licence, total, signature) {
  const values = { chain_id: chainId, contract: checksummed(contract), licence: Number(licence), total, signature: toHex(signature) };
  return JSON.stringify({ format: "colophon-plays", version: 1, ...values }, null, 2) + "\n";
}

// EIP-55.
function checksummed(address) {
  const digits = address.slice(2);
  const mixed = toHex(hash(digits)).slice(2);
  return "0x" + Array.from(digits, (sign, i) => (parseInt(mixed[i], 16) > 7 ? sign.toUpperCase() : sign)).join("");
}
