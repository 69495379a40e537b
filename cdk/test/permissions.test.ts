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
const OTHERS = [
  'ListCatalog',
  'ReadCatalog',
  'KeepState',
  'PublishReports',
  'CountSubscriptions',
  'UseTopicKey',
  'TakeMessages',
  'Log',
];

const plan = statements(template());
const apply = statements(template({ mode: 'apply', catalog: 'house' }));
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
    'auditmanager:ListAssessmentFrameworks',
    'auditmanager:ListAssessments',
    'auditmanager:ListControls',
  ]);
});

test('writes are tied to the name of the catalog', () => {
  const ours = { 'aws:ResourceTag/controlsync:catalog': 'house' };
  const asked = { 'aws:RequestTag/controlsync:catalog': 'house' };
  assert.deepEqual(apply.CreateControls.Condition, { StringEquals: asked });
  assert.deepEqual(apply.CreateFrameworks.Condition, { StringEquals: asked });
  assert.deepEqual(apply.Update.Condition, { StringEqualsIfExists: ours });
  assert.deepEqual(apply.Tag.Condition, { StringEqualsIfExists: { ...asked, ...ours } });
  // A create has no ARN to authorize its tags with.
  const isNew = { 'aws:ResourceTag/controlsync:catalog': 'true' };
  assert.deepEqual(apply.TagNew.Condition, { StringEquals: asked, Null: isNew });
  assert.deepEqual(apply.Untag.Condition, { StringEqualsIfExists: ours });
  assert.deepEqual(apply.DeleteOwn.Condition, { StringEquals: ours });
  // A framework may contain controls of any owner, because these are not written.
  assert.equal(apply.ListControlsInFrameworks.Condition, undefined);
});

test('objects belong to this account and Region; only controls can belong to AWS', () => {
  const arns = (statement: any) =>
    list(statement.Resource).map((arn) => JSON.stringify(arn).replace(/.*(auditmanager:[^"]*).*/, '$1'));
  const own = ['assessmentFramework', 'control'].map((type) => `auditmanager:eu-west-1:111122223333:${type}/*`);
  const aws = 'auditmanager:eu-west-1::control/*';
  const assessments = 'auditmanager:eu-west-1:111122223333:assessment/*';
  assert.deepEqual(arns(full.ReadAuditManager), [assessments, ...own, aws]);
  for (const sid of ['Update', 'Tag', 'Untag', 'DeleteOwn']) {
    assert.deepEqual(arns(full[sid]), own, sid);
  }
  assert.deepEqual(arns(full.CreateFrameworks), [own[0]]);
  assert.deepEqual(arns(full.ListControlsInFrameworks), [own[1], aws]);
});

test('the catalog in the bucket can be read, and the state can be written', () => {
  const end = (arn: any) => arn['Fn::Join'][1].at(-1);
  assert.deepEqual([full.ListCatalog.Action, full.ListCatalog.Condition], ['s3:ListBucket', undefined]);
  assert.deepEqual([full.ReadCatalog.Action, end(full.ReadCatalog.Resource)], ['s3:GetObject', '/teams/audit/*']);
  assert.deepEqual([plan.ReadCatalog.Action, end(plan.ReadCatalog.Resource)], ['s3:GetObject', '/*']);
  assert.deepEqual(
    [full.KeepState.Action, end(full.KeepState.Resource)],
    [['s3:GetObject', 's3:PutObject'], '/teams/audit/.controlsync/state.json'],
  );
  assert.equal(end(plan.KeepState.Resource), '/.controlsync/state.json');
});

test('a key of another account can be used', () => {
  const foreign = 'arn:aws:kms:eu-west-1:444455556666:key/1234abcd-12ab-34cd-56ef-1234567890ab';
  const { UseBucketKey } = statements(template({ kmsKey: foreign }));
  assert.deepEqual([UseBucketKey.Action, UseBucketKey.Resource], [['kms:Decrypt', 'kms:GenerateDataKey'], foreign]);
});

test('keys can be used only through their services', () => {
  const via = (service: string) => ({ StringEquals: { 'kms:ViaService': `${service}.eu-west-1.amazonaws.com` } });
  const { UseBucketKey, ReadUnderEarlierKeys, UseTopicKey } = full;
  assert.deepEqual(
    [UseBucketKey.Action, UseBucketKey.Resource, UseBucketKey.Condition],
    [['kms:Decrypt', 'kms:GenerateDataKey'], KEY, via('s3')],
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
