// Opens pages in headless Chromium, takes the steps given, and tells what a person would see after each. One line in, one
// out for each page: { page, scheme?, width?, now?, steps: [...] } and { states, requests, problems } or { failed }. Each page
// has a profile of its own; the browser, whose path is the argument, ends when the input does.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const require = createRequire(new URL("../../resources/verifier/package.json", import.meta.url));
const { chromium } = require("playwright-core");

const browser = await chromium.launch({
  executablePath: process.argv[2],
  args: [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
  ],
});
let page;

// What each step does; its answer, if it has one, is added to the state.
const STEPS = {
  choose: ({ place, path }) => page.setInputFiles(`#choose-${place}`, path),
  type: ({ field, text }) => page.fill(`#${field}`, text),
  press: async ({ keys }) => {
    for (const key of keys) await page.keyboard.press(key);
    return page.evaluate(() => document.activeElement.textContent || document.activeElement.id);
  },
  drop: async ({ name, content, on }) => {
    const transfer = await page.evaluateHandle(
      ([name, content]) => {
        const made = new DataTransfer();
        made.items.add(new File([Uint8Array.from(atob(content), (sign) => sign.charCodeAt(0))], name));
        return made;
      },
      [name, content],
    );
    await page.dispatchEvent(on ?? "main", "drop", { dataTransfer: transfer });
  },
  save: async ({ button }) => {
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: button }).click()]);
    return readFileSync(await download.path()).toString("base64");
  },
  // Every byte of the certificate changed, one after the other: which of the copies are still valid?
  flip: ({ content, now }) =>
    page.evaluate(
      async ([content, now]) => {
        const { Refused, verify } = globalThis.colophon;
        const original = Uint8Array.from(atob(content), (sign) => sign.charCodeAt(0));
        const valid = [];
        for (let place = -1; place < original.length; place++) {
          const changed = original.slice();
          if (place >= 0) changed[place] ^= 1;
          try {
            const { proof } = await verify(changed, { now });
            if (proof.state === "valid") valid.push(place);
          } catch (error) {
            if (!(error instanceof Refused)) throw error;
          }
        }
        return valid;
      },
      [content, now],
    ),
  // What the policy does to a program that would send something.
  connect: ({ address }) =>
    page.evaluate(async (address) => {
      const violated = new Promise((resolve) =>
        addEventListener("securitypolicyviolation", (event) => resolve(event.effectiveDirective), { once: true }));
      await fetch(address).catch(() => {});
      return violated;
    }, address),
  look: () => page.evaluate(() => {
    const { color, backgroundColor } = getComputedStyle(document.body);
    const unlabelled = [...document.querySelectorAll("input:not(.unseen), button")].filter(
      (element) => !(element.labels?.length || element.textContent.trim()));
    return { color, backgroundColor, unlabelled: unlabelled.length, wider: document.body.scrollWidth > innerWidth };
  }),
};

async function state(answer) {
  await page.waitForFunction(() => document.querySelector("h1") && !document.querySelector("[aria-busy]"));
  return page.evaluate((answer) => {
    const texts = (selector) => [...document.querySelectorAll(selector)].map((element) => element.textContent);
    return {
      answer,
      heading: texts("h1")[0],
      document: document.title,
      announced: texts("#announcement")[0],
      verdicts: Object.fromEntries([...document.querySelectorAll(".verdict")].map((row) => [
        row.querySelector(".name").textContent, row.dataset.verdict])),
      text: document.querySelector("main").textContent,
      excerpt: texts("pre.excerpt")[0] ?? null,
    };
  }, answer);
}

async function visit({ page: path, scheme = "light", width = 1000, now, steps }) {
  const context = await browser.newContext({ colorScheme: scheme, viewport: { width, height: 900 }, acceptDownloads: true });
  try {
    page = await context.newPage();
    const requests = [];
    const problems = [];
    page.on("request", (request) => requests.push(request.url().split(",")[0]));
    page.on("pageerror", (error) => problems.push(error.message));
    page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
    if (now) await page.clock.setFixedTime(new Date(now * 1000));
    await page.goto(`file://${path}`);
    const states = [await state()];
    for (const { step, ...given } of steps) states.push(await state(await STEPS[step](given)));
    return { states, requests, problems };
  } finally {
    await context.close();
  }
}

try {
  for await (const line of createInterface({ input: process.stdin })) {
    const told = await visit(JSON.parse(line)).catch((error) => ({ failed: error.stack }));
    process.stdout.write(`${JSON.stringify(told)}\n`);
  }
} finally {
  await browser.close();
}
