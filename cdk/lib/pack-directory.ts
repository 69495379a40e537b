// The directory that `controlsync export conformance-pack` writes.

import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { SettingsError } from './setting-kinds.ts';

/** Which pack has which rule. */
const LOCK = 'packs.lock.json';
/**
 * Bytes of a template in Amazon S3: 300 KB, read as the smaller of its two meanings, as the export does.
 * https://docs.aws.amazon.com/config/latest/APIReference/API_PutConformancePack.html
 */
const MAX_BYTES = 300_000;
/** A person sets the results of the rules with this identifier. */
const PROCESS_CHECK = 'AWS_CONFIG_PROCESS_CHECK';

/** A conformance pack in the directory. */
export interface Pack {
  readonly name: string;
  /** Its absolute path. */
  readonly path: string;
  /** Its template. */
  readonly body: string;
  /** The names of its rules, sorted. */
  readonly rules: readonly string[];
  /** The names of its parameters. */
  readonly parameters: readonly string[];
  /** Whether a person sets the results of its rules: then it is for one account. */
  readonly manual: boolean;
}

/** What the lock has of a rule. */
interface Check {
  readonly check: string;
  readonly pack: string;
  readonly ruleName: string;
  readonly logicalId: string;
}

/**
 * Reads the packs of a directory, by name.
 *
 * @throws SettingsError with one message for everything that is wrong
 */
export function readPacks(directory: string): Pack[] {
  const checks = readLock(directory);
  const errors: string[] = [];
  const names = [...new Set(checks.map(({ pack }) => pack))].sort();
  const packs = names.map((name) => {
    const own = checks.filter(({ pack }) => pack === name);
    return readPack(directory, name, own, errors);
  });
  if (errors.length > 0) {
    throw new SettingsError(errors.join('\n'));
  }
  return packs;
}

function readLock(directory: string): readonly Check[] {
  if (!existsSync(directory)) {
    throw new SettingsError(`the directory ${directory} does not exist: write the packs with controlsync export conformance-pack`);
  }
  const path = join(directory, LOCK);
  if (!existsSync(path)) {
    throw new SettingsError(`${directory} has no ${LOCK}: write the packs with controlsync export conformance-pack`);
  }
  let checks: unknown;
  try {
    checks = JSON.parse(readFileSync(path, 'utf8')).checks;
  } catch (error) {
    throw new SettingsError(`cannot read ${path}: ${(error as Error).message}`);
  }
  const isCheck = (one: any) => ['check', 'pack', 'ruleName', 'logicalId'].every((key) => typeof one?.[key] === 'string');
  if (!Array.isArray(checks) || !checks.every(isCheck)) {
    throw new SettingsError(`${path} is not a lock file of conformance packs: export them again, or restore it from version control`);
  }
  if (checks.length === 0) {
    throw new SettingsError(`${path} has no rules, so there is nothing to deploy: to delete deployed packs, delete their stack`);
  }
  return checks;
}

function readPack(directory: string, name: string, checks: readonly Check[], errors: string[]): Pack {
  const path = resolve(directory, `${name}.yaml`);
  // https://docs.aws.amazon.com/config/latest/APIReference/API_PutConformancePack.html
  const isName = /^[a-zA-Z][-a-zA-Z0-9]*$/.test(name);
  const body = isName && existsSync(path) ? readFileSync(path, 'utf8') : '';
  const bytes = Buffer.byteLength(body);
  if (!isName) {
    errors.push(`invalid name ${name} of a pack in ${LOCK}: it must have letters, digits and hyphens, with a letter first`);
  } else if (body === '') {
    errors.push(`${path} is missing or empty, but ${LOCK} has the pack: export the packs again, or restore the file`);
  } else if (bytes > MAX_BYTES) {
    errors.push(`${path} has ${bytes} bytes, but a template can have at most ${MAX_BYTES}: export the packs again with --rebalance`);
  }
  const lines = body.split('\n');
  const lost = body === '' ? [] : checks.filter(({ logicalId }) => !lines.includes(`  ${logicalId}:`));
  for (const { ruleName } of lost) {
    errors.push(`${path} does not have the rule ${ruleName}, which ${LOCK} has: export the packs again`);
  }
  return {
    name,
    path,
    body,
    rules: checks.map(({ ruleName }) => ruleName).sort(),
    parameters: keysOf(lines, 'Parameters'),
    manual: checks.some(({ check }) => check.startsWith(PROCESS_CHECK)),
  };
}

/** The keys in a section of a template. The export writes each on a line, indented by two spaces. */
function keysOf(lines: readonly string[], section: string): string[] {
  const start = lines.indexOf(`${section}:`);
  const rest = start < 0 ? [] : lines.slice(start + 1);
  const end = rest.findIndex((line) => /^\S/.test(line));
  return rest.slice(0, end < 0 ? undefined : end).flatMap((line) => /^ {2}(\w+):$/.exec(line)?.[1] ?? []);
}
