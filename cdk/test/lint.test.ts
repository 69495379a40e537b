import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { EVERYTHING, EVIDENCE, makePack, memberRole, ORGANIZATION, packs, packsTemplate, pipelineTemplate, template, WHOLE_PIPELINE } from './stacks.ts';

// tests/run.sh installs it from PyPI and sets this variable.
const LINTER = process.env.CFN_LINT ?? 'cfn-lint';
const missing = spawnSync(LINTER, ['--version']).error !== undefined;
// The CDK adds a dependency on the role, although the function already refers to it.
const IGNORED = ['W3005'];

for (const [name, built] of Object.entries({
  default: () => template(),
  everything: () => template(EVERYTHING),
  evidence: () => template(EVIDENCE),
  bucket: () => template({ existingBucket: 'team-catalog' }),
  'member role': memberRole,
  packs: () => packsTemplate([...packs(), makePack('large', { bytes: 51_201 })]),
  pipeline: pipelineTemplate,
  'pipeline with all settings': () => pipelineTemplate(WHOLE_PIPELINE),
  'packs of an organization': () => packsTemplate([...packs(), makePack('large', { bytes: 51_201 })], ORGANIZATION),
})) {
  test(
    `the template is valid: ${name}`,
    { skip: missing && 'cfn-lint is not installed: pip install cfn-lint' },
    () => {
      const path = join(mkdtempSync(join(tmpdir(), 'controlsync-')), 'template.json');
      writeFileSync(path, JSON.stringify(built().toJSON()));
      const { status, stdout } = spawnSync(LINTER, ['--ignore-checks', ...IGNORED, '--', path], { encoding: 'utf8' });
      assert.equal(status, 0, stdout);
    },
  );
}
