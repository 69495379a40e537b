// What a setting is, and how tables of them are read: for the stack of the function and for the pipeline.

import { readFileSync } from 'node:fs';
import { Token } from 'aws-cdk-lib';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { IConstruct } from 'constructs';

/** One setting. */
export interface Setting<T> {
  /** What it does, for the guide. */
  readonly meaning: string;
  /** Its default, for the guide. */
  readonly byDefault: string;
  /** Form of a value, after "set it to". */
  readonly form: string;
  /** Reads a value from a settings file, or a string from the command line. Returns undefined if it is invalid. */
  readonly read: (value: unknown) => T | undefined;
}

/** Settings by name. */
export type Table = Readonly<Record<string, Setting<unknown>>>;

/** Validated settings of a table. */
export type Values<T extends Table> = {
  readonly [Name in keyof T]?: NonNullable<ReturnType<T[Name]['read']>>;
};

/** Settings as JSON: what a stack keeps, and what a settings file contains. */
export type Kept = Readonly<Record<string, unknown>>;

/** What the guide says of a setting. */
export type Words = { readonly meaning: string; readonly byDefault: string };

export function text(form: string, accepts: (value: string) => boolean, words: Words): Setting<string> {
  const read = (value: unknown) => (typeof value === 'string' && accepts(value) ? value : undefined);
  return { ...words, form, read };
}

export function choice<T extends string>(choices: readonly T[], words: Words): Setting<T> {
  const form = choices.map((one) => `\`${one}\``).join(' or ');
  return { ...words, form, read: (value) => choices.find((one) => one === value) };
}

export function number(form: string, accepts: (value: number) => boolean, words: Words): Setting<number> {
  const read = (value: unknown) => {
    const found = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    return typeof found === 'number' && accepts(found) ? found : undefined;
  };
  return { ...words, form, read };
}

export const flag = (words: Words): Setting<boolean> => ({
  ...words,
  form: '`true` or `false`',
  read: (value) => ({ true: true, false: false })[String(value)],
});

const RETENTION = Object.values(RetentionDays).filter(
  (days) => typeof days === 'number' && days < RetentionDays.INFINITE,
);

/** How long to retain logs. */
export const retention = number(`one of ${RETENTION.join(', ')}`, (value) => RETENTION.includes(value), {
  meaning: 'Days to retain logs',
  byDefault: '90',
});

/** The name and the value of NAME=VALUE. Without `=`, the value is undefined. */
export function pair(text: string): readonly [string, string | undefined] {
  const at = text.indexOf('=');
  return at < 0 ? [text.trim(), undefined] : [text.slice(0, at).trim(), text.slice(at + 1).trim()];
}

/** Invalid settings, with one message per line. */
export class SettingsError extends Error {}

/** Runs `work`. If settings are invalid, prints the messages and exits. */
export function exitOnSettingsError(exitCode: number, work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof SettingsError)) {
      throw error;
    }
    for (const message of error.message.split('\n')) {
      process.stderr.write(`error: ${message}\n`);
    }
    process.exit(exitCode);
  }
}

/** Reads settings of a table. Returns those that are valid, and one message for each of the others. */
export function readTable<T extends Table>(table: T, given: Kept): { settings: Values<T>; errors: string[] } {
  const errors: string[] = [];
  const settings: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(given)) {
    const setting = Object.hasOwn(table, name) ? table[name] : undefined;
    if (value === undefined || value === null || value === '') {
      // Counts as not set.
    } else if (setting === undefined) {
      errors.push(`unknown setting ${name}; the settings are ${Object.keys(table).join(', ')}`);
    } else if (Token.isUnresolved(value)) {
      settings[name] = value;
    } else {
      settings[name] = setting.read(value);
      if (settings[name] === undefined) {
        errors.push(`invalid value ${JSON.stringify(value)} for ${name}: set it to ${setting.form}`);
      }
    }
  }
  return { settings: settings as Values<T>, errors };
}

/** Prefix of settings in the CDK context. */
const CONTEXT = 'controlsync:';

/**
 * Finds settings in the CDK context, without validating them: `-c controlsync:NAME=VALUE`, and a JSON file,
 * `-c controlsync:settings=FILE`. The command line overrides the file.
 *
 * @throws SettingsError if a setting of the table has no prefix, or if the file is not a JSON object
 */
export function settingsInContext(table: Table, node: IConstruct['node']): Kept {
  const context = Object.entries(node.getAllContext() as Record<string, unknown>);
  const ours = Object.fromEntries(
    context.filter(([name]) => name.startsWith(CONTEXT)).map(([name, value]) => [name.slice(CONTEXT.length), value]),
  );
  const bare = context.map(([name]) => name).find((name) => Object.hasOwn(table, name));
  if (bare !== undefined) {
    throw new SettingsError(`the setting ${bare} has no prefix: write ${CONTEXT}${bare}`);
  }
  const { settings: file, ...given } = ours;
  return { ...(file === undefined ? {} : settingsFile(String(file))), ...given };
}

/**
 * Reads a settings file, without validating the settings.
 *
 * @throws SettingsError if it is not a JSON object
 */
export function settingsFile(path: string): Kept {
  let found: unknown;
  try {
    found = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new SettingsError(`cannot read the settings in ${path}: ${(error as Error).message}`);
  }
  if (typeof found !== 'object' || found === null || Array.isArray(found)) {
    throw new SettingsError(`the settings in ${path} are not a JSON object such as { "mode": "apply" }`);
  }
  return found as Kept;
}

/** What changes between two deployments, one line for each of these settings. */
export function changes(names: readonly string[], before: Kept, after: Kept): string[] {
  const shown = (value: unknown) => (value === undefined ? 'default' : typeof value === 'string' ? value : JSON.stringify(value));
  const changed = names.filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
  return changed.map((name) => `${name}: ${shown(before[name])} -> ${shown(after[name])}`);
}
