// The page of `controlsync compliance`.

import assert from "node:assert/strict";
import { stat } from "node:fs/promises";
import { before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";

import { fixture, shown } from "./fixture.js";
import { Catalog, hostile, large, sampleAccount } from "./pages.js";

const { open, violations, tracked } = fixture();

const statuses = (page) => page.locator(".family:visible > h3").allTextContents();

describe("the sample account", () => {
  let address;
  let catalog;

  before(async () => {
    catalog = await tracked(Catalog.sample());
    await catalog.apply(await sampleAccount());
    address = await catalog.pageOf("compliance", "--local");
  });

  test("shows the score, and each control once with the worst first", async () => {
    const { page, settled } = await open(address);
    assert.equal(await page.title(), "Compliance");
    assert.match(await page.locator(".lead").textContent(), /account 000000000000 in us-east-1, 1 account. Read at 20\d\d-/);
    const totals = await page.locator(".totals dd").allTextContents();
    assert.deepEqual(totals, ["60%", "7", "0", "5", "18", "4"]);
    assert.deepEqual(await statuses(page), ["non-compliant 7", "no-data 5", "compliant 18", "evidence-only 2", "manual 2"]);
    assert.equal(await shown(page).count(), 34);
    const anchors = await page.locator("[id]").evaluateAll((all) => all.map((element) => element.id));
    assert.equal(new Set(anchors).size, anchors.length);
    const links = await page.locator("a[href^='#']").evaluateAll((all) => all.map((link) => link.getAttribute("href").slice(1)));
    assert.deepEqual(links.filter((link) => !anchors.includes(link)), []);
    await settled();
  });

  test("every chart has descriptions and figures", async () => {
    const { page, settled } = await open(address);
    assert.equal(await page.locator(".chart").count(), 4);
    for (const bar of await page.locator(".bars li").all()) {
      assert.match(await bar.locator("svg[role=img] title").textContent(), /\d/);
      assert.match(await bar.locator(".figure").textContent(), /^\d+(% \(\d+ of \d+\))?$/);
    }
    const labels = await page.locator(".chart").nth(3).locator(".label").allTextContents();
    assert.deepEqual(labels.slice(0, 3), ["VPC_SG_OPEN_ONLY_TO_AUTHORIZED_PORTS", "CW_LOGGROUP_RETENTION_PERIOD_CHECK", "S3_BUCKET_SSL_REQUESTS_ONLY"]);
    await settled();
  });

  test("a control shows its resources up to a number, its sources and what to do", async () => {
    const { page, settled } = await open(`${address}#control-Network-OnlyIntendedPortsAreOpen`);
    const control = page.locator("[id='control-Network-OnlyIntendedPortsAreOpen']");
    assert.match(await control.locator("summary").textContent(), /non-compliant\d+ noncompliant resources/);
    const resources = await control.locator(".in-account .listed li").allTextContents();
    assert.equal(resources.length, 21);
    assert.match(resources[0], /^account 000000000000 in us-east-1 {2}AWS::EC2::SecurityGroup {2}/);
    assert.match(resources[20], /^and \d+ more$/);
    assert.match(await control.locator(".sources").textContent(), /non-compliant: 130 noncompliant resources/);
    assert.match(await control.textContent(), /What to do if it fails/);
    await settled();
  });

  test("filters by status and searches accounts and resources", async () => {
    const { page, settled } = await open(address);
    assert.deepEqual(await page.locator("#status option").allTextContents(), ["all", "non-compliant", "no-data", "compliant", "evidence-only", "manual"]);
    await page.locator("#status").selectOption("no-data");
    assert.deepEqual(await statuses(page), ["no-data 5"]);
    assert.equal(await page.locator("#count").textContent(), "5 of 34 controls");
    await page.locator("#clear").click();
    await page.locator("#search").fill("securitygroup-00000003");
    assert.deepEqual(await shown(page).locator("h4").allTextContents(), ["Network-OnlyIntendedPortsAreOpen"]);
    await settled();
  });

  test("frameworks have their score, and their controls their status, the worst first", async () => {
    const { page, settled } = await open(address);
    const framework = page.locator(".framework").filter({ hasText: "Sample DataSecurity Framework" });
    assert.match(await framework.locator("summary").textContent(), /non-compliant.*4 control sets, 8 controls, 50% \(4 of 8\)/);
    await framework.locator("summary").click();
    const set = framework.locator(".sets section").first();
    assert.match(await set.locator(".hint").textContent(), /2 controls · 1 non-compliant, 1 compliant/);
    assert.match((await set.locator("li").allTextContents()).join(), /non-compliant,.* compliant$/);
    await settled();
  });

  test("a report of one control has that control alone, and no broken link", async () => {
    const one = await catalog.pageOf("compliance", "--local", "--control", "Logging-LogsAreKept");
    const { page, settled } = await open(one);
    assert.deepEqual(await shown(page).locator("h4").allTextContents(), ["Logging-LogsAreKept"]);
    assert.equal(await page.locator(".framework").count(), 0);
    assert.match(await page.locator("#frameworks + .hint").textContent(), /No framework was asked for/);
    await settled();
    address = await catalog.pageOf("compliance", "--local");
  });

  test("changes since an earlier report are shown", async () => {
    const { stdout } = await catalog.run("compliance", "--local", "--format", "json");
    const earlier = JSON.parse(stdout);
    for (const control of earlier.controls) {
      for (const source of control.sources.filter(({ keyword }) => keyword === "ENCRYPTED_VOLUMES")) source.accounts = [];
    }
    await catalog.write("earlier.json", JSON.stringify(earlier));
    const since = await catalog.pageOf("compliance", "--local", "--since", "earlier.json");
    const { page, settled } = await open(since);
    const changes = page.locator("section[aria-labelledby=changes]");
    assert.match(await changes.locator(".hint").first().textContent(), /^1 new, 0 resolved, 8 still open since 20/);
    assert.match(await changes.locator(".listed").textContent(), /DataSecurity-DataAtRest: ENCRYPTED_VOLUMES in account 000000000000/);
    await settled();
    address = await catalog.pageOf("compliance", "--local");
  });

  test("in print everything is expanded, and the page fits the width of a phone", async () => {
    const { page, settled } = await open(address, { viewport: { width: 360, height: 740 } });
    await page.locator("#expand").click();
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 360);
    await page.emulateMedia({ media: "print" });
    for (const text of await page.locator("article[data-control] .columns").all()) {
      assert.ok((await text.boundingBox()).height > 20);
    }
    assert.equal(await page.locator("button:visible, input:visible, select:visible").count(), 0);
    const pages = (await page.pdf({ format: "A4" })).toString("latin1").match(/\/Type\s*\/Page\b/g).length;
    assert.ok(pages > 10 && pages < 45, `${pages} pages`);
    await settled();
  });

  test("without its script the page can be read", async () => {
    const { page, settled } = await open(address, { javaScriptEnabled: false });
    assert.equal(await page.locator("#bar").isVisible(), false);
    await page.locator("article[data-control] summary").first().click();
    assert.ok(await page.locator("article[data-control] .listed").first().isVisible());
    await settled();
  });

  for (const colorScheme of ["light", "dark"]) {
    test(`no accessibility violations, ${colorScheme}`, async () => {
      const expand = (page) => page.locator("#expand").click();
      assert.deepEqual(await violations(address, { colorScheme }, expand), []);
      assert.deepEqual(await violations(address, { colorScheme, viewport: { width: 390, height: 844 } }), []);
    });
  }
});

describe("a large catalog", () => {
  test("100 controls that all fail for 900 resources take less than 1 MB", async () => {
    const catalog = await tracked(Catalog.of(large(100)));
    const source = { Owner: "AWS", SourceIdentifier: "S3_BUCKET_VERSIONING_ENABLED" };
    await catalog.apply({
      config: { rules: [{ ConfigRuleName: "versions", Source: source }], results: { versions: { nonCompliant: 900 } } },
      assessments: Array.from({ length: 4 }, (_, number) => ({ name: `${number}`, framework: `Framework ${number}`, accounts: ["000000000000"] })),
    });
    const address = await catalog.pageOf("compliance", "--local");
    const { size } = await stat(fileURLToPath(address));
    assert.ok(size > 3e5 && size < 1e6, `${size} bytes`);
    const { page, settled } = await open(address);
    assert.equal(await page.locator("#status option").allTextContents().then((all) => all.join()), "all,non-compliant");
    await page.locator("#search").fill("control00099");
    assert.equal(await page.locator("#count").textContent(), "1 of 100 controls");
    await settled();
  });
});

describe("a hostile account", () => {
  let address;

  before(async () => {
    const { "controls/invalid.yaml": invalid, "frameworks/f.yaml": _unknown, ...valid } = hostile();
    const catalog = await tracked(Catalog.of({
      ...valid,
      "frameworks/scope.yaml": "name: Scope\ncontrolSets:\n  - name: S\n    controls: [\"<script>document.title='taken'</script>\"]\n",
    }));
    const id = "<script>document.title = 'taken'</script>\u202e\" onclick=alert(1)";
    await catalog.apply({
      config: {
        rules: [{ ConfigRuleName: "ours", Source: { Owner: "CUSTOM_LAMBDA", SourceIdentifier: "arn:aws:lambda:us-east-1:000000000000:function:f" } }],
        results: { ours: { resources: [{ id, type: "AWS::S3::Bucket", compliance: "NON_COMPLIANT", annotation: id }] } },
      },
      assessments: [{ name: "a", framework: "Scope", accounts: ["000000000000"] }],
    });
    // A file with errors is left out of the report, and shown.
    await catalog.write("controls/invalid.yaml", invalid);
    address = await catalog.pageOf("compliance", "--local");
  });

  test("strings are shown as text", async () => {
    const { page, settled } = await open(address);
    assert.equal(await page.title(), "Compliance");
    assert.equal(await page.locator("script").count(), 1);
    assert.match(await page.locator("#invalid").textContent(), /unknown key `unknown` in control/);
    assert.equal(await page.locator("img, main h1, iframe, object").count(), 0);
    const resource = page.locator(".in-account .listed li");
    assert.match(await resource.first().textContent(), /<script>document\.title = 'taken'<\/script>\\u\{202e\}" onclick/);
    await settled();
  });

  test("long words fit the page, without accessibility violations", async () => {
    for (const width of [360, 1280]) {
      const { page, settled } = await open(address, { viewport: { width, height: 800 } });
      await page.locator("#expand").click();
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), width);
      await settled();
    }
    assert.deepEqual(await violations(address, {}, (page) => page.locator("#expand").click()), []);
  });
});
