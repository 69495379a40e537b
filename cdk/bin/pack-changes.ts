// Compares the resources of the deployed template with the next template, for packs.sh. Prints lines for the script:
//
//   node --import tsx bin/pack-changes.ts DEPLOYED.json TEMPLATE.json
//
//   pack TEXT          what happens to a pack
//   deleted NUMBER     packs that are deleted, if any
//   lost NUMBER        rules that are deleted from packs that stay, if any
//   none               nothing changes

import { readFileSync } from 'node:fs';
import { packChanges } from '../lib/pack-changes.ts';

const [deployed, template] = process.argv.slice(2).map((path) => JSON.parse(readFileSync(path, 'utf8')));
const { lines, packs, rules, none } = packChanges(deployed ?? {}, template.Resources);
const width = Math.max(...lines.map(([name]) => name.length));
const printed = [
  ...lines.map(([name, text]) => `pack ${name.padEnd(width)}  ${text}`),
  ...(packs > 0 ? [`deleted ${packs}`] : []),
  ...(rules > 0 ? [`lost ${rules}`] : []),
  ...(none ? ['none'] : []),
];
process.stdout.write(printed.map((line) => `${line}\n`).join(''));
