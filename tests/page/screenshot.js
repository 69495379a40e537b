// Creates the pictures in README.md, docs/images/show.png and compliance.png: npm run screenshot

import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import { Catalog, browser, open, sampleAccount } from "./pages.js";

const directory = new URL("../../docs/images/", import.meta.url);
await mkdir(directory, { recursive: true });
const catalog = await Catalog.sample();
const chromium = await browser();

async function picture(name, address, height) {
  const { page, settled } = await open(chromium, address, { viewport: { width: 1120, height } });
  await page.screenshot({ path: fileURLToPath(new URL(`${name}.png`, directory)) });
  await settled();
}

await picture("show", await catalog.page(), 1000);
await catalog.apply(await sampleAccount());
await picture("compliance", await catalog.pageOf("compliance", "--local"), 1180);
await chromium.close();
await catalog.remove();
