import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { type App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { MemberRoleStack } from '../lib/member-role.ts';
import { PacksStack } from '../lib/packs.ts';
import { PipelineStack } from '../lib/pipeline.ts';
import { ControlsyncStack } from '../lib/stack.ts';
import type { Settings } from '../lib/settings.ts';
import { app as newApp, EVERYTHING, EVIDENCE, ORGANIZATION, PACKAGES, packs, PIPELINE, WHOLE_PIPELINE } from './stacks.ts';

// With the rules of the CDK itself.
process.env.CDK_VALIDATION = 'true';

function check(settings: Settings, change = (_: ControlsyncStack) => {}) {
  return checkApp((app) => change(new ControlsyncStack(app, 'controlsync', { settings, ...PACKAGES })));
}

function checkApp(fill: (app: App) => void) {
  const outdir = mkdtempSync(join(tmpdir(), 'controlsync-'));
  const app = newApp({ outdir });
  fill(app);
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  app.synth();
  return JSON.parse(readFileSync(join(outdir, 'validation-report.json'), 'utf8'));
}

for (const [name, settings] of Object.entries({
  'with default settings': {},
  'with all settings': EVERYTHING,
  'with the evidence function': EVIDENCE,
  'with the evidence function in one account and an existing bucket': { evidence: true, existingBucket: 'team-catalog' },
  'with an existing bucket': { ...EVERYTHING, existingBucket: 'team-catalog' },
})) {
  test(`AwsSolutions has no unacknowledged findings ${name}`, () => {
    assert.deepEqual(check(settings).pluginReports, []);
  });
}

test('AwsSolutions has no unacknowledged findings in the role of member accounts', () => {
  assert.deepEqual(checkApp((app) => void new MemberRoleStack(app, 'member-role')).pluginReports, []);
});

test('AwsSolutions has no unacknowledged findings in the conformance packs', () => {
  const check = checkApp((app) => void new PacksStack(app, 'packs', { packs: packs(), settings: ORGANIZATION }));
  assert.deepEqual(check.pluginReports, []);
});

for (const [name, settings] of Object.entries({ 'what it needs': PIPELINE, 'all settings': WHOLE_PIPELINE })) {
  test(`AwsSolutions has no unacknowledged findings in the pipeline with ${name}`, () => {
    const env = { account: '111122223333', region: 'eu-west-1' };
    assert.deepEqual(checkApp((app) => void new PipelineStack(app, 'pipeline', { env, settings })).pluginReports, []);
  });
}

test('AwsSolutions finds violations', async () => {
  const { Bucket } = await import('aws-cdk-lib/aws-s3');
  assert.throws(() => check({}, (stack) => void new Bucket(stack, 'Open')), /Validation failed/);
});

test('the rules of the CDK find violations', async () => {
  const { CfnResource } = await import('aws-cdk-lib');
  const type = 'AWS::S3::Bucket';
  assert.throws(() => check({}, (stack) => void new CfnResource(stack, 'Wrong', { type, properties: { NoSuchKey: 1 } })), /Validation failed/);
});
