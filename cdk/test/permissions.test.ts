import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EVERYTHING, KEY, BOUNDARY, resource, statements, template } from './made.ts';

const READING = ['ListAuditManager', 'ReadAuditManager'];
const WRITING = [
  'CreateControls',
  'CreateFrameworks',
  'Update',
  'NameControlsInFrameworks',
  'Tag',
  'Untag',
  'DeleteOwn',
];
const OTHERS = ['ListCatalog', 'ReadCatalog', 'KeepState', 'Tell', 'UseTopicKey', 'TakeMessages', 'Log'];

const plan = statements(template());
const apply = statements(template({ mode: 'apply' }));
const named = statements(template({ mode: 'apply', catalog: 'house' }));
const full = statements(template(EVERYTHING));

const list = (value: unknown) => (Array.isArray(value) ? value : [value]);

test('a function that only plans cannot write to Audit Manager', () => {
  assert.deepEqual(Object.keys(plan), [...READING, ...OTHERS]);
  assert.deepEqual(Object.keys(apply), [...READING, ...WRITING, ...OTHERS]);
  for (const statement of Object.values(plan)) {
    assert(
      !list(statement.Action).some((action) => /^auditmanager:(?!Get|List)/.test(action)),
      JSON.stringify(statement),
    );
  }
});

test('no action is a pattern, and nothing is allowed on everything but what knows no resource', () => {
  for (const [sid, { Action, Resource, Effect }] of Object.entries(full)) {
    assert.equal(Effect, 'Allow');
    assert(
      list(Action).every((action) => !action.includes('*')),
      sid,
    );
    assert.equal(list(Resource).includes('*'), ['ListAuditManager', 'CreateControls'].includes(sid), sid);
  }
  assert.deepEqual(full.ListAuditManager.Action, [
    'auditmanager:GetAccountStatus',
    'auditmanager:ListControls',
    'auditmanager:ListAssessmentFrameworks',
    'auditmanager:ListAssessments',
  ]);
});

test('writes are tied to the name of the catalog', () => {
  const ours = { 'aws:ResourceTag/controlsync:catalog': 'house' };
  const asked = { 'aws:RequestTag/controlsync:catalog': 'house' };
  assert.deepEqual(named.CreateControls.Condition, { StringEquals: asked });
  assert.deepEqual(named.CreateFrameworks.Condition, { StringEquals: asked });
  assert.deepEqual(named.Update.Condition, { StringEqualsIfExists: ours });
  assert.deepEqual(named.Tag.Condition, { StringEqualsIfExists: { ...asked, ...ours } });
  assert.deepEqual(named.Untag.Condition, { StringEqualsIfExists: ours });
  assert.deepEqual(named.DeleteOwn.Condition, { StringEquals: ours });
  // A framework may name controls of anybody: those are not written.
  assert.equal(named.NameControlsInFrameworks.Condition, undefined);
});

test('without that name, at least some catalog must own what is created or deleted', () => {
  assert.deepEqual(apply.CreateControls.Condition, { Null: { 'aws:RequestTag/controlsync:catalog': 'false' } });
  assert.deepEqual(apply.DeleteOwn.Condition, { Null: { 'aws:ResourceTag/controlsync:catalog': 'false' } });
  assert.equal(apply.Update.Condition, undefined);
});

test('objects are those of this account and Region; only controls may be of AWS', () => {
  const arns = (statement: any) =>
    list(statement.Resource).map((arn) => JSON.stringify(arn).replace(/.*(auditmanager:[^"]*).*/, '$1'));
  const own = ['control', 'assessmentFramework'].map((type) => `auditmanager:eu-west-1:111122223333:${type}/*`);
  const aws = 'auditmanager:eu-west-1::control/*';
  assert.deepEqual(arns(full.ReadAuditManager), [
    own[0],
    aws,
    own[1],
    'auditmanager:eu-west-1:111122223333:assessment/*',
  ]);
  for (const sid of ['Update', 'Tag', 'Untag', 'DeleteOwn']) {
    assert.deepEqual(arns(full[sid]), own, sid);
  }
  assert.deepEqual(arns(full.CreateFrameworks), [own[1]]);
  assert.deepEqual(arns(full.NameControlsInFrameworks), [own[0], aws]);
});

test('of the bucket, the catalog is read and the state is written', () => {
  const end = (arn: any) => arn['Fn::Join'][1].at(-1);
  assert.deepEqual([full.ListCatalog.Action, full.ListCatalog.Condition], ['s3:ListBucket', undefined]);
  assert.deepEqual([full.ReadCatalog.Action, end(full.ReadCatalog.Resource)], ['s3:GetObject', '/teams/audit/*']);
  assert.deepEqual([plan.ReadCatalog.Action, end(plan.ReadCatalog.Resource)], ['s3:GetObject', '/*']);
  assert.deepEqual(
    [full.KeepState.Action, end(full.KeepState.Resource)],
    [['s3:GetObject', 's3:PutObject'], '/.controlsync/state.json'],
  );
});

test('keys are used through the services whose they are', () => {
  const via = (service: string) => ({ StringEquals: { 'kms:ViaService': `${service}.eu-west-1.amazonaws.com` } });
  const { UseBucketKey, ReadUnderEarlierKeys, UseTopicKey } = full;
  assert.deepEqual(
    [UseBucketKey.Action, UseBucketKey.Resource, UseBucketKey.Condition],
    ['kms:GenerateDataKey', KEY, via('s3')],
  );
  assert.deepEqual([UseTopicKey.Action, UseTopicKey.Condition], [['kms:Decrypt', 'kms:GenerateDataKey'], via('sns')]);
  // An object is read under the key that it was written under, if it is one of this bucket.
  assert.equal(ReadUnderEarlierKeys.Action, 'kms:Decrypt');
  assert.deepEqual(ReadUnderEarlierKeys.Condition.StringEquals, via('s3').StringEquals);
  const [bucket, objects] = ReadUnderEarlierKeys.Condition.StringLike['kms:EncryptionContext:aws:s3:arn'];
  assert.match(bucket['Fn::GetAtt'][0], /^ControlsyncBucket/);
  assert.deepEqual(objects['Fn::Join'][1], [bucket, '/*']);
  assert.equal(plan.UseBucketKey, undefined);
});

test('the role has nothing but its own policy, and the boundary that was asked for', () => {
  const role = resource(template(EVERYTHING), 'AWS::IAM::Role', 'Role').Properties;
  assert.equal(role.ManagedPolicyArns, undefined);
  assert.equal(role.PermissionsBoundary, BOUNDARY);
  assert.equal(role.Policies.length, 1);
  template(EVERYTHING).resourceCountIs('AWS::IAM::Policy', 0);
  assert.deepEqual(
    role.AssumeRolePolicyDocument.Statement.map((one: any) => one.Principal),
    [{ Service: 'lambda.amazonaws.com' }],
  );
  // What a role's own policies may have, https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
  assert(JSON.stringify(role.Policies).length < 10_240);
});
