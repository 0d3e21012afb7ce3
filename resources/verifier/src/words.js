// The wording of a page: of the verifier resources/i18n/en/page.toml, certificate.toml and networks.toml, put in by
// its build.mjs.

import { FALLBACK, NETWORKS, WORDS } from "virtual:words";

export function word(section, name, params = {}) {
  return fill(WORDS[section][name], params);
}

export const lines = (section, name, params) => word(section, name, params).split("\n");

// Title, reason and next step of a code such as "certificate.expired".
export function message(code, params) {
  const entry = WORDS[code] ?? WORDS[FALLBACK];
  return Object.fromEntries(Object.entries(entry).map(([name, text]) => [name, fill(text, params)]));
}

const fill = (text, params = {}) =>
  text.replace(/\{(\w+)\}/g, (place, name) => (name in params ? String(params[name]) : place));

export const number = (value) => new Intl.NumberFormat("en-GB").format(value);

// Seconds since 1970, as the app and the PDF write it.
export function time(seconds) {
  const date = new Date(seconds * 1000);
  const day = new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeZone: "UTC" }).format(date);
  return `${day}, ${date.toISOString().slice(11, 16)} UTC`;
}

export function networkName(chainId) {
  return NETWORKS[chainId]?.name ?? word("facts", "network_other", { number: chainId });
}

export const explorerOf = (chainId) => NETWORKS[chainId]?.explorer;
