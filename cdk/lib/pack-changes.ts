// What a deployment does to the packs that are deployed. A pack or a rule that is deleted loses its results, also if it is created
// again.

import { isDeepStrictEqual } from 'node:util';
import { CfnConformancePack, CfnOrganizationConformancePack } from 'aws-cdk-lib/aws-config';

/** The resources of a template, by logical ID. */
export type Resources = Readonly<Record<string, any>>;

/** What changes. */
export interface PackChanges {
  /** A line for each pack, with its name and what happens to it. */
  readonly lines: readonly (readonly [string, string])[];
  /** Packs that are deleted. */
  readonly packs: number;
  /** Rules that are deleted from packs that stay. */
  readonly rules: number;
  /** Whether nothing at all changes, not even a setting. */
  readonly none: boolean;
}

interface Deployed {
  readonly wide: boolean;
  readonly properties: unknown;
  readonly rules: readonly string[];
}

const count = (number: number, noun: string) => `${number} ${noun}${number === 1 ? '' : 's'}`;

/** Compares the resources of the deployed template with those of the next one. */
export function packChanges(before: Resources, after: Resources): PackChanges {
  const [old, next] = [packsOf(before), packsOf(after)];
  const lines: (readonly [string, string])[] = [];
  let packs = 0;
  let rules = 0;
  for (const name of [...new Set([...old.keys(), ...next.keys()])].sort()) {
    const [was, is] = [old.get(name), next.get(name)];
    const lost = was && is ? was.rules.filter((rule) => !is.rules.includes(rule)) : [];
    if (was && was.wide !== is?.wide) {
      packs += 1;
    } else {
      rules += lost.length;
    }
    lines.push([name, happens(was, is, lost)]);
  }
  return { lines, packs, rules, none: isDeepStrictEqual(before, after) };
}

function happens(was: Deployed | undefined, is: Deployed | undefined, lost: readonly string[]): string {
  if (is === undefined) {
    return `DELETED with ${count(was!.rules.length, 'rule')} and all results`;
  }
  const where = is.wide ? 'in the organization' : 'in this account';
  if (was === undefined) {
    return `new ${where}, with ${count(is.rules.length, 'rule')}`;
  }
  if (was.wide !== is.wide) {
    return `REPLACED: deleted with ${count(was.rules.length, 'rule')} and all results, and created again ${where}`;
  }
  if (lost.length > 0) {
    return `changed ${where}: ${count(lost.length, 'rule')} DELETED with all results, ${lost.join(', ')}`;
  }
  return isDeepStrictEqual([was.properties, was.rules], [is.properties, is.rules]) ? `unchanged ${where}` : `changed ${where}`;
}

function packsOf(resources: Resources): Map<string, Deployed> {
  const found = Object.values(resources).flatMap(({ Type, Properties, Metadata }) => {
    const wide = Type === CfnOrganizationConformancePack.CFN_RESOURCE_TYPE_NAME;
    if (!wide && Type !== CfnConformancePack.CFN_RESOURCE_TYPE_NAME) {
      return [];
    }
    const name: string = wide ? Properties.OrganizationConformancePackName : Properties.ConformancePackName;
    return [[name, { wide, properties: Properties, rules: Metadata?.rules ?? [] }] as const];
  });
  return new Map(found);
}
