// The offer that the page carries: read strictly, so that what is shown is what is bought.

import { fromHex, same, toHex, utf8 } from "../../verifier/src/bytes.js";
import { Refused, refuse, require } from "../../verifier/src/refused.js";
import { encode } from "./abi.js";
import { keccak_256 } from "./noble.js";

const ADDRESS = /^0x[0-9a-f]{40}$/;
const NATIVE = "0x" + "0".repeat(40);
export const PROVED = 1, SEALED = 2;
export const OFFER =
  "(address,address,address,uint256,uint256,uint256,uint256,uint256,bytes32,bytes32,bytes32[4],bytes32[4],bytes32)";

// What the island of the page says, as { chain, contracts, work, price, split, licence, package, sale, plays }.
// `sale` is the offer of the key as the contract knows it, `plays` the terms of prepaid plays; either may be null.
export function readOffer(given) {
  try {
    require(given.format === "colophon-checkout" && given.version === 1, "checkout.other_version");
    const { chain, work, licence } = given;
    const price = given.price && money(given.price.amount, given.price);
    const sale = given.offer && readSale(given.offer, given, price);
    const plays = given.plays && readPlays(given.plays);
    require(sale || plays, "checkout.altered");
    return {
      chain: { ...chain, rpc: chain.rpc.map(String) },
      contracts: Object.fromEntries(Object.entries(given.contracts).map(([name, each]) => [name, address(each)])),
      work: { ...work, token: address(work.token) },
      split: given.split, holdersShare: given.holders_share, parentsShare: given.parents_share ?? 0,
      package: given.package, price, licence, sale, plays,
    };
  } catch (error) {
    if (error instanceof Refused && error.code.startsWith("checkout.")) throw error;
    refuse("checkout.altered");
  }
}

function readSale(offer, { price, licence, work }, shown) {
  const size = Number(offer.size);
  const fields = [
    address(offer.token), address(offer.seller), address(offer.currency), BigInt(offer.price), BigInt(offer.method),
    BigInt(offer.time_limit), BigInt(offer.window), BigInt(size), fromHex(offer.cipher_root, 32),
    fromHex(offer.plain_root, 32), words(offer.a1), words(offer.a2), fromHex(offer.document, 32),
  ];
  const id = keccak_256(encode(OFFER, fields));
  // One word of the contract's terms that is shown otherwise would make the buyer agree to what he has not read.
  require(toHex(id) === offer.id, "checkout.altered");
  require(BigInt(offer.price) === shown.units && address(offer.currency) === shown.currency.address, "checkout.altered");
  require(address(work.token) === address(offer.token), "checkout.altered");
  require(same(documentHash(licence.text), fields[12]), "checkout.altered");
  require([PROVED, SEALED].includes(Number(offer.method)), "checkout.other_version");
  return {
    id, fields, size, price: shown, seller: fields[1], token: fields[0], method: Number(offer.method),
    timeLimit: Number(offer.time_limit), window: Number(offer.window),
    a1: fields[10], a2: fields[11],
    promised: { size, cipherRoot: fields[8], plainRoot: fields[9] },
  };
}

function readPlays(plays) {
  return {
    version: BigInt(plays.version),
    termsHash: fromHex(plays.terms_hash, 32),
    price: money(plays.price, plays),
    about: plays.price_about ?? "",
    server: (plays.server ?? "").replace(/\/$/, ""),
    text: plays.text,
  };
}

function money(amount, { currency, about }) {
  const { symbol, decimals, authorization = null } = currency;
  const isCoin = currency.address === null;
  return {
    units: BigInt(amount), about: about ?? "",
    currency: { address: isCoin ? NATIVE : address(currency.address), isCoin, symbol, decimals, authorization },
  };
}

// As the app hashes it: UTF-8, Unix line ends, no blank at either end.
export const documentHash = (text) => keccak_256(utf8(text.replaceAll("\r\n", "\n").trim()));

function words(list) {
  require(list.length === 4, "checkout.altered");
  return list.map((word) => fromHex(word, 32));
}

function address(text) {
  const found = text.toLowerCase();
  require(ADDRESS.test(found), "checkout.altered");
  return found;
}
