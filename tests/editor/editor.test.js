import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import { after, before, test } from "node:test";

import { Server } from "./server.js";

const root = new URL("../../", import.meta.url);
const server = new Server();

before(() => server.start(root.href));
after(() => server.stop());

/** Returns a control with one data source; `|` is the position of the cursor. */
function control(type, keyword) {
  const text = `# yaml-language-server: $schema=../schemas/editor/control.schema.json
name: Access-KeysAreRotated
datasources:
  - sourceName: Keys
    sourceType: ${type}
    sourceKeyword:
      keywordValue: ${keyword}
`;
  const offset = text.indexOf("|");
  const before = text.slice(0, offset).split("\n");
  return { text: text.replace("|", ""), position: { line: before.length - 1, character: before.at(-1).length } };
}

let number = 0;

async function opened(type, keyword) {
  const { text, position } = control(type, keyword);
  const uri = new URL(`controls/unsaved-${number++}.yaml`, root).href;
  const findings = await server.open(uri, text);
  return { findings, at: { textDocument: { uri }, position } };
}

async function completions(type) {
  const { at } = await opened(type, "|");
  const { items } = await server.request("textDocument/completion", at);
  return new Map(items.map((item) => [item.label, item]));
}

test("keywords of each type are completed and explained", async () => {
  const config = await completions("AWS_Config");
  assert.ok(config.size >= 326, `${config.size} completions`);
  const explained = JSON.stringify(config.get("CLOUD_TRAIL_ENABLED").documentation);
  assert.match(explained, /config\/latest\/developerguide\/cloudtrail-enabled\.html/);
  const hub = await completions("AWS_Security_Hub");
  assert.match(JSON.stringify(hub.get("PCI.IAM.1").documentation), /PCI DSS/);
  assert.ok(!hub.has("CLOUD_TRAIL_ENABLED"));
  assert.ok((await completions("AWS_API_Call")).has("iam_ListGroups"));
  assert.ok((await completions("AWS_Cloudtrail")).has("iam_CreateUser"));
});

/** Returns the completions at `|` below the keyword of an AWS Config rule. */
async function below(keyword, lines) {
  const { text } = control("AWS_Config", `${keyword}|`);
  const complete = text + lines;
  const offset = complete.indexOf("|");
  const before = complete.slice(0, offset).split("\n");
  const uri = new URL(`controls/unsaved-${number++}.yaml`, root).href;
  await server.open(uri, complete.replace("|", ""));
  const position = { line: before.length - 1, character: before.at(-1).length };
  const { items } = await server.request("textDocument/completion", { textDocument: { uri }, position });
  return new Map(items.map((item) => [item.label, item]));
}

test("parameters of a rule, and bounds, are completed and explained", async () => {
  const policy = await below("IAM_PASSWORD_POLICY", "    requiredParameters:\n      |\n");
  assert.ok(policy.has("MinimumPasswordLength") && policy.has("RequireSymbols"), [...policy.keys()].join());
  assert.ok(!policy.has("maxAccessKeyAge"));
  assert.match(JSON.stringify(policy.get("MinimumPasswordLength").documentation), /a whole number.*14/);
  const keys = await below("ACCESS_KEYS_ROTATED", "    requiredParameters:\n      |\n");
  assert.deepEqual([...keys.keys()].filter((label) => label.startsWith("max")), ["maxAccessKeyAge"]);
  const bounds = await below("ACCESS_KEYS_ROTATED", "    requiredParameters:\n      maxAccessKeyAge:\n        |\n");
  assert.ok(bounds.has("atMost") && bounds.has("oneOf"), [...bounds.keys()].join());
});

test("hovering over a keyword explains it", async () => {
  const { at } = await opened("AWS_Config", "INCOMING_SSH_|DISABLED");
  const hover = await server.request("textDocument/hover", at);
  assert.match(JSON.stringify(hover.contents), /restricted-ssh/);
  const key = await opened("AWS_Config|", "ENCRYPTED_VOLUMES");
  const type = await server.request("textDocument/hover", key.at);
  assert.match(JSON.stringify(type.contents), /Evaluations of an AWS Config rule/);
});

test("keywords that are invalid are underlined, and those that may be valid are not", async () => {
  for (const [type, keyword, wrong] of [
    ["AWS_Config", "restricted-ssh|", true],
    ["AWS_Config", "Custom_ours|", false],
    ["AWS_Security_Hub", "S3.999|", true],
    ["AWS_API_Call", "iam_CreateUser|", true],
    ["AWS_Cloudtrail", "brandnew_CreateThing|", false],
    ["AWS_Cloudtrail", "ConsoleLogin|", true],
    ["MANUAL", "anything|", false],
  ]) {
    const { findings } = await opened(type, keyword);
    assert.equal(findings.length > 0, wrong, `${type} ${keyword}: ${JSON.stringify(findings)}`);
  }
});

test("nothing is underlined in the sample catalog", async () => {
  let files = 0;
  for (const directory of ["controls/", "frameworks/"]) {
    for (const name of await readdir(new URL(directory, root), { recursive: true })) {
      if (!name.endsWith(".yaml")) continue;
      const file = new URL(directory + name, root);
      const text = await readFile(file, "utf8");
      assert.match(text, /^# yaml-language-server: \$schema=[./]+\/schemas\/editor\//);
      assert.deepEqual(await server.open(file.href, text), [], name);
      files += 1;
    }
  }
  assert.ok(files > 30);
});
