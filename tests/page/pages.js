// Catalogs, their pages, and a browser.
//
// CONTROLSYNC_BIN is the path of the program, CHROMIUM that of the browser (default: /usr/bin/chromium).

import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";

import { chromium } from "playwright-core";

const root = fileURLToPath(new URL("../../", import.meta.url));
const program = process.env.CONTROLSYNC_BIN ?? join(root, "target/debug/controlsync");
const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

/** A directory with a catalog; `remove` removes it. */
export class Catalog {
  static async of(files) {
    const catalog = new Catalog();
    catalog.directory = await mkdtemp(join(tmpdir(), "controlsync-page-"));
    for (const [name, text] of Object.entries(files)) await catalog.write(name, text);
    return catalog;
  }

  /** The catalog of this repository. */
  static async sample() {
    const catalog = await Catalog.of({});
    for (const directory of ["controls", "frameworks"]) {
      await cp(join(root, directory), join(catalog.directory, directory), { recursive: true });
    }
    return catalog;
  }

  async write(name, text) {
    const path = join(this.directory, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  }

  async edit(name, from, to) {
    const text = await readFile(join(this.directory, name), "utf8");
    assert.ok(text.includes(from), `${name}: ${from}`);
    await this.write(name, text.replace(from, to));
  }

  /** Runs the program in the directory, and returns its output. */
  async run(...parameters) {
    const options = { cwd: this.directory, env: { PATH: process.env.PATH, HOME: this.directory }, maxBuffer: 1 << 26 };
    try {
      const { stdout } = await promisify(execFile)(program, parameters, options);
      return { code: 0, stdout };
    } catch (error) {
      if (typeof error.code !== "number") throw error;
      return { code: error.code, stdout: error.stdout, stderr: error.stderr };
    }
  }

  /** Returns the URL of the page that `show` writes. */
  page(...parameters) {
    return this.pageOf("show", ...parameters);
  }

  /** Returns the URL of the page that a command writes. */
  async pageOf(command, ...parameters) {
    const file = join(this.directory, `${command}.html`);
    const ran = await this.run(command, "--format", "html", "--out", file, ...parameters);
    assert.ok(ran.code < 2, ran.stderr);
    return pathToFileURL(file).href;
  }

  /** Applies the catalog to the account of `--local`, and seeds that. */
  async apply(seed) {
    assert.ok((await this.run("apply", "--local", "--yes")).code < 2);
    const emulator = spawn(program, ["emulator", "--state", ".controlsync/local.json"], { cwd: this.directory });
    try {
      const [, endpoint] = await new Promise((resolve, reject) => {
        createInterface(emulator.stdout).once("line", (line) => resolve(/listening on (\S+)/.exec(line)));
        emulator.once("error", reject).once("exit", () => reject(new Error("the emulator exited")));
      });
      const answer = await fetch(`${endpoint}/_emulator/seed`, { method: "POST", body: JSON.stringify(seed) });
      assert.equal(answer.status, 200, await answer.text());
    } finally {
      const ended = new Promise((resolve) => emulator.once("exit", resolve));
      emulator.kill();
      await ended;
    }
  }

  remove() {
    return rm(this.directory, { recursive: true, force: true });
  }
}

/** The seed of the sample account in the guide. */
export async function sampleAccount() {
  return JSON.parse(await readFile(join(root, "docs/guide/sample-account.json"), "utf8"));
}

const SENTENCE = "The system owner keeps evidence for this control, with the reviewer and the date of review. ";

/** Returns controls with four data sources each, and a framework for 25 of them, like tests/performance/measure.py. */
export function large(controls = 500) {
  const files = {};
  const name = (number) => `Family-Control${String(number).padStart(5, "0")}`;
  const sources = [
    ["AWS_Config", "S3_BUCKET_VERSIONING_ENABLED"],
    ["AWS_Security_Hub", "PCI.IAM.1"],
    ["AWS_Cloudtrail", "iam_CreateUser"],
  ];
  for (let number = 0; number < controls; number += 1) {
    let text = `name: ${name(number)}\ndescription: ${SENTENCE.repeat(2).trim()}\ntestingInformation: >-\n  ${SENTENCE.repeat(3).trim()}\n`;
    text += `actionPlanTitle: Fix problems\nactionPlanInstructions: |-\n  ${SENTENCE.repeat(4).trim()}\n`;
    text += `tags:\n  Family: Family ${number % 12}\n  ID: PRDS-${number}\n  NIST: NIST SP 800-53 Rev 4\ndatasources:\n`;
    sources.forEach(([type, keyword], source) => {
      text += `  - sourceName: Source ${source}\n    sourceDescription: The service checks each resource daily.\n`;
      text += `    sourceType: ${type}\n    sourceKeyword: {keywordValue: ${keyword}}\n`;
    });
    text += "  - sourceName: Report\n    sourceType: MANUAL\n    sourceDescription: The report of the quarter.\n";
    files[`controls/${number}.yaml`] = text;
  }
  for (let number = 0; number < controls / 25; number += 1) {
    let text = `name: Framework ${number}\ndescription: A part of the catalog.\ncontrolSets:\n`;
    for (let part = 0; part < 5; part += 1) {
      text += `  - name: Set ${part}\n    controls:\n`;
      for (let member = 0; member < 5; member += 1) text += `      - ${name(number * 25 + part * 5 + member)}\n`;
    }
    files[`frameworks/${number}.yaml`] = text;
  }
  return files;
}

/** Returns strings that try to be more than text. */
export function hostile() {
  const text = JSON.stringify(
    "<script>document.title = 'taken'</script> ]]> </style> \" onclick=alert(1) x=' <img src=https://example.org/x onerror=alert(1)>\n\u202egnirts \u200f",
  );
  return {
    "controls/a.yaml": `name: "<script>document.title='taken'</script>"\ndescription: ${text}\ntestingInformation: ${text}\n` +
      `actionPlanTitle: "<b>x"\nactionPlanInstructions: ${text}\ntags: {Owner: "a=b c"}\ndatasources:\n` +
      `  - sourceName: "</ul><script>document.title='taken'</script>"\n    sourceType: AWS_Config\n` +
      `    sourceKeyword: {keywordValue: "Custom_ours"}\n    troubleshootingText: ${text}\n`,
    "controls/long.yaml": `name: ${"n".repeat(300)}\ndescription: ${"word".repeat(250)}\ntags: {${"k".repeat(128)}: ${"v".repeat(255)}}\n`,
    "controls/right-to-left.yaml": `name: بقرة\ndescription: ${JSON.stringify("كل مستخدم له عامل ثان. MFA 2")}\n`,
    "controls/invalid.yaml": `name: "<img src=x onerror=alert(1)>"\nunknown: 1\n`,
    "frameworks/f.yaml": `name: "</title><script>document.title='taken'</script>"\ncontrolSets:\n  - name: "</h4><h1>S"\n    controls: [${"n".repeat(300)}, "<script>", بقرة]\n`,
  };
}

/** Starts a browser; `close` stops it. */
export function browser() {
  const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
  // As root, such as in containers, Chromium has no sandbox; it opens only files that a test just created.
  const args = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  return chromium.launch({ executablePath, args });
}

/**
 * Opens a page in a new context. `settled` closes it, and fails if the page logged anything or requested anything but
 * itself.
 */
export async function open(browser, address, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const page = await context.newPage();
  const problems = [];
  page.on("console", (message) => problems.push(`${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("dialog", (dialog) => {
    problems.push(`dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  const own = address.split("#")[0];
  page.on("request", (request) => {
    const url = request.url();
    if (url.split("#")[0] !== own && !url.startsWith("data:")) problems.push(`requests ${url}`);
  });
  await page.goto(address);
  const settled = async () => {
    await context.close();
    assert.deepEqual(problems, []);
  };
  return { page, settled };
}

/** Returns the violations that axe finds, if they are serious or worse. */
export async function violations(browser, address, options, prepare) {
  // The policy of the page blocks other scripts; the tested page is the same.
  const { page, settled } = await open(browser, address, { ...options, bypassCSP: true });
  await prepare?.(page);
  await page.addScriptTag({ path: axe });
  const found = await page.evaluate(() => globalThis.axe.run({ resultTypes: ["violations"] }));
  await settled();
  const bad = found.violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  return bad.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map((node) => node.html).join(" | ")}`);
}
