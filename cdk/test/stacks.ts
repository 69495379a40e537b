// Stacks for the tests.

import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, type AppProps } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { MemberRoleStack } from '../lib/member-role.ts';
import type { Pack } from '../lib/pack-directory.ts';
import type { PackSettings } from '../lib/pack-settings.ts';
import { PacksStack } from '../lib/packs.ts';
import type { PipelineSettings } from '../lib/pipeline-settings.ts';
import { PipelineStack } from '../lib/pipeline.ts';
import { ControlsyncStack } from '../lib/stack.ts';
import type { Settings } from '../lib/settings.ts';

// The rules of the CDK take seconds for each template. nag.test.ts checks them.
process.env.CDK_VALIDATION = 'false';

/** A placeholder for the packages of functions, which take minutes to build. */
export const STAND_IN = join(mkdtempSync(join(tmpdir(), 'controlsync-')), 'bootstrap.zip');
writeFileSync(STAND_IN, 'not a zip');
export const PACKAGES = { package: STAND_IN, evidencePackage: STAND_IN };

export const KEY = 'arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';
export const BOUNDARY = 'arn:aws:iam::111122223333:policy/boundary';

/** Every setting but those of the evidence function, with values that are not the default. */
export const EVERYTHING: Settings = {
  catalog: 'house',
  mode: 'apply',
  prefix: 'teams/audit',
  adopt: 'all',
  drift: 'repair',
  onRemove: 'delete',
  maxDeletes: 3,
  notify: 'changes',
  emails: ['owners@example.com', 'platform@example.com'],
  eventsTopic: true,
  alarmsTopic: 'arn:aws:sns:eu-west-1:111122223333:on-call',
  schedule: 'rate(6 hours)',
  rate: 5,
  quotas: 'custom_controls=800',
  retention: 365,
  existingBucket: undefined,
  kmsKey: KEY,
  permissionsBoundary: BOUNDARY,
  architecture: 'arm64',
  tags: { team: 'audit', 'cost center': '4711' },
  terminationProtection: true,
  qualifier: 'team',
};

/** Every setting. */
export const EVIDENCE: Settings = {
  ...EVERYTHING,
  evidence: true,
  evidenceSchedule: 'rate(12 hours)',
  memberRole: 'audit/controlsync-evidence',
  externalId: 'house:evidence',
  evidenceReports: true,
  reportDays: 800,
  aggregator: 'organization',
};

/** An app with the feature flags of cdk.json. */
export function app(props: AppProps = {}): App {
  const { context } = JSON.parse(readFileSync(new URL('../cdk.json', import.meta.url), 'utf8'));
  return new App({ ...props, context });
}

export function stack(settings: Settings = {}): ControlsyncStack {
  const env = { account: '111122223333', region: 'eu-west-1' };
  return new ControlsyncStack(app(), 'controlsync', { env, settings, ...PACKAGES });
}

/** A pack as the export writes it, with two rules and a parameter by default. */
export function makePack(name: string, { rules = ['a', 'b'], parameters = ['Max'], manual = false, bytes = 0 } = {}): Pack {
  const id = name.replace(/(^|-)(\w)/g, (_, _dash, letter) => letter.toUpperCase());
  const own = manual ? [] : parameters.map((one) => `${id}Param${one}`);
  const lines = [
    '# Written by `controlsync export conformance-pack`. Change the catalog instead.',
    ...(own.length > 0 ? ['Parameters:'] : []),
    ...own.flatMap((one) => [`  ${one}:`, '    Type: String', '    Default: "90"']),
    'Resources:',
    ...rules.flatMap((one) => [`  ${id}${one.toUpperCase()}:`, '    Type: AWS::Config::ConfigRule']),
  ];
  const body = `${lines.join('\n')}\n`;
  const padding = bytes > body.length ? `${'#'.repeat(bytes - body.length - 1)}\n` : '';
  const path = join(mkdtempSync(join(tmpdir(), 'controlsync-')), `${name}.yaml`);
  writeFileSync(path, body + padding);
  return { name, path, body: body + padding, rules: rules.map((one) => `${name}-${one}`), parameters: own, manual };
}

/** Three packs, one of them with process checks. */
export const packs = () => [
  makePack('house', { parameters: ['Max', 'Min'] }),
  makePack('house-2', { rules: ['a'], parameters: [] }),
  makePack('house-manual', { rules: ['a'], manual: true }),
];

/** Writes packs to a directory, with their lock. */
export function writePacks(packs: readonly Pack[]): string {
  const directory = mkdtempSync(join(tmpdir(), 'controlsync-'));
  const checks = packs.flatMap(({ name, path, body, rules, manual }) => {
    writeFileSync(join(directory, `${name}.yaml`), readFileSync(path));
    const ids = [...body.matchAll(/^ {2}(\w+):\n {4}Type: AWS/gm)].map((match) => match[1]);
    const check = manual ? 'AWS_CONFIG_PROCESS_CHECK ["Reviews","Minutes"]' : 'ENCRYPTED_VOLUMES';
    return rules.map((ruleName, at) => ({ check, pack: name, ruleName, logicalId: ids[at] }));
  });
  writeFileSync(join(directory, 'packs.lock.json'), JSON.stringify({ version: 1, checks }));
  return directory;
}

/** Every setting of packs but the qualifier. */
export const ORGANIZATION: PackSettings = {
  organization: true,
  exclude: ['111122223333', '444455556666'],
  parameters: { HouseParamMax: '30' },
  bucket: 'awsconfigconforms-house',
};

export const packsTemplate = (packs: readonly Pack[], settings: PackSettings = {}) =>
  Template.fromStack(
    new PacksStack(app(), 'controlsync-packs', { env: { account: '111122223333', region: 'eu-west-1' }, packs, settings }),
  );

const CONNECTION = 'arn:aws:codeconnections:eu-west-1:111122223333:connection/1234abcd-12ab-34cd-56ef-1234567890ab';

/** What a pipeline needs. */
export const PIPELINE = { connection: CONNECTION, repository: 'team/controls', bucket: 'team-catalog' };

/** Every setting of the pipeline. */
export const WHOLE_PIPELINE: PipelineSettings = {
  ...PIPELINE,
  branch: 'release',
  catalogDir: 'audit',
  prefix: 'teams/audit',
  kmsKey: KEY,
  exportFlags: '--name house --manual process-check',
  packsStack: 'house-packs',
  memberRole: 'audit/controlsync-evidence',
  externalId: 'house:evidence',
  version: '1.2.3',
  git: 'https://git.example.com/controlsync',
  releases: 'https://git.example.com/controlsync/releases',
  retention: 365,
  qualifier: 'team',
};

export const pipelineTemplate = (settings: PipelineSettings = PIPELINE) => {
  const env = { account: '111122223333', region: 'eu-west-1' };
  return Template.fromStack(new PipelineStack(app(), 'controlsync-pipeline', { env, settings }));
};

/** The template of the role in member accounts. */
export const memberRole = () => Template.fromStack(new MemberRoleStack(app(), 'member-role'));

export const template = (settings: Settings = {}) => Template.fromStack(stack(settings));

/** A template without the hashes that change with each build of the function. */
export const readable = (template: Template) =>
  JSON.stringify(template.toJSON(), null, 2).replaceAll(/[0-9a-f]{64}/g, 'HASH') + '\n';

/** The only resource of a type with this id in the construct. */
export function resource(template: Template, type: string, id: string): Record<string, any> {
  const found = Object.entries(template.findResources(type)).filter(([name]) =>
    new RegExp(`^Controlsync${id}[0-9A-F]{8}$`).test(name),
  );
  if (found.length !== 1) {
    throw new Error(`${found.length} resources of type ${type} with id ${id}`);
  }
  return found[0]![1];
}

/** The statements of a role, by Sid. */
export function statements(template: Template, id = 'Role'): Record<string, any> {
  const role = resource(template, 'AWS::IAM::Role', id).Properties;
  const all = role.Policies.flatMap((policy: any) => policy.PolicyDocument.Statement);
  return Object.fromEntries(all.map((statement: any) => [statement.Sid, statement]));
}
