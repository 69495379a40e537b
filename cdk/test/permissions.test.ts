import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EVERYTHING, KEY, BOUNDARY, resource, statements, template } from './stacks.ts';

const READING = ['ListAuditManager', 'ReadAuditManager'];
const WRITING = [
  'CreateControls',
  'CreateFrameworks',
  'Update',
  'ListControlsInFrameworks',
  'Tag',
  'TagNew',
  'Untag',
  'DeleteOwn',
];
const OTHERS = ['ListCatalog', 'ReadCatalog', 'KeepState', 'PublishReports', 'UseTopicKey', 'TakeMessages', 'Log'];

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

test('actions have no wildcards, and only those without a resource type are allowed on all resources', () => {
  for (const [sid, { Action, Resource, Effect }] of Object.entries(full)) {
    assert.equal(Effect, 'Allow');
    assert(
      list(Action).every((action) => !action.includes('*')),
      sid,
    );
    assert.equal(list(Resource).includes('*'), ['ListAuditManager', 'CreateControls', 'TagNew'].includes(sid), sid);
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
  // A create has no ARN to authorize its tags with.
  const isNew = { 'aws:ResourceTag/controlsync:catalog': 'true' };
  assert.deepEqual(named.TagNew.Condition, { StringEquals: asked, Null: isNew });
  assert.deepEqual(apply.TagNew.Condition, {
    Null: { 'aws:RequestTag/controlsync:catalog': 'false', ...isNew },
  });
  assert.deepEqual(named.Untag.Condition, { StringEqualsIfExists: ours });
  assert.deepEqual(named.DeleteOwn.Condition, { StringEquals: ours });
  // A framework may contain controls of any owner, because these are not written.
  assert.equal(named.ListControlsInFrameworks.Condition, undefined);
});

test('without a catalog name, only objects of some catalog can be created or deleted', () => {
  assert.deepEqual(apply.CreateControls.Condition, { Null: { 'aws:RequestTag/controlsync:catalog': 'false' } });
  assert.deepEqual(apply.DeleteOwn.Condition, { Null: { 'aws:ResourceTag/controlsync:catalog': 'false' } });
  assert.equal(apply.Update.Condition, undefined);
});

test('objects belong to this account and Region; only controls can belong to AWS', () => {
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
  assert.deepEqual(arns(full.ListControlsInFrameworks), [own[0], aws]);
});

test('the catalog in the bucket can be read, and the state can be written', () => {
  const end = (arn: any) => arn['Fn::Join'][1].at(-1);
  assert.deepEqual([full.ListCatalog.Action, full.ListCatalog.Condition], ['s3:ListBucket', undefined]);
  assert.deepEqual([full.ReadCatalog.Action, end(full.ReadCatalog.Resource)], ['s3:GetObject', '/teams/audit/*']);
  assert.deepEqual([plan.ReadCatalog.Action, end(plan.ReadCatalog.Resource)], ['s3:GetObject', '/*']);
  assert.deepEqual(
    [full.KeepState.Action, end(full.KeepState.Resource)],
    [['s3:GetObject', 's3:PutObject'], '/.controlsync/state.json'],
  );
});

test('keys can be used only through their services', () => {
  const via = (service: string) => ({ StringEquals: { 'kms:ViaService': `${service}.eu-west-1.amazonaws.com` } });
  const { UseBucketKey, ReadUnderEarlierKeys, UseTopicKey } = full;
  assert.deepEqual(
    [UseBucketKey.Action, UseBucketKey.Resource, UseBucketKey.Condition],
    ['kms:GenerateDataKey', KEY, via('s3')],
  );
  assert.deepEqual([UseTopicKey.Action, UseTopicKey.Condition], [['kms:Decrypt', 'kms:GenerateDataKey'], via('sns')]);
  // Objects of this bucket can be decrypted with any key.
  assert.equal(ReadUnderEarlierKeys.Action, 'kms:Decrypt');
  assert.deepEqual(ReadUnderEarlierKeys.Condition.StringEquals, via('s3').StringEquals);
  const [bucket, objects] = ReadUnderEarlierKeys.Condition.StringLike['kms:EncryptionContext:aws:s3:arn'];
  assert.match(bucket['Fn::GetAtt'][0], /^ControlsyncBucket/);
  assert.deepEqual(objects['Fn::Join'][1], [bucket, '/*']);
  assert.equal(plan.UseBucketKey, undefined);
});

test('the role has only its inline policy, and the configured boundary', () => {
  const role = resource(template(EVERYTHING), 'AWS::IAM::Role', 'Role').Properties;
  assert.equal(role.ManagedPolicyArns, undefined);
  assert.equal(role.PermissionsBoundary, BOUNDARY);
  assert.equal(role.Policies.length, 1);
  template(EVERYTHING).resourceCountIs('AWS::IAM::Policy', 0);
  assert.deepEqual(
    role.AssumeRolePolicyDocument.Statement.map((one: any) => one.Principal),
    [{ Service: 'lambda.amazonaws.com' }],
  );
  // Quota for the inline policies of a role, https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
  assert(JSON.stringify(role.Policies).length < 10_240);
});
