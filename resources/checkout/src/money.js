// Amounts for people: whole numbers of the smallest unit, written with the currency's decimals.

// "12.5 USDC"; every digit that counts, never rounded.
export function amount(units, { symbol, decimals }) {
  const digits = String(units).padStart(decimals + 1, "0");
  const whole = digits.slice(0, digits.length - decimals);
  const part = decimals ? digits.slice(-decimals).replace(/0+$/, "") : "";
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return `${grouped}${part ? `.${part}` : ""}\u00a0${symbol}`;
}

// Parts per million as "33.3333 %".
export function share(parts) {
  return `${amount(parts, { symbol: "", decimals: 4 }).trim()}\u00a0%`;
}

// "12.3 MB", as file managers write it.
export function size(bytes) {
  const units = ["bytes", "kB", "MB", "GB", "TB"];
  let number = bytes, unit = 0;
  for (; number >= 1000 && unit < units.length - 1; unit++) number /= 1000;
  return `${unit && number < 100 ? number.toFixed(1) : Math.round(number)}\u00a0${units[unit]}`;
}
