// What the tests of a file share.

import { after, before } from "node:test";

import { open as openIn, browser as start, violations as violationsIn } from "./pages.js";

/** A browser for the tests of a file, and catalogs that are removed after them. */
export function fixture() {
  let browser;
  const catalogs = [];
  before(async () => {
    browser = await start();
  });
  after(async () => {
    await browser?.close();
    await Promise.all(catalogs.map((catalog) => catalog.remove()));
  });
  return {
    open: (address, options) => openIn(browser, address, options),
    violations: (address, options, prepare) => violationsIn(browser, address, options, prepare),
    async tracked(catalog) {
      catalogs.push(await catalog);
      return catalog;
    },
  };
}

/** The controls that are shown. */
export const shown = (page) => page.locator("article[data-control]:visible");
