// Reads the settings of the next deployment for deploy.sh: those that the stack keeps, a settings file, and NAME=VALUE. Writes
// them to a file for the CDK, and prints lines for the script:
//
//   node --import tsx bin/settings.ts --kept FILE --write FILE --region REGION [--settings FILE] [NAME=VALUE ...]
//
//   setting NAME=VALUE     a setting, with its default if the script needs it
//   change NAME: A -> B    a setting that differs from what the stack keeps

import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { DefaultStackSynthesizer } from 'aws-cdk-lib';
import { changes, exitOnSettingsError, type Kept, pair, settingsFile } from '../lib/setting-kinds.ts';
import { checkRegion, keyPrefix, nextSettings, SETTINGS } from '../lib/settings.ts';

const type = 'string';
const options = { kept: { type }, write: { type }, region: { type }, settings: { type } } as const;

exitOnSettingsError(2, () => {
  const { values, positionals } = parseArgs({ allowPositionals: true, options });
  const kept: Kept = JSON.parse(readFileSync(values.kept!, 'utf8')) ?? {};
  const file = values.settings === undefined ? {} : settingsFile(values.settings);
  const settings = nextSettings(kept, { ...file, ...Object.fromEntries(positionals.map(pair)) });
  checkRegion(settings, values.region!);
  writeFileSync(values.write!, JSON.stringify(settings));
  const known = { architecture: 'x86_64', qualifier: DefaultStackSynthesizer.DEFAULT_QUALIFIER, ...settings, prefix: keyPrefix(settings.prefix) };
  for (const [name, value] of Object.entries(known)) {
    process.stdout.write(`setting ${name}=${typeof value === 'object' && !Array.isArray(value) ? JSON.stringify(value) : value}\n`);
  }
  for (const change of changes(Object.keys(SETTINGS), kept, settings)) {
    process.stdout.write(`change ${change}\n`);
  }
});
