// Validates settings and prints them for deploy.sh, one per line:
//
//   node --import tsx bin/settings.ts [--settings FILE] [NAME=VALUE ...]

import { parseArgs } from 'node:util';
import { exitOnSettingsError, keyPrefix, readSettings, settingsFile } from '../lib/settings.ts';

exitOnSettingsError(2, () => {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { settings: { type: 'string' } } });
  const given = positionals.map((text) => [text.split('=', 1)[0], text.slice(text.indexOf('=') + 1)]);
  const settings = readSettings({
    ...(values.settings === undefined ? {} : settingsFile(values.settings)),
    ...Object.fromEntries(given),
  });
  const known = { mode: 'plan', architecture: 'x86_64', ...settings, prefix: keyPrefix(settings.prefix) };
  for (const [name, value] of Object.entries(known)) {
    process.stdout.write(`${name}=${value}\n`);
  }
});
