// Creates docs/images/show.png, the picture in README.md: npm run screenshot

import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import { Catalog, browser, open } from "./pages.js";

const picture = fileURLToPath(new URL("../../docs/images/show.png", import.meta.url));
await mkdir(new URL(".", new URL("../../docs/images/show.png", import.meta.url)), { recursive: true });
const catalog = await Catalog.sample();
const chromium = await browser();
const { page, settled } = await open(chromium, await catalog.page(), { viewport: { width: 1120, height: 1000 } });
await page.screenshot({ path: picture });
await settled();
await chromium.close();
await catalog.remove();
