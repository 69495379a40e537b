// The settings of the stack.

import { readFileSync } from 'node:fs';
import { DefaultStackSynthesizer, Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { CATALOG_PATHS } from './catalog-paths.ts';
import { REPORTS_FOLDER } from './reports.ts';
import {
  choice,
  flag,
  type Kept,
  number,
  pair,
  readTable,
  retention,
  type Setting,
  settingsInContext,
  SettingsError,
  text,
  type Values,
  type Words,
} from './setting-kinds.ts';

const CONFIG = JSON.parse(
  readFileSync(new URL('../../schemas/config.schema.json', import.meta.url), 'utf8'),
).properties;

const isEmail = (value: unknown) => typeof value === 'string' && /^[^@\s,]+@[^@\s,]+\.[^@\s,]+$/.test(value);

const emails: Setting<readonly string[]> = {
  meaning: 'Who receives the reports by email. Each address must confirm its subscription once',
  byDefault: 'none',
  form: 'email addresses, separated by commas, or a list in a settings file',
  read: (value) => {
    const found = typeof value === 'string' ? value.split(',').map((one) => one.trim()) : value;
    return Array.isArray(found) && found.every(isEmail) ? [...new Set(found)] : undefined;
  },
};

/** https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html */
const isTag = (key: string, value: unknown) =>
  typeof value === 'string' &&
  [key, value].every((part) => /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u.test(part)) &&
  key !== '' &&
  value !== '' &&
  !/^aws:/i.test(key) &&
  key.length <= 128 &&
  value.length <= 256;

const tags: Setting<Readonly<Record<string, string>>> = {
  meaning: 'Tags of the stack and of all its resources',
  byDefault: 'none',
  form: 'tags such as team=audit,stage=prod, or an object in a settings file',
  read: (value) => {
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    const pairs = typeof value === 'string' ? value.split(',').map(pair) : isObject ? Object.entries(value) : undefined;
    // https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-resource-tags.html
    const isValid = pairs && pairs.length <= 50 && pairs.every(([key, one]) => isTag(key, one));
    const found = isValid ? Object.fromEntries(pairs) : {};
    return isValid && Object.keys(found).length === pairs.length ? found : undefined;
  },
};

/** A quota of Audit Manager with its figure; the function knows their names. */
const QUOTA = /^[a-z_]+=[1-9]\d*$/;

/** Whether a field of a cron expression contains only `*`, numbers, ranges and steps within two limits. */
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

/** Whether an EventBridge schedule expression fires at least once a day, as the alarm for missing runs expects. */
function isDaily(value: string): boolean {
  const rate = /^rate\((\d+) (hours?)\)$/.exec(value);
  if (rate) {
    const hours = Number(rate[1]);
    return hours === 1 ? rate[2] === 'hour' : hours >= 2 && hours <= 24 && rate[2] === 'hours';
  }
  const cron = /^cron\((\S+) (\S+) (\* \* \?|\? \* \*) \*\)$/.exec(value);
  return value === 'rate(1 day)' || (cron !== null && isField(cron[1]!, 0, 59) && isField(cron[2]!, 0, 23));
}

/** A schedule that fires at least once a day. */
const daily = (words: Words) =>
  text(
    'an EventBridge schedule that fires at least once a day, such as `rate(6 hours)` or `cron(30 4 * * ? *)`',
    isDaily,
    words,
  );

/** A catalog below another one would count as a part of it, and one below its reports would expire. */
const NOT_IN_PREFIX = ['.controlsync', ...[...CATALOG_PATHS, REPORTS_FOLDER].map((path) => path.replace('/', ''))];

/** All settings, in the order of the guide. */
export const SETTINGS = {
  catalog: text(
    '1 to 100 letters, digits, inner spaces and _ . : / = + - @',
    (value) => value.length <= CONFIG.catalog.maxLength && new RegExp(CONFIG.catalog.pattern).test(value),
    {
      meaning: 'Name of the catalog. If set, the role cannot write objects that another catalog owns',
      byDefault: 'the name in `controlsync.toml`',
    },
  ),
  mode: choice(['plan', 'apply'], {
    meaning: 'Whether the function writes to Audit Manager. With `plan`, its role does not allow it either',
    byDefault: '`plan`',
  }),
  prefix: text(
    'printable Latin-1 characters without * ? $ or outer spaces, and without a directory of a catalog, `reports` or `.controlsync`',
    // What a policy can hold, https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
    (value) =>
      /^[\u0020-\u007e\u00a1-\u00ff]*$/.test(value) &&
      !/[*?$]/.test(value) &&
      value.split('/').every((part) => part === part.trim() && !NOT_IN_PREFIX.includes(part)),
    { meaning: 'Key prefix of the catalog in the bucket', byDefault: 'none' },
  ),
  adopt: choice(['never', 'identical', 'all'], {
    meaning: 'Which existing objects to adopt, like `--adopt` of [`plan`](../plan-and-apply.md)',
    byDefault: '`identical`',
  }),
  drift: choice(['report', 'repair'], {
    meaning: 'Whether to report or to repair changes made in the account',
    byDefault: '`report`',
  }),
  onRemove: choice(['retain', 'delete'], {
    meaning: 'Whether to retain or to delete objects whose files were removed. `delete` requires `catalog`',
    byDefault: '`retain`',
  }),
  maxDeletes: number('a whole number such as 10', (value) => Number.isInteger(value) && value >= 0, {
    meaning: 'The most objects that a run may delete',
    byDefault: 'like `--max-deletes`',
  }),
  notify: choice(['all', 'changes', 'errors'], { meaning: 'Which runs are reported by email', byDefault: '`all`' }),
  emails,
  eventsTopic: flag({ meaning: 'Whether to create the events topic, for JSON notifications', byDefault: '`false`' }),
  alarmsTopic: text(
    'the ARN of a topic, such as arn:aws:sns:eu-west-1:111122223333:on-call',
    (value) => /^arn:[^:]+:sns:[^:]+:\d{12}:[\w-]{1,256}$/.test(value),
    {
      meaning: 'An existing topic for the alarms. Its policy must allow CloudWatch to publish',
      byDefault: 'a new topic, to which `emails` are subscribed too',
    },
  ),
  schedule: daily({ meaning: 'When the function compares everything, in UTC', byDefault: '`cron(23 4 * * ? *)`' }),
  rate: number('requests per second, more than 0 and at most 20', (value) => value > 0 && value <= 20, {
    meaning: 'Requests per second to Audit Manager. The account has 20, for all functions, the CLI and the console',
    byDefault: '10',
  }),
  quotas: text(
    'quotas such as custom_controls=800,custom_frameworks=200',
    (value) => value.split(',').every((part) => QUOTA.test(part.trim())),
    { meaning: 'Quotas of Audit Manager that AWS has raised, for warnings', byDefault: 'as in `controlsync.toml`' },
  ),
  evidence: flag({
    meaning: 'Whether to create the evidence function, which reports once a day which sources cannot collect evidence',
    byDefault: '`false`',
  }),
  evidenceSchedule: daily({ meaning: 'When the evidence function reads everything, in UTC', byDefault: '`cron(53 5 * * ? *)`' }),
  memberRole: text(
    'the name of a role, with its path if it has one, such as controlsync-evidence or audit/controlsync-evidence',
    (value) => value.split('/').every((part) => /^[\w+=,.@-]{1,64}$/.test(part)),
    {
      meaning: 'Role that the evidence function assumes to read the other accounts of assessments',
      byDefault: 'none: it reads its own account',
    },
  ),
  externalId: text(
    // https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
    '2 to 1224 letters, digits and _ + = , . @ : / -',
    (value) => /^[\w+=,.@:/-]{2,1224}$/.test(value),
    { meaning: 'External ID that `memberRole` demands', byDefault: 'none' },
  ),
  evidenceReports: flag({
    meaning: 'Whether the evidence function writes a [compliance report](compliance.md) to the bucket on each run, as JSON and as a page',
    byDefault: '`false`',
  }),
  reportDays: number('a whole number of days such as 400', (value) => Number.isInteger(value) && value >= 1, {
    meaning: 'Days after which reports are deleted',
    byDefault: '400; in an existing bucket, what its lifecycle rules say',
  }),
  aggregator: text(
    // https://docs.aws.amazon.com/config/latest/APIReference/API_DescribeConfigurationAggregators.html
    '1 to 256 letters, digits, _ and -',
    (value) => /^[\w-]{1,256}$/.test(value),
    {
      meaning: 'Aggregator of AWS Config in this account and Region from which the reports have the results of all accounts',
      byDefault: 'none: the results come from each account',
    },
  ),
  retention,
  existingBucket: text(
    'the name of a bucket, without `s3://`',
    (value) => new RegExp(CONFIG.bucket.properties.name.pattern).test(value) && !value.includes('..'),
    { meaning: 'An existing bucket to use instead of a new one', byDefault: 'a new bucket' },
  ),
  kmsKey: text(
    'the ARN of a KMS key, such as arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab',
    (value) => /^arn:[^:]+:kms:[^:]+:\d{12}:key\/[\w-]+$/.test(value),
    { meaning: 'The KMS key that encrypts the bucket', byDefault: 'SSE-S3' },
  ),
  permissionsBoundary: text(
    'the ARN of a policy, such as arn:aws:iam::111122223333:policy/boundary',
    (value) => /^arn:[^:]+:iam::(\d{12}|aws):policy\/.+$/.test(value),
    { meaning: 'Permissions boundary of the roles of functions', byDefault: 'none' },
  ),
  architecture: choice(['x86_64', 'arm64'], {
    meaning: 'Architecture of the functions',
    byDefault: '`x86_64`',
  }),
  tags,
  terminationProtection: flag({
    meaning: 'Whether the stack is protected against deletion',
    byDefault: '`false`',
  }),
  qualifier: text('1 to 10 letters or digits', (value) => /^[A-Za-z0-9]{1,10}$/.test(value), {
    meaning: 'Qualifier of the CDK bootstrap stack, if the account has one of its own',
    byDefault: `\`${DefaultStackSynthesizer.DEFAULT_QUALIFIER}\``,
  }),
};

/** Settings that have an effect only with another one. */
const OF_ANOTHER = {
  evidenceSchedule: 'evidence',
  memberRole: 'evidence',
  externalId: 'evidence',
  evidenceReports: 'evidence',
  reportDays: 'evidenceReports',
  aggregator: 'evidenceReports',
} as const;

/** Validated settings. SETTINGS documents each of them and its default. */
export type Settings = Values<typeof SETTINGS>;

/**
 * Validates settings.
 *
 * @throws SettingsError with one message for every invalid setting
 */
export function readSettings(given: Kept): Settings {
  const { settings, errors } = readTable(SETTINGS, given);
  if (settings.onRemove === 'delete' && settings.catalog === undefined) {
    errors.push('onRemove is delete, but catalog is not set: only objects of a named catalog can be deleted');
  }
  if (settings.onRemove === 'delete' && settings.catalog === 'default') {
    errors.push('onRemove is delete, but catalog is default: give the catalog its own name first');
  }
  if (settings.mode === 'apply' && settings.catalog === undefined) {
    errors.push('mode is apply, but catalog is not set: set it to the name in controlsync.toml; the role can write only its objects');
  }
  for (const [name, other] of Object.entries(OF_ANOTHER) as [keyof typeof OF_ANOTHER, 'evidence' | 'evidenceReports'][]) {
    if (settings[name] && !settings[other]) {
      errors.push(`${name} is set, but ${other} is not true: set ${other} to true, or remove ${name}`);
    }
  }
  if (settings.externalId !== undefined && settings.memberRole === undefined) {
    errors.push('externalId is set, but memberRole is not: set it to the name of the role that demands the external ID');
  }
  if (errors.length > 0) {
    throw new SettingsError(errors.join('\n'));
  }
  return settings;
}

/**
 * Reads settings from the CDK context.
 *
 * @throws SettingsError with one message for every invalid setting
 */
export function settingsOf(node: IConstruct['node']): Settings {
  return readSettings(settingsInContext(SETTINGS, node));
}

/**
 * The settings of the next deployment: those that the stack keeps, and what is given. An empty value returns to the default.
 *
 * @throws SettingsError with one message for every invalid setting
 */
export function nextSettings(kept: Kept, given: Kept): Settings {
  return readSettings({ ...kept, ...given });
}

/** The Region of an ARN. */
const regionOf = (arn: string) => arn.split(':')[3];

/**
 * Checks the settings for the Region of a stack, if it is known.
 *
 * @throws SettingsError if the key of the bucket or the topic of the alarms is in another Region
 */
export function checkRegion(settings: Settings, region: string): void {
  for (const name of ['kmsKey', 'alarmsTopic'] as const) {
    const arn = settings[name];
    if (arn !== undefined && ![arn, region].some(Token.isUnresolved) && regionOf(arn) !== region) {
      throw new SettingsError(`${name} is in ${regionOf(arn)}, but the stack is in ${region}: use one in ${region}`);
    }
  }
}

/** The key prefix of a catalog, without `/` at the start. If it is not empty, it ends with `/`. */
export function keyPrefix(prefix: string | undefined): string {
  const parts = (prefix ?? '').replace(/^\/+|\/+$/g, '');
  return parts === '' ? '' : `${parts}/`;
}
