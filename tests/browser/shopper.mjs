// A person in headless Chromium who follows orders, one JSON line each, and answers with one line each. What pages ask
// of the wallet goes out as { wallet: number, method, params } and is answered with { wallet, result } or { wallet, error }.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const require = createRequire(new URL("../../resources/verifier/package.json", import.meta.url));
const { chromium } = require("playwright-core");
const write = (value) => process.stdout.write(JSON.stringify(value) + "\n");

let browser, context, page;
let requests = [], problems = [];
const asked = new Map();

// What wallets put into a page: EIP-1193, announced after EIP-6963.
const PROVIDER = `(() => {
  const listeners = {};
  const provider = {
    request: async ({ method, params }) => {
      const { result, error, emit } = await askWallet(method, params ?? []);
      for (const [name, value] of emit ?? []) (listeners[name] ?? []).forEach((each) => each(value));
      if (error) throw Object.assign(new Error(error.message), error);
      return result;
    },
    on: (name, listener) => (listeners[name] ??= []).push(listener),
    removeListener: () => {},
  };
  Object.defineProperty(globalThis, "testWallet", { value: { emit: (name, value) => listeners[name].forEach((each) => each(value)) } });
  const detail = Object.freeze({ info: { uuid: "1", name: "Test wallet", icon: "data:image/svg+xml,<svg/>", rdns: "test" }, provider });
  const announce = () => dispatchEvent(new CustomEvent("eip6963:announceProvider", { detail }));
  addEventListener("eip6963:requestProvider", announce);
  announce();
})();`;

const ORDERS = {
  async launch({ executable }) {
    browser = await chromium.launch({
      executablePath: executable,
      args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync"],
    });
  },
  // Another person's browser, without any memory.
  async begin({ wallet = true, memory = true, scheme = "light", width = 1000, height = 900, scale = 1, picker = false }) {
    await context?.close();
    context = await browser.newContext({
      colorScheme: scheme, viewport: { width, height }, deviceScaleFactor: scale, acceptDownloads: true,
    });
    context.setDefaultTimeout(20_000);
    await context.exposeFunction("askWallet", (method, params) => new Promise((resolve) => {
      asked.set(asked.size, resolve);
      write({ wallet: asked.size - 1, method, params });
    }));
    if (wallet) await context.addInitScript(PROVIDER);
    // The dialog of the system cannot be driven: without it the page saves as in browsers that have none; with
    // "picker" it chooses a file in the browser's own private folder.
    await context.addInitScript(picker
      ? `globalThis.showSaveFilePicker = async ({ suggestedName }) =>
           (await navigator.storage.getDirectory()).getFileHandle(suggestedName, { create: true });`
      : "delete globalThis.showSaveFilePicker;");
    if (!memory) {
      await context.addInitScript(`Object.defineProperty(globalThis, "localStorage", {
        get() { throw new DOMException("not here", "SecurityError"); } });`);
    }
    [requests, problems] = [[], []];
  },
  async open({ url }) {
    page = await context.newPage();
    page.on("request", (request) => requests.push(request.url().split(",")[0]));
    page.on("pageerror", (error) => problems.push(error.message));
    page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
    await page.goto(url);
    await page.waitForSelector("main:not([aria-busy])");
  },
  close: () => page.close(),
  click: ({ name }) => page.getByRole("button", { name, exact: true }).click(),
  type: ({ field, text }) => page.fill(`#${field}`, text),
  choose: ({ place, path }) => page.setInputFiles(`#choose-${place}`, path),
  async drop({ name, content, on }) {
    const transfer = await page.evaluateHandle(([name, content]) => {
      const made = new DataTransfer();
      made.items.add(new File([Uint8Array.from(atob(content), (sign) => sign.charCodeAt(0))], name));
      return made;
    }, [name, content]);
    await page.dispatchEvent(on ?? "main", "drop", { dataTransfer: transfer });
  },
  see: ({ text, seconds = 20 }) => page.waitForFunction(
    (text) => document.querySelector("main").innerText.replaceAll("\u00a0", " ").includes(text), text, { timeout: seconds * 1000 }).then(() => null),
  async save({ name }) {
    const [download] = await Promise.all([
      page.waitForEvent("download"), page.getByRole("button", { name, exact: true }).click(),
    ]);
    return { name: download.suggestedFilename(), content: readFileSync(await download.path()).toString("base64") };
  },
  offline: ({ is }) => context.setOffline(is),
  // The answers of an address are left out from now on, or not.
  async block({ url, is }) {
    if (is) await context.route(`${url}/**`, (route) => route.abort("connectionrefused"));
    else await context.unroute(`${url}/**`);
  },
  emit: ({ name, value }) => page.evaluate(([name, value]) => testWallet.emit(name, value), [name, value]),
  run: ({ script }) => page.evaluate(script),
  key: ({ name }) => page.keyboard.press(name),
  async picture({ path, full = true }) {
    await page.screenshot({ path, fullPage: full });
  },
  text: () => page.evaluate(() => document.querySelector("main").innerText.replaceAll("\u00a0", " ")),
  look: () => page.evaluate(() => {
    const { color, backgroundColor } = getComputedStyle(document.body);
    const controls = [...document.querySelectorAll("input:not(.unseen), button, progress, audio, video")];
    const unlabelled = controls.filter((each) =>
      !(each.labels?.length || each.textContent.trim() || each.getAttribute("aria-label")));
    const clipped = [...document.querySelectorAll("main *")].filter((each) =>
      !each.closest(".unseen") && each.scrollWidth > each.clientWidth + 1 && getComputedStyle(each).overflow === "hidden");
    return {
      color, backgroundColor, unlabelled: unlabelled.length, clipped: clipped.length,
      wider: document.documentElement.scrollWidth > innerWidth,
      headings: [...document.querySelectorAll("h1, h2, h3")].map((each) => each.tagName),
      steps: [...document.querySelectorAll(".step")].map((each) => [each.querySelector("h3").firstChild.textContent, each.className.split(" ")[1]]),
    };
  }),
  seen: () => ({ requests, problems }),
  async quit() {
    await browser?.close();
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const order = JSON.parse(line);
  if ("wallet" in order && !order.order) {
    asked.get(order.wallet)(order);
    continue;
  }
  // Orders are carried out while the wallet's answers come in between.
  const done = Promise.resolve(order).then(ORDERS[order.order]).then(
    (answer) => write({ answer: answer ?? null }),
    (error) => write({ failed: error.message }),
  );
  if (order.order === "quit") {
    await done;
    process.exit();
  }
}
