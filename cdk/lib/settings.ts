// What whoever deploys the stack decides.

import { readFileSync } from 'node:fs';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

const CONFIG = JSON.parse(
  readFileSync(new URL('../../schemas/config.schema.json', import.meta.url), 'utf8'),
).properties;

/** One thing to decide. */
interface Setting<T> {
  /** What it is for, in the guide. */
  readonly meaning: string;
  /** What holds where it is not set, in the guide. */
  readonly otherwise: string;
  /** What a value looks like: "set it to ...". */
  readonly form: string;
  /** A value of a settings file, or the text of a command line; undefined where it is none. */
  readonly read: (value: unknown) => T | undefined;
}

type Words = { readonly meaning: string; readonly otherwise: string };

function text(form: string, accepts: (value: string) => boolean, words: Words): Setting<string> {
  const read = (value: unknown) => (typeof value === 'string' && accepts(value) ? value : undefined);
  return { ...words, form, read };
}

function choice<T extends string>(choices: readonly T[], words: Words): Setting<T> {
  const form = choices.map((one) => `\`${one}\``).join(' or ');
  return { ...words, form, read: (value) => choices.find((one) => one === value) };
}

function number(form: string, accepts: (value: number) => boolean, words: Words): Setting<number> {
  const read = (value: unknown) => {
    const found = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    return typeof found === 'number' && accepts(found) ? found : undefined;
  };
  return { ...words, form, read };
}

const isEmail = (value: unknown) => typeof value === 'string' && /^[^@\s,]+@[^@\s,]+\.[^@\s,]+$/.test(value);

const emails: Setting<readonly string[]> = {
  meaning: 'Who gets the mails. Each has to confirm the subscription once',
  otherwise: 'nobody',
  form: 'addresses, with commas between them, or a list in a settings file',
  read: (value) => {
    const found = typeof value === 'string' ? value.split(',').map((one) => one.trim()) : value;
    return Array.isArray(found) && found.every(isEmail) ? [...new Set(found)] : undefined;
  },
};

const flag = (words: Words): Setting<boolean> => ({
  ...words,
  form: '`true` or `false`',
  read: (value) => ({ true: true, false: false })[String(value)],
});

/** Whether a field of a cron expression holds `*`, numbers, ranges and steps, each between two limits. */
function isField(text: string, least: number, most: number): boolean {
  return text.split(',').every((part) => {
    const [range = '', step = '1', ...rest] = part.split('/');
    const ends = range === '*' ? [least, most] : range.split('-').map((end) => (/^\d+$/.test(end) ? Number(end) : NaN));
    const [first = NaN, last = first] = ends;
    return (
      rest.length === 0 &&
      ends.length <= 2 &&
      /^[1-9]\d*$/.test(step) &&
      least <= first &&
      first <= last &&
      last <= most
    );
  });
}

/** Whether an expression of EventBridge fires at least once a day, as the alarm of missing runs needs it. */
function isDaily(value: string): boolean {
  const rate = /^rate\((\d+) (hours?)\)$/.exec(value);
  if (rate) {
    const hours = Number(rate[1]);
    return hours === 1 ? rate[2] === 'hour' : hours >= 2 && hours <= 24 && rate[2] === 'hours';
  }
  const cron = /^cron\((\S+) (\S+) (\* \* \?|\? \* \*) \*\)$/.exec(value);
  return value === 'rate(1 day)' || (cron !== null && isField(cron[1]!, 0, 59) && isField(cron[2]!, 0, 23));
}

const RETENTION = Object.values(RetentionDays).filter(
  (days) => typeof days === 'number' && days < RetentionDays.INFINITE,
);

/** Everything that can be set, in the order of the guide. */
export const SETTINGS = {
  catalog: text(
    "a catalog's name: 1 to 100 letters, digits, inner blanks and _ . : / = + - @",
    (value) => value.length <= CONFIG.catalog.maxLength && new RegExp(CONFIG.catalog.pattern).test(value),
    {
      meaning: 'Name of the catalog. With it, the role can write nothing that another catalog owns',
      otherwise: 'that of `controlsync.toml`',
    },
  ),
  mode: choice(['plan', 'apply'], {
    meaning: 'Whether the function writes. In `plan` its role cannot either',
    otherwise: '`plan`',
  }),
  prefix: text(
    'what the keys of the catalog begin with: letters of Latin-1 without * ? $ and outer blanks, and not `.controlsync`',
    // What a policy can hold, https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
    (value) =>
      /^[\u0020-\u007e\u00a1-\u00ff]*$/.test(value) &&
      !/[*?$]/.test(value) &&
      value === value.trim() &&
      !/^\/*\.controlsync(\/|$)/.test(value),
    { meaning: 'What the keys of the catalog begin with', otherwise: 'nothing' },
  ),
  adopt: choice(['never', 'identical', 'all'], {
    meaning: 'As `--adopt` of [`plan`](../plan-and-apply.md)',
    otherwise: '`identical`',
  }),
  drift: choice(['report', 'repair'], {
    meaning: 'What becomes of what somebody has changed in the account',
    otherwise: '`report`',
  }),
  onRemove: choice(['retain', 'delete'], {
    meaning: 'What becomes of objects whose files are gone. `delete` needs `catalog`',
    otherwise: '`retain`',
  }),
  maxDeletes: number('a whole number such as 10', (value) => Number.isInteger(value) && value >= 0, {
    meaning: 'How many may be deleted at once',
    otherwise: 'as `--max-deletes`',
  }),
  notify: choice(['all', 'changes', 'errors'], { meaning: 'Which runs are mailed', otherwise: '`all`' }),
  emails,
  eventsTopic: flag({ meaning: 'Whether there is a second topic, for programs', otherwise: '`false`' }),
  schedule: text(
    'an expression of EventBridge that fires at least once a day, such as `rate(6 hours)` or `cron(30 4 * * ? *)`',
    isDaily,
    { meaning: 'When the function compares everything, in UTC', otherwise: '`cron(23 4 * * ? *)`' },
  ),
  rate: number('requests a second, more than 0 and at most 20', (value) => value > 0 && value <= 20, {
    meaning: 'Requests a second to Audit Manager, of the 20 that the account has',
    otherwise: '10',
  }),
  retention: number(`one of ${RETENTION.join(', ')}`, (value) => RETENTION.includes(value), {
    meaning: 'Days for which the log is kept',
    otherwise: '90',
  }),
  existingBucket: text(
    'the name of a bucket, without `s3://`',
    (value) => new RegExp(CONFIG.bucket.properties.name.pattern).test(value) && !value.includes('..'),
    { meaning: 'A bucket that is there already, instead of a new one', otherwise: 'a new one' },
  ),
  kmsKey: text(
    'the ARN of a key, such as arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab',
    (value) => /^arn:[^:]+:kms:[^:]+:\d{12}:key\/[\w-]+$/.test(value),
    { meaning: 'The key that encrypts the bucket', otherwise: 'keys of Amazon S3 (SSE-S3)' },
  ),
  permissionsBoundary: text(
    'the ARN of a policy, such as arn:aws:iam::111122223333:policy/boundary',
    (value) => /^arn:[^:]+:iam::(\d{12}|aws):policy\/.+$/.test(value),
    { meaning: 'A permissions boundary for the role', otherwise: 'none' },
  ),
  architecture: choice(['x86_64', 'arm64'], {
    meaning: 'What the function is built for',
    otherwise: '`x86_64`',
  }),
};

/** What was decided; SETTINGS says what each is for, and what holds where one is left out. */
export type Settings = {
  readonly [Name in keyof typeof SETTINGS]?: NonNullable<ReturnType<(typeof SETTINGS)[Name]['read']>>;
};

/** Settings that cannot be, in sentences for whoever wrote them. */
export class SettingsError extends Error {}

/** Does something; where settings cannot be, tells whoever wrote them why, a line each, and ends with an exit code. */
export function orTell(exitCode: number, work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof SettingsError)) {
      throw error;
    }
    for (const fault of error.message.split('\n')) {
      process.stderr.write(`error: ${fault}\n`);
    }
    process.exit(exitCode);
  }
}

function isSetting(name: string): name is keyof Settings {
  return Object.hasOwn(SETTINGS, name);
}

/**
 * Settings as they were given, each held against its form.
 *
 * @throws SettingsError that names all that is wrong
 */
export function readSettings(given: Readonly<Record<string, unknown>>): Settings {
  const faults: string[] = [];
  const settings: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined || value === '') {
      // As if it were not set.
    } else if (!isSetting(name)) {
      faults.push(`there is no setting ${name}; there are ${Object.keys(SETTINGS).join(', ')}`);
    } else if (Token.isUnresolved(value)) {
      settings[name] = value;
    } else {
      settings[name] = SETTINGS[name].read(value);
      if (settings[name] === undefined) {
        faults.push(`${name} is ${JSON.stringify(value)}: set it to ${SETTINGS[name].form}`);
      }
    }
  }
  if (settings.onRemove === 'delete' && settings.catalog === undefined) {
    faults.push("onRemove is delete, and catalog is not set: what may be deleted is told by the catalog's name");
  }
  if (settings.onRemove === 'delete' && settings.catalog === 'default') {
    faults.push(
      'onRemove is delete, and catalog is default: give the catalog a name of its own before it may delete',
    );
  }
  if (faults.length > 0) {
    throw new SettingsError(faults.join('\n'));
  }
  return settings;
}

/** Where settings stand in the context of the CDK. */
const CONTEXT = 'controlsync:';

/**
 * Settings of the CDK's context: `-c controlsync:NAME=VALUE`, and a JSON file that `-c controlsync:settings=FILE` names.
 * The command line beats the file.
 *
 * @throws SettingsError that names all that is wrong
 */
export function settingsOf(node: IConstruct['node']): Settings {
  const context = Object.entries(node.getAllContext() as Record<string, unknown>);
  const ours = Object.fromEntries(
    context.filter(([name]) => name.startsWith(CONTEXT)).map(([name, value]) => [name.slice(CONTEXT.length), value]),
  );
  const bare = context.map(([name]) => name).find(isSetting);
  if (bare !== undefined) {
    throw new SettingsError(`${bare} is no setting of the CDK: write ${CONTEXT}${bare}`);
  }
  const { settings: file, ...given } = ours;
  return readSettings({ ...(file === undefined ? {} : settingsFile(String(file))), ...given });
}

/**
 * What stands in a settings file, not yet held against any form.
 *
 * @throws SettingsError where it is no JSON object
 */
export function settingsFile(path: string): Record<string, unknown> {
  let found: unknown;
  try {
    found = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new SettingsError(`the settings in ${path} cannot be read: ${(error as Error).message}`);
  }
  if (typeof found !== 'object' || found === null || Array.isArray(found)) {
    throw new SettingsError(`the settings in ${path} are no JSON object such as { "mode": "apply" }`);
  }
  return found as Record<string, unknown>;
}

/** What the keys of a catalog begin with: no `/` at the start, and one at the end where it is not empty. */
export function keyPrefix(prefix: string | undefined): string {
  const parts = (prefix ?? '').replace(/^\/+|\/+$/g, '');
  return parts === '' ? '' : `${parts}/`;
}
