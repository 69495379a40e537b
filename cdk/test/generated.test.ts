import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { generated } from './generated.ts';

for (const [path, text] of generated()) {
  test(`${path.split('/').slice(-2).join('/')} is up to date`, () => {
    const found = existsSync(path) ? readFileSync(path, 'utf8') : '';
    assert.equal(found, text, `${path} is not up to date: run npm run generate in cdk/ and review the diff`);
  });
}

test('every generated part is in a page', () => {
  const pages = [...generated()].filter(([path]) => path.endsWith('.md')).map(([, text]) => text);
  const parts = pages.flatMap((text) => [...text.matchAll(/<!-- generated: (.*?) -->/g)].map((match) => match[1]));
  assert.deepEqual(parts.sort(), [
    'policy of apply and push',
    'policy of compliance',
    'policy of deploy',
    'policy of destroy',
    'policy of evidence',
    'policy of packs',
    'policy of plan and pull',
    'policy of push',
    'settings',
    'settings of the pipeline',
  ]);
});
