// Judges an existing bucket for deploy.sh. Prints one line for each problem:
//
//   node --import tsx bin/existing-bucket.ts BUCKET REGION SETTINGS.json FACTS.json
//
//   error TEXT      it cannot be used
//   warning TEXT    it can be used

import { readFileSync } from 'node:fs';
import { judge } from '../lib/existing-bucket.ts';
import { readSettings } from '../lib/settings.ts';

const [bucket = '', region = '', ...files] = process.argv.slice(2);
const [settings, facts] = files.map((path) => JSON.parse(readFileSync(path, 'utf8')));
const { errors, warnings } = judge(bucket, facts, readSettings(settings), region);
for (const [kind, texts] of Object.entries({ error: errors, warning: warnings })) {
  for (const text of texts) {
    process.stdout.write(`${kind} ${text}\n`);
  }
}
