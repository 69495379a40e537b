import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { packChanges } from '../lib/pack-changes.ts';
import { readPacks } from '../lib/pack-directory.ts';
import { checkPacks, type Given, nextPackSettings, type PackSettings } from '../lib/pack-settings.ts';
import { SettingsError } from '../lib/setting-kinds.ts';
import { makePack, ORGANIZATION, packs, packsTemplate, writePacks } from './stacks.ts';

/** The resources of a template, in the order in which they are deployed. */
function deployed(template: ReturnType<typeof packsTemplate>) {
  const resources: Record<string, any> = template.toJSON().Resources;
  const next = (after: string | undefined) =>
    Object.keys(resources).find((id) => (resources[id].DependsOn?.[0] as string | undefined) === after);
  const found = [];
  for (let id = next(undefined); id !== undefined; id = next(id)) {
    found.push(resources[id]);
  }
  assert.equal(found.length, Object.keys(resources).length, 'the packs are one chain');
  return found;
}

const nameOf = ({ Properties }: any): string => Properties.ConformancePackName ?? Properties.OrganizationConformancePackName;

/** The messages about settings or packs. */
function messages(work: () => unknown): string[] {
  try {
    work();
  } catch (error) {
    assert(error instanceof SettingsError, String(error));
    return error.message.split('\n');
  }
  return [];
}

test('every pack is deployed to the account, one after another', () => {
  const found = deployed(packsTemplate(packs()));
  assert.deepEqual(found.map(nameOf), ['house', 'house-2', 'house-manual']);
  for (const { Type, Properties } of found) {
    assert.equal(Type, 'AWS::Config::ConformancePack');
    assert.match(Properties.TemplateBody, /^# Written by/);
    assert.deepEqual(Object.keys(Properties).sort(), ['ConformancePackName', 'TemplateBody']);
  }
});

test('packs go to the organization, and process checks stay in the account', () => {
  const found = deployed(packsTemplate(packs(), ORGANIZATION));
  const [first, second, manual] = found;
  assert.deepEqual(found.map(({ Type }) => Type.split('::')[2]), [
    'OrganizationConformancePack',
    'OrganizationConformancePack',
    'ConformancePack',
  ]);
  assert.deepEqual(first.Properties.ExcludedAccounts, ['111122223333', '444455556666']);
  assert.deepEqual(second.Properties.ExcludedAccounts, ['111122223333', '444455556666']);
  assert.equal(manual.Properties.ExcludedAccounts, undefined);
  assert.equal(nameOf(manual), 'house-manual');
  assert(found.every(({ Properties }) => Properties.DeliveryS3Bucket === 'awsconfigconforms-house'));
});

test('a parameter reaches every pack that has it', () => {
  const [first, second, manual] = deployed(packsTemplate(packs(), { parameters: { HouseParamMax: '30' } }));
  assert.deepEqual(first.Properties.ConformancePackInputParameters, [{ ParameterName: 'HouseParamMax', ParameterValue: '30' }]);
  assert.equal(second.Properties.ConformancePackInputParameters, undefined);
  assert.equal(manual.Properties.ConformancePackInputParameters, undefined);
});

test('the metadata keep the settings once, and the rules of every pack', () => {
  const metadata = deployed(packsTemplate(packs(), ORGANIZATION)).map(({ Metadata }) => Metadata);
  assert.deepEqual(metadata.map(({ rules }) => rules), [['house-a', 'house-b'], ['house-2-a'], ['house-manual-a']]);
  assert.deepEqual(metadata.map(({ controlsync }) => controlsync), [ORGANIZATION, undefined, undefined]);
});

for (const [bytes, where] of [[51_200, 'TemplateBody'], [51_201, 'TemplateS3Uri']] as const) {
  for (const [settings, kind] of [[{}, 'the account'], [{ organization: true }, 'the organization']] as const) {
    test(`a template of ${bytes} bytes is in ${where} for ${kind}`, () => {
      const [{ Properties }] = deployed(packsTemplate([makePack('house', { bytes })], settings)) as [any];
      assert.deepEqual(['TemplateBody', 'TemplateS3Uri'].filter((name) => name in Properties), [where]);
      if (where === 'TemplateS3Uri') {
        assert.match(JSON.stringify(Properties.TemplateS3Uri), /s3:\/\/cdk-hnb659fds-assets-.*\/[0-9a-f]{64}\.yaml/);
      }
    });
  }
}

test('the template of the stack stays below 1 MB, and its resources below 500', () => {
  const all = Array.from({ length: 50 }, (_, number) => makePack(`house-${number}`, { bytes: 51_200 }));
  const manual = Array.from({ length: 50 }, (_, number) => makePack(`manual-${number}`, { bytes: 51_200, manual: true }));
  const template = packsTemplate([...all, ...manual], { organization: true }).toJSON();
  assert(Buffer.byteLength(JSON.stringify(template, null, 1)) < 1_000_000);
  assert.equal(Object.keys(template.Resources).length, 100);
  const inline = Object.values<any>(template.Resources).filter(({ Properties }) => 'TemplateBody' in Properties);
  assert(inline.length >= 5 && inline.length < 100, `${inline.length}`);
});

test('packs whose names differ only in hyphens have their own resources', () => {
  assert.equal(deployed(packsTemplate([makePack('house-12'), makePack('house1-2')])).length, 2);
});

test('a directory is read by its lock', () => {
  const directory = writePacks(packs());
  writeFileSync(join(directory, 'other.yaml'), 'not in the lock');
  const read = readPacks(directory).map(({ path, ...pack }) => pack);
  assert.deepEqual(read, packs().map(({ path, ...pack }) => pack));
});

test('what is wrong with a directory is said with what to do', () => {
  const missing = join(tmpdir(), 'no-such-packs');
  const how = 'write the packs with controlsync export conformance-pack';
  assert.deepEqual(messages(() => readPacks(missing)), [`the directory ${missing} does not exist: ${how}`]);
  const empty = mkdtempSync(join(tmpdir(), 'controlsync-'));
  assert.deepEqual(messages(() => readPacks(empty)), [`${empty} has no packs.lock.json: ${how}`]);
  const lock = join(empty, 'packs.lock.json');
  for (const [text, message] of [
    ['{', /^cannot read .*packs\.lock\.json: /],
    ['{"checks": [{"pack": "house"}]}', /packs\.lock\.json is not a lock file of conformance packs: export them again, or restore it from version control$/],
    ['{"checks": []}', /packs\.lock\.json has no rules, so there is nothing to deploy: to delete deployed packs, delete their stack$/],
  ] as const) {
    writeFileSync(lock, text);
    const [found] = messages(() => readPacks(empty));
    assert.match(found!, message);
  }
});

test('what is wrong with files of packs is said at once', () => {
  const directory = writePacks([makePack('gone'), makePack('stale'), makePack('large', { bytes: 300_001 }), makePack('-bad')]);
  rmSync(join(directory, 'gone.yaml'));
  writeFileSync(join(directory, 'stale.yaml'), 'Resources:\n  StaleB:\n');
  assert.deepEqual(messages(() => readPacks(directory)), [
    'invalid name -bad of a pack in packs.lock.json: it must have letters, digits and hyphens, with a letter first',
    `${join(directory, 'gone.yaml')} is missing or empty, but packs.lock.json has the pack: export the packs again, or restore the file`,
    `${join(directory, 'large.yaml')} has 300001 bytes, but a template can have at most 300000: export the packs again with --rebalance`,
    `${join(directory, 'stale.yaml')} does not have the rule stale-a, which packs.lock.json has: export the packs again`,
  ]);
  assert.deepEqual(messages(() => readPacks(writePacks([makePack('large', { bytes: 300_000 })]))), []);
});

test('what is given changes what is kept', () => {
  const next = (kept: PackSettings, ...given: Given[]) => JSON.parse(JSON.stringify(nextPackSettings({ ...kept }, given)));
  assert.deepEqual(next({}), {});
  assert.deepEqual(next(ORGANIZATION), ORGANIZATION);
  assert.deepEqual(next({}, ['organization', 'true'], ['exclude', '2'], ['exclude', '1'], ['exclude', '2']), {
    organization: true,
    exclude: ['1', '2'],
  });
  assert.deepEqual(next(ORGANIZATION, ['exclude', '1']).exclude, ['1']);
  assert.deepEqual(next({ exclude: ['1'], bucket: 'b', organization: true }, ['exclude', ''], ['bucket', ''], ['organization', 'false']), {});
  assert.deepEqual(next({ parameters: { A: '1', B: '2' } }, ['parameter', 'B='], ['parameter', 'C=x=y,z']), {
    parameters: { A: '1', C: 'x=y,z' },
  });
});

const accounts = (count: number) => Array.from({ length: count }, (_, number) => String(number).padStart(12, '0'));
const many = (count: number, manual = false) => Array.from({ length: count }, (_, number) => makePack(`p${number}`, { manual }));
const named = (length: number) => [makePack('a'.repeat(length))];
const value = (length: number): PackSettings => ({ parameters: { HouseParamMax: 'x'.repeat(length) } });

test('limits of AWS Config are checked on both sides', () => {
  const excluding = (count: number): PackSettings => ({ organization: true, exclude: accounts(count) });
  for (const [all, settings] of [
    [packs(), excluding(1000)],
    [packs(), value(4096)],
    [many(50), {}],
    [[...many(50), ...many(50, true)], { organization: true }],
    [named(129), {}],
    [named(128), { organization: true }],
    [packs(), { bucket: 'house' }],
    [packs(), { organization: true, bucket: 'awsconfigconforms-house' }],
    [packs(), { qualifier: 'team' }],
  ] as const) {
    assert.deepEqual(messages(() => checkPacks(all, settings)), []);
  }
  for (const [all, settings, message] of [
    [packs(), excluding(1001), '1001 accounts are excluded, but AWS Config excludes at most 1000'],
    [packs(), value(4097), 'the value of the parameter HouseParamMax has 4097 characters, but it can have at most 4096'],
    [many(51), {}, 'there are 51 packs, but an account can have at most 50: export fewer, larger ones'],
    [many(51), { organization: true }, 'there are 51 packs, but an organization can have at most 50: export fewer, larger ones'],
    [named(129), { organization: true }, `the name ${'a'.repeat(129)} has 129 characters, but that of a pack of an organization can have at most 128`],
    [packs(), { bucket: 's3://house' }, 'invalid value s3://house for --bucket: expected the name of a bucket, without `s3://`'],
    [packs(), { organization: true, bucket: 'house' }, 'invalid value house for --bucket: for an organization, its name must begin with awsconfigconforms'],
    [packs(), { qualifier: 'a-b' }, 'invalid value a-b for --qualifier: expected 1 to 10 letters or digits'],
    [packs(), { organization: true, exclude: ['1234'] }, 'invalid account 1234 for --exclude: an account ID has 12 digits'],
    [packs(), { exclude: accounts(1) }, 'accounts are excluded, but the packs are for this account only: pass --organization, or --exclude "" for none'],
  ] as const) {
    assert.deepEqual(messages(() => checkPacks(all, settings)), [message]);
  }
});

test('a parameter that no pack has is an error', () => {
  const settings = { parameters: { Max: '1' } };
  assert.deepEqual(messages(() => checkPacks(packs(), settings, [['parameter', 'Max=1']])), [
    'no pack has the parameter Max; the packs have HouseParamMax, HouseParamMin',
  ]);
  assert.deepEqual(messages(() => checkPacks(many(1, true), settings, [['parameter', 'Max=1']])), [
    'no pack has the parameter Max; the packs have no parameters',
  ]);
  assert.deepEqual(messages(() => checkPacks(packs(), settings)), [
    'the stack keeps a value for the parameter Max, which no pack has anymore: pass --parameter Max= to forget it',
  ]);
});

test('what is deleted is counted', () => {
  const resources = (...given: Parameters<typeof packsTemplate>) => packsTemplate(...given).toJSON().Resources;
  const [house, second, manual] = packs();
  const before = resources(packs());
  assert.deepEqual(packChanges({}, before).lines, [
    ['house', 'new in this account, with 2 rules'],
    ['house-2', 'new in this account, with 1 rule'],
    ['house-manual', 'new in this account, with 1 rule'],
  ]);
  assert.deepEqual(packChanges(before, resources(packs())), {
    lines: packs().map(({ name }) => [name, 'unchanged in this account']),
    packs: 0,
    rules: 0,
    none: true,
  });
  const without = { ...house!, rules: ['house-b'], body: `${house!.body}# changed\n` };
  assert.deepEqual(packChanges(before, resources([without, { ...second!, body: '# changed\n' }])), {
    lines: [
      ['house', 'changed in this account: 1 rule DELETED with all results, house-a'],
      ['house-2', 'changed in this account'],
      ['house-manual', 'DELETED with 1 rule and all results'],
    ],
    packs: 1,
    rules: 1,
    none: false,
  });
  assert.deepEqual(packChanges(before, resources([house!, second!, manual!], { organization: true })), {
    lines: [
      ['house', 'REPLACED: deleted with 2 rules and all results, and created again in the organization'],
      ['house-2', 'REPLACED: deleted with 1 rule and all results, and created again in the organization'],
      ['house-manual', 'unchanged in this account'],
    ],
    packs: 2,
    rules: 0,
    none: false,
  });
  // A setting alone is a change.
  assert.equal(packChanges(before, resources(packs(), { qualifier: 'team' })).none, false);
});
