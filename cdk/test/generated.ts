// What follows from the code and stands in other files: the tables and policies of the docs, and the templates.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { App, Stack } from 'aws-cdk-lib';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { deploying, destroying, pushing, reading, writing } from '../lib/permissions.ts';
import { SETTINGS } from '../lib/settings.ts';
import { EVERYTHING, readable } from './made.ts';

const root = new URL('../../', import.meta.url);

function settings(): string {
  const rows = Object.entries(SETTINGS).map(([name, { meaning, form, otherwise }]) => {
    return `| \`${name}\` | ${meaning} | ${form} | ${otherwise} |`;
  });
  return ['| setting | what it is for | value | otherwise |', '|---|---|---|---|', ...rows].join('\n');
}

const example = new Stack(new App(), 'example', { env: { account: '111122223333', region: 'eu-west-1' } });

/** What stands for this partition in a template. */
const PARTITION =
  /\{\s*"Fn::Join": \[\s*"",\s*\[\s*"arn:",\s*\{\s*"Ref": "AWS::Partition"\s*\},\s*"(.*)"\s*\]\s*\]\s*\}/g;

/** JSON in which lists and conditions that fit into a line stand in one. */
function folded(json: string): string {
  const fold = (block: string) => {
    const line = block
      .replaceAll(/\s*\n\s*/g, ' ')
      .replace(/^\[ /, '[')
      .replace(/ \]$/, ']');
    return line.length <= 100 ? line : block;
  };
  return json.replaceAll(/\[\n[^[\]{}]*\]/g, fold).replaceAll(/"Condition": \{\n[^{}]*\{[^{}]*\}\s*\}/g, fold);
}

function policy(statements: PolicyStatement[]): string {
  const resolved = example
    .resolve(statements.map((statement) => statement.toStatementJson()))
    .map(({ Sid, Effect, Action, Resource, Condition }: any) => ({ Sid, Effect, Action, Resource, Condition }));
  const whole = JSON.stringify({ Version: '2012-10-17', Statement: resolved }, null, 2);
  return `\`\`\`json\n${folded(whole.replaceAll(PARTITION, '"arn:aws$1"'))}\n\`\`\``;
}

const team = () => pushing('arn:aws:s3:::team-catalog', 'audit/');

/** What stands between `<!-- generated: NAME -->` and `<!-- end -->`. */
const PARTS: Record<string, () => string> = {
  settings,
  'policy of deploy': () => policy(deploying(example)),
  'policy of destroy': () => policy(destroying(example)),
  'policy of plan and pull': () => policy(reading(example)),
  'policy of apply and push': () => policy([...reading(example), ...writing(example, 'house'), ...team()]),
  'policy of push': () => policy(team()),
};

function page(path: URL): string {
  return readFileSync(path, 'utf8').replaceAll(
    /(<!-- generated: (.*?) -->\n\n)[^]*?(\n*<!-- end -->)/g,
    (_, begin, name, end) => {
      const part = PARTS[name];
      if (part === undefined) {
        throw new Error(`${fileURLToPath(path)} has a part ${name}, which nothing generates`);
      }
      return `${begin}${part()}\n\n${end.trim()}`;
    },
  );
}

/** All such files as they shall be, by their paths. */
export function generated(): Map<string, string> {
  const pages = ['docs/guide/deploy.md', 'docs/push.md'].map((name) => new URL(name, root));
  return new Map([
    ...pages.map((path) => [fileURLToPath(path), page(path)] as const),
    [fileURLToPath(new URL('cdk/test/templates/default.json', root)), readable({})],
    [fileURLToPath(new URL('cdk/test/templates/everything.json', root)), readable(EVERYTHING)],
  ]);
}
