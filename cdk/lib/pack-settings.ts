// The settings of the stack of conformance packs. They come from the flags of packs.sh, and the stack keeps them.

import type { Pack } from './pack-directory.ts';
import { type Kept, SettingsError } from './setting-kinds.ts';
import { SETTINGS } from './settings.ts';

/** How packs are deployed. */
export interface PackSettings {
  /** Whether to deploy to all accounts of the organization. */
  readonly organization?: boolean;
  /** Accounts of the organization that do not get the packs. */
  readonly exclude?: readonly string[];
  /** Values of parameters, for each pack that has them. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** Where AWS Config stores templates while it deploys them. */
  readonly bucket?: string;
  /** Qualifier of the CDK bootstrap stack. */
  readonly qualifier?: string;
}

/** The names of the settings, in the order in which changes are shown. */
export const PACK_SETTINGS = ['organization', 'exclude', 'parameters', 'bucket', 'qualifier'] as const;

/**
 * Packs of an account, and of an organization, which AWS does not raise.
 * https://docs.aws.amazon.com/config/latest/developerguide/configlimits.html
 */
const MAX_PACKS = 50;
/**
 * Characters of the name of a pack of an organization. One of an account can have more than a file name.
 * https://docs.aws.amazon.com/config/latest/APIReference/API_PutOrganizationConformancePack.html
 */
const MAX_NAME = 128;
/** Excluded accounts. https://docs.aws.amazon.com/config/latest/APIReference/API_PutOrganizationConformancePack.html */
const MAX_EXCLUDED = 1000;
/** https://docs.aws.amazon.com/config/latest/APIReference/API_PutOrganizationConformancePack.html */
const ORGANIZATION_BUCKET = 'awsconfigconforms';
/** Characters of a value. https://docs.aws.amazon.com/config/latest/APIReference/API_ConformancePackInputParameter.html */
const MAX_VALUE = 4096;

/** Whether a pack is for all accounts of the organization. Results that a person sets are of one account. */
export const isOfOrganization = (pack: Pack, settings: PackSettings) => settings.organization === true && !pack.manual;

/** The name of a setting and its value, as packs.sh passes its flags. */
export type Given = readonly [string, string];

/**
 * The settings of the next deployment: those that the stack keeps, and what is given. An empty value returns to the default. The
 * accounts that are given replace those that are kept.
 */
export function nextPackSettings(kept: Kept, given: readonly Given[]): PackSettings {
  const values = (name: string) => given.filter(([one]) => one === name).map(([, value]) => value);
  const last = (name: keyof PackSettings) => values(name).at(-1) ?? kept[name];
  const excluded = values('exclude');
  const parameters: Record<string, string> = { ...(kept.parameters as PackSettings['parameters']) };
  for (const assignment of values('parameter')) {
    const at = assignment.indexOf('=');
    parameters[assignment.slice(0, at)] = assignment.slice(at + 1);
  }
  const set = Object.entries(parameters).filter(([, value]) => value !== '');
  const next = {
    organization: String(last('organization')) === 'true' ? true : undefined,
    exclude: excluded.length > 0 ? [...new Set(excluded)].filter((account) => account !== '').sort() : kept.exclude,
    parameters: set.length > 0 ? Object.fromEntries(set.sort()) : undefined,
    bucket: last('bucket') || undefined,
    qualifier: last('qualifier') || undefined,
  } as PackSettings;
  return next.exclude?.length === 0 ? { ...next, exclude: undefined } : next;
}

/**
 * Checks settings and packs against each other and against the limits of AWS Config.
 *
 * @throws SettingsError with one message for everything that is wrong
 */
export function checkPacks(packs: readonly Pack[], settings: PackSettings, given: readonly Given[] = []): void {
  const errors = [
    ...checkExcluded(settings),
    ...checkParameters(packs, settings, given),
    ...checkBucket(settings),
    ...checkNames(packs, settings),
  ];
  const { qualifier } = settings;
  if (qualifier !== undefined && SETTINGS.qualifier.read(qualifier) === undefined) {
    errors.push(`invalid value ${qualifier} for --qualifier: expected ${SETTINGS.qualifier.form}`);
  }
  if (errors.length > 0) {
    throw new SettingsError(errors.join('\n'));
  }
}

function checkExcluded({ exclude = [], organization }: PackSettings): string[] {
  const errors = exclude
    .filter((account) => !/^\d{12}$/.test(account))
    .map((account) => `invalid account ${account} for --exclude: an account ID has 12 digits`);
  if (exclude.length > MAX_EXCLUDED) {
    errors.push(`${exclude.length} accounts are excluded, but AWS Config excludes at most ${MAX_EXCLUDED}`);
  }
  if (exclude.length > 0 && !organization) {
    errors.push('accounts are excluded, but the packs are for this account only: pass --organization, or --exclude "" for none');
  }
  return errors;
}

function checkParameters(packs: readonly Pack[], { parameters = {} }: PackSettings, given: readonly Given[]): string[] {
  const known = new Set(packs.flatMap((pack) => pack.parameters));
  const isGiven = (name: string) => given.some(([one, value]) => one === 'parameter' && value.startsWith(`${name}=`));
  return Object.entries(parameters).flatMap(([name, value]) => {
    if (!known.has(name) && isGiven(name)) {
      return [`no pack has the parameter ${name}; the packs have ${[...known].sort().join(', ') || 'no parameters'}`];
    }
    if (!known.has(name)) {
      return [`the stack keeps a value for the parameter ${name}, which no pack has anymore: pass --parameter ${name}= to forget it`];
    }
    return value.length > MAX_VALUE
      ? [`the value of the parameter ${name} has ${value.length} characters, but it can have at most ${MAX_VALUE}`]
      : [];
  });
}

function checkBucket({ bucket, organization }: PackSettings): string[] {
  if (bucket === undefined) {
    return [];
  }
  if (SETTINGS.existingBucket.read(bucket) === undefined) {
    return [`invalid value ${bucket} for --bucket: expected ${SETTINGS.existingBucket.form}`];
  }
  return organization && !bucket.startsWith(ORGANIZATION_BUCKET)
    ? [`invalid value ${bucket} for --bucket: for an organization, its name must begin with ${ORGANIZATION_BUCKET}`]
    : [];
}

function checkNames(packs: readonly Pack[], settings: PackSettings): string[] {
  const wide = packs.filter((pack) => isOfOrganization(pack, settings));
  const narrow = packs.filter((pack) => !wide.includes(pack));
  const tooLong = wide
    .filter(({ name }) => name.length > MAX_NAME)
    .map(({ name }) => `the name ${name} has ${name.length} characters, but that of a pack of an organization can have at most ${MAX_NAME}`);
  const tooMany = Object.entries({ 'an organization': wide, 'an account': narrow })
    .filter(([, found]) => found.length > MAX_PACKS)
    .map(([owner, found]) => `there are ${found.length} packs, but ${owner} can have at most ${MAX_PACKS}: export fewer, larger ones`);
  return [...tooLong, ...tooMany];
}
