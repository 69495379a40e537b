// The settings of the pipeline.

import { readFileSync } from 'node:fs';
import { readTable, retention, type Kept, SettingsError, text, type Values } from './setting-kinds.ts';
import { SETTINGS } from './settings.ts';

const CARGO = readFileSync(new URL('../../Cargo.toml', import.meta.url), 'utf8');
/** The first value of a key in Cargo.toml. */
const inCargo = (key: string) => new RegExp(`^${key} = "(.*)"$`, 'm').exec(CARGO)![1]!;
/** The version of this checkout. */
export const VERSION = inCargo('version');
/** The Git repository of controlsync. */
export const REPOSITORY = inCargo('repository');
/** The default name of the stack that packs.sh deploys. */
export const PACKS_STACK = 'controlsync-packs';

const isUrl = (value: string) => /^(https|file):\/\/[\w./:@%+~-]+$/.test(value);

/** All settings, in the order of the guide. */
export const PIPELINE_SETTINGS = {
  connection: text(
    'the ARN of a connection, such as arn:aws:codeconnections:eu-west-1:111122223333:connection/1234abcd-12ab-34cd-56ef-1234567890ab',
    (value) => /^arn:[^:]+:(codeconnections|codestar-connections):[^:]+:\d{12}:connection\/[\w-]+$/.test(value),
    { meaning: 'Connection to the Git host of the catalog', byDefault: 'required' },
  ),
  repository: text('a repository such as team/controls', (value) => /^[\w.-]+(\/[\w.-]+)+$/.test(value), {
    meaning: 'Repository of the catalog',
    byDefault: 'required',
  }),
  branch: text('the name of a branch', (value) => /^[\w./-]{1,255}$/.test(value), {
    meaning: 'Branch that is deployed',
    byDefault: '`main`',
  }),
  catalogDir: text(
    'a relative path, such as audit',
    (value) => /^[\w./-]+$/.test(value) && !value.startsWith('/') && !value.startsWith('-') && !value.split('/').includes('..'),
    { meaning: 'Directory of the catalog in the repository, which has `packs/`', byDefault: '`.`' },
  ),
  bucket: {
    ...SETTINGS.existingBucket,
    meaning: 'Bucket of the function: the output `Bucket` of its stack',
    byDefault: 'required',
  },
  prefix: SETTINGS.prefix,
  kmsKey: SETTINGS.kmsKey,
  exportFlags: text(
    'flags of `controlsync export conformance-pack`, such as --name house --manual process-check',
    (value) => /^--[\w -]+$/.test(value),
    { meaning: 'Flags with which `packs/` is exported', byDefault: 'none' },
  ),
  packsStack: text('the name of a stack', (value) => /^[A-Za-z][A-Za-z0-9-]{0,127}$/.test(value), {
    meaning: 'Stack of the packs',
    byDefault: `\`${PACKS_STACK}\``,
  }),
  memberRole: {
    ...SETTINGS.memberRole,
    meaning: 'Role with which `controlsync evidence` reads the other accounts of assessments',
  },
  externalId: SETTINGS.externalId,
  version: text('a version such as 1.2.3', (value) => /^\d+\.\d+\.\d+[\w.-]*$/.test(value), {
    meaning: 'Version of controlsync that the pipeline runs',
    byDefault: 'that of the checkout',
  }),
  git: text('the URL of a Git repository', isUrl, {
    meaning: 'Repository of controlsync, or a copy of it',
    byDefault: `\`${REPOSITORY}\``,
  }),
  releases: text('a URL', isUrl, { meaning: 'Releases of controlsync, or a copy of them', byDefault: 'those of the repository' }),
  retention,
  qualifier: SETTINGS.qualifier,
};

/** Validated settings. PIPELINE_SETTINGS documents each of them and its default. */
export type PipelineSettings = Values<typeof PIPELINE_SETTINGS>;

/** What has no default. */
const REQUIRED = ['connection', 'repository', 'bucket'] as const;

/**
 * Validates settings.
 *
 * @throws SettingsError with one message for every invalid or missing setting
 */
export function readPipelineSettings(given: Kept): PipelineSettings {
  const { settings, errors } = readTable(PIPELINE_SETTINGS, given);
  for (const name of REQUIRED.filter((name) => !given[name])) {
    errors.push(`${name} is not set: set it to ${PIPELINE_SETTINGS[name].form}`);
  }
  if (settings.externalId !== undefined && settings.memberRole === undefined) {
    errors.push('externalId is set, but memberRole is not: set it to the name of the role that demands the external ID');
  }
  if (errors.length > 0) {
    throw new SettingsError(errors.join('\n'));
  }
  return settings;
}
