// Files generated from the code: tables and policies in the docs, the feature flags in cdk.json, and the templates. That of the
// role in member accounts is a part of the product, the others show reviewers what changes.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { App, Stack } from 'aws-cdk-lib';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { showingCompliance, showingEvidence } from '../lib/evidence-permissions.ts';
import { deploying, destroying, pushing, reading, readingPacks, usingCdk, writing } from '../lib/permissions.ts';
import { PIPELINE_SETTINGS } from '../lib/pipeline-settings.ts';
import type { Table } from '../lib/setting-kinds.ts';
import { SETTINGS } from '../lib/settings.ts';
import { EVERYTHING, EVIDENCE, memberRole, ORGANIZATION, packs, packsTemplate, pipelineTemplate, readable, template, WHOLE_PIPELINE } from './stacks.ts';

const root = new URL('../../', import.meta.url);

function table(settings: Table): string {
  const rows = Object.entries(settings).map(([name, { meaning, form, byDefault }]) => {
    return `| \`${name}\` | ${meaning} | ${form} | ${byDefault} |`;
  });
  return ['| setting | meaning | value | default |', '|---|---|---|---|', ...rows].join('\n');
}

const example = new Stack(new App(), 'example', { env: { account: '111122223333', region: 'eu-west-1' } });

/** The partition in an ARN, as a template writes it. */
const PARTITION =
  /\{\s*"Fn::Join": \[\s*"",\s*\[\s*"arn:",\s*\{\s*"Ref": "AWS::Partition"\s*\},\s*"(.*)"\s*\]\s*\]\s*\}/g;

/** Puts lists and conditions that fit on one line of JSON on one line. */
function compact(json: string): string {
  const join = (block: string) => {
    const line = block
      .replaceAll(/\s*\n\s*/g, ' ')
      .replace(/^\[ /, '[')
      .replace(/ \]$/, ']');
    return line.length <= 100 ? line : block;
  };
  return json.replaceAll(/\[\n[^[\]{}]*\]/g, join).replaceAll(/"Condition": \{\n[^{}]*\{[^{}]*\}\s*\}/g, join);
}

/** A policy in a block. Tests of the page may need it to have a name. */
function policy(statements: PolicyStatement[], name = ''): string {
  const resolved = example
    .resolve(statements.map((statement) => statement.toStatementJson()))
    .map(({ Sid, Effect, Action, Resource, Condition }: any) => ({ Sid, Effect, Action, Resource, Condition }));
  const document = JSON.stringify({ Version: '2012-10-17', Statement: resolved }, null, 2);
  return `\`\`\`json${name}\n${compact(document.replaceAll(PARTITION, '"arn:aws$1"'))}\n\`\`\``;
}

/** The feature flags that the CDK recommends for new apps. */
function flags(): string {
  const path = fileURLToPath(import.meta.resolve('aws-cdk-lib/recommended-feature-flags.json'));
  const cdk = JSON.parse(readFileSync(new URL('cdk/cdk.json', root), 'utf8'));
  const { 'cdk-migrate': _, ...context } = JSON.parse(readFileSync(path, 'utf8'));
  return `${JSON.stringify({ ...cdk, context }, null, 2)}\n`;
}

const team = () => pushing('arn:aws:s3:::team-catalog', 'audit/');

/** The parts of pages between `<!-- generated: NAME -->` and `<!-- end -->`. */
const PARTS: Record<string, () => string> = {
  settings: () => table(SETTINGS),
  'settings of the pipeline': () => table(PIPELINE_SETTINGS),
  'policy of deploy': () => policy(deploying(example)),
  'policy of destroy': () => policy(destroying(example)),
  'policy of evidence': () => policy(showingEvidence(example, 'controlsync-evidence'), ' policy of evidence'),
  'policy of compliance': () => policy(showingCompliance(example, 'controlsync-evidence'), ' policy of compliance'),
  'policy of plan and pull': () => policy(reading(example)),
  'policy of apply and push': () => policy([...reading(example), ...writing(example, 'house'), ...team()]),
  'policy of packs': () => policy([...readingPacks(example, 'controlsync-packs'), ...usingCdk(example)]),
  'policy of push': () => policy(team()),
};

function page(path: URL): string {
  return readFileSync(path, 'utf8').replaceAll(
    /(<!-- generated: (.*?) -->\n\n)[^]*?(\n*<!-- end -->)/g,
    (_, start, name, end) => {
      const part = PARTS[name];
      if (part === undefined) {
        throw new Error(`${fileURLToPath(path)} has an unknown part ${name}`);
      }
      return `${start}${part()}\n\n${end.trim()}`;
    },
  );
}

/** The expected content of all generated files, by path. */
export function generated(): Map<string, string> {
  const guides = ['compliance', 'deploy', 'deploy-packs', 'evidence'].map((name) => `guide/${name}`);
  const pages = [...guides, 'push'].map((name) => new URL(`docs/${name}.md`, root));
  return new Map([
    [fileURLToPath(new URL('cdk/cdk.json', root)), flags()],
    ...pages.map((path) => [fileURLToPath(path), page(path)] as const),
    [fileURLToPath(new URL('cdk/member-role.json', root)), `${JSON.stringify(memberRole().toJSON(), null, 2)}\n`],
    [fileURLToPath(new URL('cdk/test/templates/default.json', root)), readable(template())],
    [fileURLToPath(new URL('cdk/test/templates/everything.json', root)), readable(template(EVERYTHING))],
    [fileURLToPath(new URL('cdk/test/templates/evidence.json', root)), readable(template(EVIDENCE))],
    [fileURLToPath(new URL('cdk/test/templates/packs.json', root)), readable(packsTemplate(packs(), ORGANIZATION))],
    [fileURLToPath(new URL('cdk/test/templates/pipeline.json', root)), readable(pipelineTemplate(WHOLE_PIPELINE))],
  ]);
}
