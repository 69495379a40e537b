import assert from "node:assert/strict";
import { stat } from "node:fs/promises";
import { before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";

import { fixture, shown } from "./fixture.js";
import { Catalog, hostile, large } from "./pages.js";

const { open, violations, tracked } = fixture();

const count = (page) => page.locator("#count").textContent();

describe("the sample catalog", () => {
  let address;

  before(async () => {
    const catalog = await tracked(Catalog.sample());
    address = await catalog.page();
  });

  test("shows every framework and every control once", async () => {
    const { page, settled } = await open(address);
    assert.equal(await page.title(), "Audit Manager controls");
    assert.equal(await page.locator(".framework").count(), 4);
    assert.equal(await shown(page).count(), 34);
    assert.equal(await count(page), "34 controls");
    const anchors = await page.locator("[id]").evaluateAll((all) => all.map((element) => element.id));
    assert.equal(new Set(anchors).size, anchors.length);
    const links = await page.locator("a[href^='#']").evaluateAll((all) => all.map((link) => link.getAttribute("href").slice(1)));
    assert.deepEqual(links.filter((link) => !anchors.includes(link)), []);
    const pages = await page.locator(".key a").evaluateAll((all) => all.map((link) => link.href));
    assert.ok(pages.length > 100 && pages.every((link) => link.startsWith("https://docs.aws.amazon.com/")));
    assert.ok(pages.includes("https://docs.aws.amazon.com/config/latest/developerguide/access-keys-rotated.html"));
    assert.ok(pages.includes("https://docs.aws.amazon.com/securityhub/latest/userguide/iam-controls.html#iam-3"));
    await settled();
  });

  test("every chart has descriptions and figures", async () => {
    const { page, settled } = await open(address);
    const bars = page.locator(".bars li");
    assert.equal(await bars.count(), 4 + 7);
    for (const bar of await bars.all()) {
      assert.match(await bar.locator("svg[role=img] title").textContent(), /\d/);
      assert.match(await bar.locator(".figure").textContent(), /^\d+( %)?$/);
    }
    assert.equal(await page.locator(".chart").nth(2).locator("p").textContent(), "No findings.");
    await settled();
  });

  test("the search covers all texts and shows the number of matches", async () => {
    const { page, settled } = await open(address);
    await page.locator("#search").fill("PASSWORD strong length");
    assert.deepEqual(await shown(page).locator("h4").allTextContents(), ["Access-PasswordPolicyIsStrong"]);
    assert.match(await count(page), /^1 of 34 controls$/);
    assert.equal(await page.locator("#count").getAttribute("role"), "status");
    // Frameworks show their matching controls; families without a match are hidden.
    assert.equal(await page.locator(".framework:visible").count(), 2);
    assert.equal(await page.locator(".family:visible").count(), 1);
    await page.locator("#search").fill("ACCESS_KEYS_ROTATED");
    assert.equal(await shown(page).count(), 1);
    await page.locator("#search").fill("no such words anywhere");
    assert.equal(await shown(page).count(), 0);
    assert.ok(await page.locator("#nothing").isVisible());
    await page.locator("#show-all").click();
    assert.equal(await shown(page).count(), 34);
    assert.equal(await page.evaluate(() => document.activeElement.id), "search");
    // The name of a framework matches all its controls.
    await page.locator("#search").fill("incident readiness");
    assert.match(await count(page), /^13 of /);
    await settled();
  });

  test("filters by data source, tag and finding can be combined", async () => {
    const { page, settled } = await open(address);
    await page.locator("#type").selectOption("MANUAL");
    const manual = await shown(page).count();
    assert.ok(manual > 1 && manual < 34);
    for (const row of await shown(page).all()) assert.ok((await row.locator("[data-type=MANUAL]").count()) > 0);
    await page.locator("#tag").selectOption("Family=Access");
    const both = await shown(page).locator("h4").allTextContents();
    assert.deepEqual(both, ["Access-JoinersAndLeavers", "Access-RightsAreReviewed"]);
    await page.locator("#search").fill("rights");
    await page.locator("#finding").selectOption("none");
    assert.ok((await shown(page).count()) >= 1);
    await page.locator("#clear").click();
    assert.equal(await count(page), "34 controls");
    assert.equal(await page.locator("#clear").isVisible(), false);
    await settled();
  });

  test("a link leads to its control even if it is collapsed or filtered out", async () => {
    const id = "control-Access-KeysAreRotated";
    const { page, settled } = await open(`${address}#${id}`);
    const control = page.locator(`[id="${id}"]`);
    const here = async () => {
      assert.ok(await control.locator("details").evaluate((details) => details.open));
      await page.waitForFunction((id) => document.getElementById(id).contains(document.activeElement), id);
      await page.waitForFunction((id) => {
        const { top } = document.getElementById(id).getBoundingClientRect();
        return top >= 0 && top < innerHeight / 2;
      }, id);
    };
    await here();
    await page.locator("#search").fill("network");
    assert.equal(await control.isVisible(), false);
    await page.evaluate((id) => {
      location.hash = "";
      location.hash = id;
    }, id);
    await page.waitForFunction((id) => !document.getElementById(id).hidden, id);
    await here();
    // To a framework and back.
    await control.locator(".uses a").first().click();
    await page.waitForFunction(() => document.querySelector(".framework details[open]") !== null);
    assert.match(page.url(), /#framework-Cloud-Baseline~/);
    await page.goBack();
    assert.ok(page.url().endsWith(id));
    await settled();
  });

  test("the theme follows the system, and the button changes it for the visit", async () => {
    const background = (page) => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const { page, settled } = await open(address, { colorScheme: "light" });
    const light = await background(page);
    await page.locator("#theme").click();
    const dark = await background(page);
    assert.notEqual(dark, light);
    assert.equal(await page.locator("#theme").getAttribute("aria-pressed"), "true");
    await page.reload();
    assert.equal(await background(page), light);
    await settled();
    const other = await open(address, { colorScheme: "dark" });
    assert.equal(await background(other.page), dark);
    assert.equal(await other.page.locator("#theme").getAttribute("aria-pressed"), "true");
    await other.page.locator("#theme").click();
    assert.equal(await background(other.page), light);
    await other.settled();
  });

  test("in print everything is expanded and there are no buttons", async () => {
    const { page, settled } = await open(address, { colorScheme: "dark" });
    // The style alone expands everything.
    await page.emulateMedia({ media: "print" });
    const texts = page.locator("article[data-control] .columns");
    for (const text of await texts.all()) assert.ok((await text.boundingBox()).height > 20);
    assert.equal(await page.locator("button:visible, input:visible, select:visible").count(), 0);
    assert.equal(await page.evaluate(() => getComputedStyle(document.body).backgroundColor), "rgb(255, 255, 255)");
    await page.emulateMedia({ media: "screen" });
    // In older browsers the script does, and collapses everything after printing.
    const expanded = () => page.locator("details[open]").count();
    await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
    assert.equal(await expanded(), 4 + 34);
    await page.evaluate(() => dispatchEvent(new Event("afterprint")));
    assert.equal(await expanded(), 0);
    const pdf = await page.pdf({ format: "A4" });
    const pages = pdf.toString("latin1").match(/\/Type\s*\/Page\b/g).length;
    assert.ok(pages > 10 && pages < 40, `${pages} pages`);
    await settled();
  });

  test("the page can be used with the keyboard", async () => {
    const { page, settled } = await open(address);
    const active = () => page.evaluate(() => document.activeElement.id || document.activeElement.localName);
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement.className), "skip");
    await page.keyboard.press("Enter");
    assert.equal(await active(), "controls");
    await page.keyboard.press("Tab");
    assert.equal(await active(), "summary");
    await page.keyboard.press("Enter");
    assert.equal(await page.locator("article[data-control] details[open]").count(), 1);
    await page.keyboard.press("/");
    assert.equal(await active(), "search");
    await page.keyboard.type("root user");
    const fewer = await shown(page).count();
    assert.ok(fewer > 0 && fewer < 34);
    for (const next of ["type", "tag", "finding", "clear", "expand"]) {
      await page.keyboard.press("Tab");
      assert.equal(await active(), next);
    }
    await page.keyboard.press("Enter");
    assert.ok((await page.locator("article[data-control] details[open]:visible").count()) >= fewer);
    await page.keyboard.press("/");
    await page.keyboard.press("Escape");
    assert.equal(await shown(page).count(), 34);
    // The focused element is highlighted.
    await page.keyboard.press("Tab");
    assert.notEqual(await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle), "none");
    await settled();
  });

  test("without its script the page can be read and expanded", async () => {
    const { page, settled } = await open(address, { javaScriptEnabled: false });
    assert.equal(await page.locator("#bar").isVisible(), false);
    await page.locator("article[data-control] summary").first().click();
    assert.ok(await page.locator("article[data-control] .columns p").first().isVisible());
    await settled();
  });

  test("the page fits the width of a phone", async () => {
    const { page, settled } = await open(address, { viewport: { width: 360, height: 740 } });
    await page.locator("#expand").click();
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 360);
    await settled();
  });

  for (const colorScheme of ["light", "dark"]) {
    test(`no accessibility violations, ${colorScheme}`, async () => {
      assert.deepEqual(await violations(address, { colorScheme }), []);
      const expand = (page) => page.locator("#expand").click();
      assert.deepEqual(await violations(address, { colorScheme }, expand), []);
      const phone = { colorScheme, viewport: { width: 390, height: 844 } };
      assert.deepEqual(await violations(address, phone), []);
    });
  }
});

describe("a large catalog", () => {
  let address;
  let catalog;

  before(async () => {
    catalog = await tracked(Catalog.of(large()));
    address = await catalog.page();
  });

  test("500 controls and 20 frameworks take less than 1.5 MB", async () => {
    const { size } = await stat(fileURLToPath(address));
    assert.ok(size > 1e6 && size < 1.5e6, `${size} bytes`);
    const compared = await catalog.run("show", "--format", "html", "--local");
    // In a bare account, every source has a finding about its evidence.
    assert.ok(compared.stdout.length > size && compared.stdout.length < 2.5e6, `${compared.stdout.length} bytes`);
  });

  test("all controls can be found", async () => {
    const { page, settled } = await open(address);
    await page.locator("#search").fill("control00499");
    assert.equal(await count(page), "1 of 500 controls");
    // A key with 500 values has no filter.
    const groups = await page.locator("#tag optgroup").evaluateAll((all) => all.map((group) => group.label));
    assert.deepEqual(groups, ["Family", "NIST"]);
    await settled();
  });
});

describe("a hostile catalog", () => {
  let address;

  before(async () => {
    const catalog = await tracked(Catalog.of(hostile()));
    address = await catalog.page();
  });

  test("strings are shown as text", async () => {
    const { page, settled } = await open(address);
    assert.equal(await page.title(), "Audit Manager controls");
    assert.equal(await page.locator("script").count(), 1);
    assert.equal(await page.locator("img, main h1, iframe, object").count(), 0);
    const control = page.locator("article[data-control]").filter({ hasText: "Custom_ours" });
    await page.locator("#expand").click();
    assert.match(await control.locator(".columns p").first().textContent(), /^<script>document\.title = 'taken'<\/script> \]\]> <\/style>/);
    assert.match(await control.locator(".columns p").first().textContent(), /\n\\u\{202e\}gnirts \\u\{200f\}$/);
    // A tag value with `=`, which separates keys and values, is found.
    await page.locator("#tag").selectOption("Owner=a=b c");
    assert.equal(await shown(page).count(), 1);
    await settled();
  });

  test("long words fit the page, and right-to-left text is aligned to the right", async () => {
    for (const width of [360, 1280]) {
      const { page, settled } = await open(address, { viewport: { width, height: 800 } });
      await page.locator("#expand").click();
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), width);
      const sides = await page.getByText("كل مستخدم").evaluate((text) => {
        const range = document.createRange();
        range.selectNodeContents(text);
        const line = range.getBoundingClientRect();
        const box = text.getBoundingClientRect();
        return { left: line.left - box.left, right: box.right - line.right };
      });
      assert.ok(sides.right <= sides.left, JSON.stringify(sides));
      await settled();
    }
  });

  test("no accessibility violations", async () => {
    assert.deepEqual(await violations(address, {}, (page) => page.locator("#expand").click()), []);
  });
});

describe("with an account", () => {
  let address;

  before(async () => {
    const catalog = await tracked(Catalog.sample());
    assert.equal((await catalog.run("apply", "--local")).code, 0);
    const file = "controls/access/keys-are-rotated.yaml";
    await catalog.edit(file, "older than 90 days", "older than 60 days");
    await catalog.write("controls/new.yaml", "name: New\n");
    address = await catalog.page("--local");
  });

  test("each object has its state in the account, and a filter for it", async () => {
    const { page, settled } = await open(address);
    assert.match(await page.locator(".lead").textContent(), /account 000000000000 in us-east-1/);
    await page.locator("#state").selectOption("pending");
    assert.deepEqual(await shown(page).locator("h4").allTextContents(), ["Access-KeysAreRotated"]);
    await page.locator("#expand").click();
    const inAccount = shown(page).locator(".in-account");
    assert.match(await inAccount.textContent(), /The file changed/);
    assert.match(await inAccount.textContent(), /Cloud Baseline/, "the impact of the change");
    assert.match(await inAccount.textContent(), /account .*older than 90 days[^]*file .*older than 60 days/);
    await page.locator("#state").selectOption("to-create");
    assert.deepEqual(await shown(page).locator("h4").allTextContents(), ["New"]);
    await settled();
  });

  test("each control says whether it can collect evidence, and a filter finds it", async () => {
    const { page, settled } = await open(address);
    assert.deepEqual(await page.locator("#setup option").allTextContents(), ["all", "not-ready"]);
    await page.locator("#setup").selectOption("not-ready");
    assert.equal(await count(page), "35 of 35 controls");
    const control = shown(page).filter({ has: page.locator("h4", { hasText: "Access-KeysAreRotated" }) });
    assert.match(await control.locator("summary").textContent(), /evidence: not-ready/);
    await page.locator("#expand").click();
    assert.match(await control.locator(".findings").textContent(), /no managed rule ACCESS_KEYS_ROTATED|config-rule-not-deployed/);
    assert.equal(await control.locator(".sources .badge.not-ready").count(), 3);
    await settled();
  });

  for (const colorScheme of ["light", "dark"]) {
    test(`no accessibility violations, ${colorScheme}`, async () => {
      assert.deepEqual(await violations(address, { colorScheme }, (page) => page.locator("#expand").click()), []);
    });
  }
});
