// Times the page of `controlsync show`, for docs/performance.md: node tests/performance/measure_page.mjs
//
// Prints medians for 500 controls of four data sources each and 20 frameworks. tests/page/pages.js documents how to select the
// program and the browser; the modules are those of tests/page (npm ci --prefix tests/page).

import { stat } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";

import { Catalog, browser, large, open } from "../page/pages.js";

const RUNS = 11;
const WORDS = "evidence control004";

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const percentile99 = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length * 0.99)];
const maximum = (values) => Math.max(...values);

/** Measures the time from a key press to the frame with its results. */
function watchKeys() {
  globalThis.keys = [];
  let pressed = 0;
  addEventListener("keydown", (event) => {
    pressed = event.timeStamp;
  }, true);
  addEventListener("input", () => {
    requestAnimationFrame(() => {
      // A message is delivered after the frame.
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => globalThis.keys.push(performance.now() - pressed);
      port2.postMessage(null);
    });
  });
}

const catalog = await Catalog.of(large());
const address = await catalog.page();
const { size } = await stat(fileURLToPath(address));
const chromium = await browser();
const paints = [];
const keys = [];
for (let run = 0; run < RUNS; run += 1) {
  const { page, settled } = await open(chromium, address);
  await page.waitForFunction(() => performance.getEntriesByName("first-contentful-paint").length > 0);
  paints.push(await page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0].startTime));
  await page.evaluate(watchKeys);
  await page.locator("#search").focus();
  const before = keys.length;
  const strokes = [...WORDS, ...Array(WORDS.length).fill("Backspace")];
  for (const [index, key] of strokes.entries()) {
    await page.keyboard.press(key);
    await page.waitForFunction((count) => globalThis.keys.length > count, index);
  }
  keys.push(...(await page.evaluate(() => globalThis.keys)));
  if (keys.length - before !== strokes.length) throw new Error("a key press was not measured");
  await settled();
}
console.log(`${availableParallelism()} cores, Chromium ${chromium.version()}, ${RUNS} visits\n`);
console.log("| measurement | median | 99th percentile | maximum |\n|---|---|---|---|");
const row = (name, values) =>
  console.log(`| ${name} | ${[median, percentile99, maximum].map((of) => `${of(values).toFixed(0)} ms`).join(" | ")} |`);
row("first paint", paints);
row("from a key press in the search box to the frame with the results", keys);
console.log(`\npage: ${(size / 1e6).toFixed(2)} MB`);
await chromium.close();
await catalog.remove();
