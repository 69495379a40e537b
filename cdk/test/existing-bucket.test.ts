import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type BucketFacts, judge } from '../lib/existing-bucket.ts';
import type { Settings } from '../lib/settings.ts';
import { KEY } from './stacks.ts';

const GOOD: BucketFacts = {
  location: { LocationConstraint: 'eu-west-1' },
  notification: { EventBridgeConfiguration: {} },
  encryption: null,
  versioning: { Status: 'Enabled' },
  lifecycle: null,
  policy: null,
};

const verdict = (facts: Partial<BucketFacts>, settings: Settings = {}, region = 'eu-west-1') =>
  judge('team-catalog', { ...GOOD, ...facts }, settings, region);

/** The only error. */
function error(facts: Partial<BucketFacts>, settings: Settings = {}): string {
  const { errors } = verdict(facts, settings);
  assert.equal(errors.length, 1, JSON.stringify(errors));
  return errors[0]!;
}

const encrypted = (SSEAlgorithm: string, KMSMasterKeyID?: string) => ({
  encryption: {
    ServerSideEncryptionConfiguration: {
      Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm, KMSMasterKeyID } }],
    },
  },
});

const expiring = (rule: object) => ({ lifecycle: { Rules: [{ ID: 'tidy', Status: 'Enabled', Expiration: { Days: 30 }, ...rule }] } });

const protecting = (resource: string) => ({
  policy: {
    Policy: JSON.stringify({
      Statement: [{ Sid: 'OnlyTheFunctionWritesItsState', Effect: 'Deny', Resource: `arn:aws:s3:::${resource}` }],
    }),
  },
});

test('a bucket that has everything is accepted', () => {
  assert.deepEqual(verdict({}), { errors: [], warnings: [] });
  assert.deepEqual(verdict({ location: { LocationConstraint: null } }, {}, 'us-east-1').errors, []);
  assert.deepEqual(verdict({ location: { LocationConstraint: 'EU' } }).errors, []);
});

test('a bucket that cannot trigger the function is rejected', () => {
  const elsewhere = 'the bucket team-catalog is in us-east-1: it sends its events there, not to eu-west-1';
  assert.equal(error({ location: { LocationConstraint: null } }), elsewhere);
  assert.match(error({ notification: null }), /^the bucket team-catalog does not send its events to EventBridge: turn that on/);
  assert.match(error({ notification: {} }), /does not send its events/);
});

test('a key that the function could not use is rejected', () => {
  for (const facts of [encrypted('AES256'), encrypted('aws:kms'), encrypted('aws:kms', 'arn:aws:kms:eu-west-1:1:alias/aws/s3')]) {
    assert.deepEqual(verdict(facts).errors, []);
  }
  for (const key of [KEY, KEY.split('/').at(-1)!]) {
    assert.deepEqual(verdict(encrypted('aws:kms', key), { kmsKey: KEY }).errors, []);
    assert.match(error(encrypted('aws:kms', key)), /could not use: set kmsKey to the ARN of that key$/);
  }
  const alias = encrypted('aws:kms', 'arn:aws:kms:eu-west-1:111122223333:alias/team');
  assert.deepEqual(verdict(alias, { kmsKey: KEY }).errors, []);
  assert.match(error(alias), /set kmsKey to the ARN of that key$/);
  const another = KEY.replace('1234abcd', '00000000');
  assert.match(error(encrypted('aws:kms:dsse', another), { kmsKey: KEY }), /but kmsKey is arn.*: set kmsKey to the ARN of that key$/);
});

test('a lifecycle rule that expires files of the catalog is rejected', () => {
  for (const rule of [
    { Prefix: '' },
    {},
    { Filter: {} },
    { Filter: { Prefix: 'controls/' } },
    { Filter: { And: { Prefix: 'controls/team/', ObjectSizeGreaterThan: 1 } } },
    { Prefix: 'control', Expiration: { Date: '2027-01-01' } },
  ]) {
    assert.match(error(expiring(rule)), /^the lifecycle rule tidy of the bucket team-catalog expires files of the catalog/);
  }
  for (const rule of [
    { Status: 'Disabled' },
    { Filter: { Tag: { Key: 'a', Value: 'b' } } },
    { Filter: { And: { Prefix: 'controls/', Tags: [{ Key: 'a', Value: 'b' }] } } },
    { Filter: { Prefix: 'reports/' } },
    { Filter: { Prefix: '.controlsync/' } },
    { Expiration: { ExpiredObjectDeleteMarker: true } },
    { Expiration: undefined, NoncurrentVersionExpiration: { NoncurrentDays: 7 } },
  ]) {
    assert.deepEqual(verdict(expiring(rule)).errors, [], JSON.stringify(rule));
  }
  assert.deepEqual(verdict(expiring({ Prefix: 'controls/' }), { prefix: 'audit' }).errors, []);
  assert.match(error(expiring({ Prefix: 'audit/' }), { prefix: 'audit' }), /limit it to other prefixes$/);
});

test('the rules of a bucket must delete reports when the setting says', () => {
  const reports = { reportDays: 30 } as const;
  const message = (found: string, keys = 'reports/compliance-') =>
    `the bucket team-catalog ${found}, but reportDays is 30: give it a lifecycle rule that expires objects ` +
    `with the prefix ${keys} after 30 days, or remove reportDays`;
  for (const Prefix of ['reports/', 'reports/compliance-', 'report']) {
    assert.deepEqual(verdict(expiring({ Prefix }), reports).errors, [], Prefix);
    assert.equal(error(expiring({ Prefix, Expiration: { Days: 7 } }), reports), message('deletes reports after 7 days'));
    assert.deepEqual(verdict(expiring({ Prefix, Expiration: { Days: 7 } })).errors, [], 'without the setting, it is up to the bucket');
  }
  for (const rule of [{ Prefix: 'reports/old/' }, { Prefix: 'reports/', Status: 'Disabled' }, { Filter: { And: { Prefix: 'reports/', Tags: [] } } }]) {
    assert.equal(error(expiring(rule), reports), message('never deletes reports'), JSON.stringify(rule));
  }
  assert.equal(error({}, { ...reports, prefix: 'audit' }), message('never deletes reports', 'audit/reports/compliance-'));
  assert.deepEqual(verdict(expiring({ Prefix: 'audit/reports/' }), { ...reports, prefix: 'audit' }).errors, []);
});

test('a bucket whose state another function owns is rejected', () => {
  assert.match(error(protecting('team-catalog/.controlsync/*')), /remove the statement OnlyTheFunctionWritesItsState$/);
  assert.match(error(protecting('team-catalog/audit/.controlsync/*'), { prefix: 'audit' }), /allows only the function of another stack/);
  // Another catalog in the same bucket.
  assert.deepEqual(verdict(protecting('team-catalog/audit/.controlsync/*')).errors, []);
});

test('a bucket without versions is a warning', () => {
  const { errors, warnings } = verdict({ versioning: {} });
  assert.deepEqual(errors, []);
  assert.deepEqual(warnings, ['the bucket team-catalog is not versioned: a file that is overwritten or removed there cannot be restored']);
});
