// Reads the settings of the next deployment for packs.sh: those that the stack keeps, and NAME=VALUE for each flag. Checks them and
// the packs, writes the settings to a file for the CDK, and prints lines for the script:
//
//   node --import tsx bin/pack-settings.ts --packs DIR --kept FILE --write FILE [NAME=VALUE ...]
//
//   setting NAME=VALUE     a setting, with its default if the script needs it
//   change NAME: A -> B    a setting that differs from what the stack keeps

import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { DefaultStackSynthesizer } from 'aws-cdk-lib';
import { readPacks } from '../lib/pack-directory.ts';
import { checkPacks, type Given, nextPackSettings, PACK_SETTINGS } from '../lib/pack-settings.ts';
import { changes, exitOnSettingsError, type Kept } from '../lib/setting-kinds.ts';

const type = 'string';
const options = { packs: { type }, kept: { type }, write: { type } } as const;

exitOnSettingsError(2, () => {
  const { values, positionals } = parseArgs({ allowPositionals: true, options });
  const kept: Kept = JSON.parse(readFileSync(values.kept!, 'utf8')) ?? {};
  const given = positionals.map((text): Given => [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)]);
  const settings = nextPackSettings(kept, given);
  checkPacks(readPacks(values.packs!), settings, given);
  writeFileSync(values.write!, JSON.stringify(settings));
  process.stdout.write(`setting qualifier=${settings.qualifier ?? DefaultStackSynthesizer.DEFAULT_QUALIFIER}\n`);
  for (const change of changes(PACK_SETTINGS, kept, settings as Kept)) {
    process.stdout.write(`change ${change}\n`);
  }
});
