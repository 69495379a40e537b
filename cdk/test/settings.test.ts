import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { App } from 'aws-cdk-lib';
import { changes, SettingsError } from '../lib/setting-kinds.ts';
import { checkRegion, nextSettings, readSettings, SETTINGS, type Settings, settingsOf } from '../lib/settings.ts';
import { BOUNDARY, EVIDENCE, KEY, resource, stack, template } from './stacks.ts';

const errorOf = (given: Record<string, unknown>) => {
  try {
    readSettings(given);
  } catch (error) {
    assert(error instanceof SettingsError);
    return error.message;
  }
  return assert.fail(`${JSON.stringify(given)} was accepted`);
};

const GOOD: Record<keyof typeof SETTINGS, unknown[]> = {
  catalog: ['house', 'a', 'Team A: audit/2026'],
  mode: ['plan'],
  prefix: ['teams', 'teams/audit/', 'audit-reports', '/', 'controlsync', 'équipe sécurité'],
  adopt: ['never', 'identical', 'all'],
  drift: ['report', 'repair'],
  onRemove: ['retain'],
  maxDeletes: [0, 10, '10'],
  notify: ['all', 'changes', 'errors'],
  emails: ['a@example.com', 'a@example.com, b@example.com', ['a@example.com']],
  eventsTopic: [true, false, 'true', 'false'],
  schedule: ['rate(1 day)', 'rate(1 hour)', 'rate(24 hours)', 'cron(0 4 * * ? *)', 'cron(0/30 6-18 ? * * *)'],
  rate: [20, 0.5, '12.5'],
  quotas: ['custom_controls=800', 'custom_controls=800, custom_frameworks=200'],
  evidence: [true, false, 'true'],
  evidenceSchedule: ['rate(12 hours)', 'cron(53 5 * * ? *)'],
  memberRole: ['controlsync-evidence', 'audit/controlsync-evidence', 'a/b+=,.@-_/c', 'r'.repeat(64)],
  externalId: ['42', 'house:evidence', 'a+=,.@:/-_', 'x'.repeat(1224)],
  evidenceReports: [true, false, 'true'],
  reportDays: [1, 400, '3650'],
  aggregator: ['organization', 'all_Accounts-2', 'a'.repeat(256)],
  retention: [1, 90, '3653'],
  existingBucket: ['team-catalog'],
  kmsKey: [KEY, KEY.replace('arn:aws', 'arn:aws-us-gov')],
  permissionsBoundary: [BOUNDARY],
  architecture: ['x86_64', 'arm64'],
  alarmsTopic: ['arn:aws:sns:eu-west-1:111122223333:on-call'],
  tags: ['team=audit', 'team=audit, stage=prod', { team: 'audit', 'cost center': '4711' }, {}],
  terminationProtection: [true, 'false'],
  qualifier: ['team', 'hnb659fds'],
};

const BAD: Record<keyof typeof SETTINGS, unknown[]> = {
  catalog: [' house', 'a'.repeat(101), 'a\nb', 7],
  mode: ['aply', true],
  prefix: ['a*', 'a?', '${a}', '.controlsync', '/.controlsync/a', 'a/.controlsync', '/ a', 'team/controls', 'reports', 'team/reports/a', 'a\u0007', ' a', 'a ', '監査'],
  adopt: ['yes'],
  drift: ['fix'],
  onRemove: ['remove'],
  maxDeletes: [-1, 1.5, 'ten', ' '],
  notify: ['none'],
  emails: ['a', 'a@b', 'a@example.com b@example.com', ['a'], 7, 'a@example.com,'],
  eventsTopic: ['yes', 1],
  schedule: [
    'rate(2 days)',
    'rate(25 hours)',
    'rate(0 hours)',
    'rate(1 hours)',
    'rate(2 hour)',
    'cron(0 4 ? * MON *)',
    'cron(0 4 1 * ? *)',
    'cron(60 4 * * ? *)',
    'cron(0 24 * * ? *)',
    'cron(0 4-2 * * ? *)',
    'cron(0/0 4 * * ? *)',
    'cron(a 4 * * ? *)',
    'cron(0, 4 * * ? *)',
    'daily',
  ],
  rate: [0, 21, 'x', NaN],
  quotas: ['custom_controls', 'custom_controls=0', 'Controls=1', '800'],
  evidence: ['yes', 1],
  evidenceSchedule: ['rate(2 days)', 'daily'],
  memberRole: ['/audit/evidence', 'audit/', 'a//b', 'evidence*', 'a?', '${role}', 'a b', 'r'.repeat(65), 'arn:aws:iam::111122223333:role/evidence'],
  externalId: ['x', 'a b', 'a*', 'x'.repeat(1225), 42],
  evidenceReports: ['yes', 1],
  reportDays: [0, -1, 1.5, 'forever', ' '],
  aggregator: ['a b', 'a*', 'a/b', 'a'.repeat(257), 42],
  retention: [2, 9999, 'forever'],
  existingBucket: ['s3://team', 'Team', 'a', 'my..bucket'],
  kmsKey: ['alias/mine', KEY.replace('key/', 'alias/')],
  permissionsBoundary: ['boundary'],
  architecture: ['amd64'],
  alarmsTopic: ['on-call', 'arn:aws:sqs:eu-west-1:111122223333:on-call'],
  tags: ['team', '=audit', 'team=', 'a=b,a=c', Object.fromEntries([...Array(51).keys()].map((n) => [`t${n}`, 'x'])), 'aws:team=audit', 'a=b;c', ['team'], { team: 7 }, { ['t'.repeat(129)]: '' }],
  terminationProtection: ['yes'],
  qualifier: ['my-team', 'longerthan10'],
};

/** Settings that others need. */
const NEEDED: Readonly<Record<string, Settings>> = {
  evidenceSchedule: { evidence: true },
  memberRole: { evidence: true },
  externalId: { evidence: true, memberRole: 'controlsync-evidence' },
  evidenceReports: { evidence: true },
  reportDays: { evidence: true, evidenceReports: true },
  aggregator: { evidence: true, evidenceReports: true },
};

test('every setting accepts valid values', () => {
  for (const [name, values] of Object.entries(GOOD)) {
    for (const value of values) {
      assert.doesNotThrow(() => readSettings({ ...NEEDED[name], [name]: value }), `${name}: ${JSON.stringify(value)}`);
    }
  }
});

test('an error names the setting, the value and the expected form', () => {
  for (const [name, values] of Object.entries(BAD)) {
    for (const value of values) {
      const error = errorOf({ [name]: value });
      assert(error.startsWith(`invalid value ${JSON.stringify(value)} for ${name}: set it to `), error);
    }
  }
});

test('all errors are reported together, including unknown settings', () => {
  assert.equal(
    errorOf({ mode: 'aply', drfit: 'repair' }),
    'invalid value "aply" for mode: set it to `plan` or `apply`\n' +
      `unknown setting drfit; the settings are ${Object.keys(SETTINGS).join(', ')}`,
  );
});

test('deletion requires a catalog name other than the default', () => {
  assert.match(errorOf({ onRemove: 'delete' }), /catalog is not set/);
  assert.match(errorOf({ onRemove: 'delete', catalog: 'default' }), /catalog is default: give the catalog its own/);
  assert.throws(() => stack({ onRemove: 'delete', catalog: 'default' }), SettingsError);
  assert.equal(readSettings({ onRemove: 'delete', catalog: 'house' }).onRemove, 'delete');
});

test('apply mode requires a catalog name', () => {
  const message = 'mode is apply, but catalog is not set: set it to the name in controlsync.toml; the role can write only its objects';
  assert.equal(errorOf({ mode: 'apply' }), message);
  assert.throws(() => stack({ mode: 'apply' }), SettingsError);
  assert.equal(readSettings({ mode: 'apply', catalog: 'house' }).mode, 'apply');
});

test('settings of the evidence function require it', () => {
  for (const [name, value] of Object.entries({ evidenceSchedule: 'rate(1 day)', memberRole: 'reader' })) {
    const message = `${name} is set, but evidence is not true: set evidence to true, or remove ${name}`;
    assert.equal(errorOf({ [name]: value }), message);
    assert.equal(errorOf({ [name]: value, evidence: 'false' }), message);
  }
  const { memberRole, externalId } = EVIDENCE;
  const message = 'externalId is set, but memberRole is not: set it to the name of the role that demands the external ID';
  assert.equal(errorOf({ evidence: true, externalId }), message);
  assert.match(errorOf({ externalId, memberRole }), /^memberRole is set, .*\nexternalId is set, but evidence is not true: /);
  assert.throws(() => stack({ memberRole }), SettingsError);
  // Turning it off names what must go too.
  assert.throws(() => nextSettings(EVIDENCE, { evidence: '' }), /evidenceSchedule is set, but evidence is not true/);
});

test('settings of the reports require them', () => {
  for (const [name, value] of Object.entries({ reportDays: 30, aggregator: 'organization' })) {
    const message = `${name} is set, but evidenceReports is not true: set evidenceReports to true, or remove ${name}`;
    assert.equal(errorOf({ evidence: true, [name]: value }), message);
    assert.equal(errorOf({ evidence: true, evidenceReports: 'false', [name]: value }), message);
  }
  assert.equal(errorOf({ evidenceReports: true }), 'evidenceReports is set, but evidence is not true: set evidence to true, or remove evidenceReports');
  assert.deepEqual(readSettings({ evidenceReports: 'false' }), { evidenceReports: false });
});

test('empty values count as not set', () => {
  assert.deepEqual(readSettings({ mode: '', catalog: undefined, emails: null }), {});
});

test('a deployment keeps the settings of the stack, except those that are given', () => {
  const kept = { mode: 'apply', catalog: 'house', emails: ['a@example.com'], tags: { team: 'audit' } };
  assert.deepEqual(nextSettings(kept, {}), kept);
  const next = nextSettings(kept, { mode: 'plan', emails: '', rate: '5' });
  assert.deepEqual(next, { mode: 'plan', catalog: 'house', tags: { team: 'audit' }, rate: 5 });
  assert.deepEqual(changes(Object.keys(SETTINGS), kept, next), ['mode: apply -> plan', 'emails: ["a@example.com"] -> default', 'rate: default -> 5']);
  assert.deepEqual(changes(Object.keys(SETTINGS), kept, nextSettings(kept, { emails: 'a@example.com' })), []);
  assert.throws(() => nextSettings(kept, { catalog: '' }), /mode is apply, but catalog is not set/);
});

test('the function keeps the settings', () => {
  const kept = (settings: Settings) => resource(template(settings), 'AWS::Lambda::Function', 'Function').Metadata.controlsync;
  assert.deepEqual(kept(EVIDENCE), JSON.parse(JSON.stringify(EVIDENCE)));
  assert.deepEqual(kept({}), {});
  // A change of the metadata of the template alone would not be an update.
  assert.equal(template(EVIDENCE).toJSON().Metadata, undefined);
});

test('a key and a topic of another Region are rejected', () => {
  const elsewhere = KEY.replace('eu-west-1', 'us-east-1');
  const message = 'kmsKey is in us-east-1, but the stack is in eu-west-1: use one in eu-west-1';
  assert.throws(() => stack({ kmsKey: elsewhere }), { message });
  assert.throws(() => checkRegion({ alarmsTopic: 'arn:aws:sns:us-east-1:111122223333:on-call' }, 'eu-west-1'), /^Error: alarmsTopic is in/);
  checkRegion({ kmsKey: KEY }, 'eu-west-1');
});

test('strings from the command line are converted', () => {
  const given = {
    maxDeletes: '3',
    rate: '5',
    eventsTopic: 'false',
    emails: 'a@example.com,b@example.com,a@example.com',
  };
  assert.deepEqual(readSettings(given), {
    maxDeletes: 3,
    rate: 5,
    eventsTopic: false,
    emails: ['a@example.com', 'b@example.com'],
  });
});

test('the tests cover every setting', () => {
  assert.deepEqual(Object.keys(EVIDENCE).sort(), Object.keys(SETTINGS).sort());
});

const file = (text: string) => {
  const path = join(mkdtempSync(join(tmpdir(), 'controlsync-')), 'settings.json');
  writeFileSync(path, text);
  return path;
};
const ofContext = (context: Record<string, unknown>) => settingsOf(new App({ context }).node);

test('settings come from the context and from a file, and the command line overrides the file', () => {
  const settings = file('{ "mode": "plan", "catalog": "house", "emails": ["a@example.com"] }');
  assert.deepEqual(ofContext({ 'controlsync:settings': settings, 'controlsync:mode': 'apply' }), {
    mode: 'apply',
    catalog: 'house',
    emails: ['a@example.com'],
  });
  assert.deepEqual(ofContext({ 'team:mode': 'apply' }), {});
});

test('an invalid settings file is named in the error', () => {
  for (const [text, why] of [
    ['{', /cannot read/],
    ['[]', /are not a JSON object/],
    ['null', /are not a JSON object/],
  ] as const) {
    assert.throws(() => ofContext({ 'controlsync:settings': file(text) }), why);
  }
  assert.throws(
    () => ofContext({ 'controlsync:settings': '/nowhere.json' }),
    /cannot read the settings in \/nowhere\.json: ENOENT/,
  );
});

test('a setting without its prefix is an error', () => {
  assert.throws(() => ofContext({ mode: 'apply' }), /the setting mode has no prefix: write controlsync:mode/);
});
