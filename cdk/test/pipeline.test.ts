import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { App } from 'aws-cdk-lib';
import { buildspec } from '../lib/build-project.ts';
import { PIPELINE_SETTINGS, readPipelineSettings, REPOSITORY, VERSION } from '../lib/pipeline-settings.ts';
import { settingsInContext, SettingsError } from '../lib/setting-kinds.ts';
import { KEY, PIPELINE, pipelineTemplate, WHOLE_PIPELINE } from './stacks.ts';

const [small, whole] = [PIPELINE, WHOLE_PIPELINE].map((settings) => pipelineTemplate(settings).toJSON().Resources);

function only(resources: any, type: string, id = ''): any {
  const found = Object.entries<any>(resources).filter(([name, { Type }]) => Type === type && name.startsWith(id));
  assert.equal(found.length, 1, `${type} ${id}`);
  return found[0]![1].Properties;
}

const pipeline = (resources: any) => only(resources, 'AWS::CodePipeline::Pipeline');
const variables = (resources: any, id: string) => {
  const { Environment } = only(resources, 'AWS::CodeBuild::Project', id);
  return Object.fromEntries(Environment.EnvironmentVariables.map(({ Name, Value }: any) => [Name, Value]));
};
const allowed = (resources: any, id: string) =>
  Object.fromEntries<any>(
    only(resources, 'AWS::IAM::Role', id)
      .Policies.flatMap(({ PolicyDocument }: any) => PolicyDocument.Statement)
      .map((statement: any) => [statement.Sid, statement]),
  );

test('the stages are check, approval, push and deployment of one source', () => {
  const { Stages, PipelineType, ExecutionMode } = pipeline(small);
  assert.deepEqual([PipelineType, ExecutionMode], ['V2', 'SUPERSEDED']);
  const names = Stages.map(({ Name, Actions }: any) => [Name, ...Actions.map((action: any) => action.Name)]);
  assert.deepEqual(names, [['Source', 'Source'], ['Check', 'Check'], ['Approve', 'Approve'], ['Deploy', 'Push', 'Packs']]);
  const [push, packs] = Stages[3].Actions;
  assert(push.RunOrder < packs.RunOrder);
  for (const action of [Stages[1].Actions[0], push, packs]) {
    assert.deepEqual(action.InputArtifacts, [{ Name: 'Source' }]);
  }
});

test('the source is a branch of a repository, through a connection', () => {
  const source = (resources: any) => pipeline(resources).Stages[0].Actions[0].Configuration;
  const { connection, repository } = PIPELINE;
  assert.deepEqual(source(small), { ConnectionArn: connection, FullRepositoryId: repository, BranchName: 'main' });
  assert.equal(source(whole).BranchName, 'release');
  assert.deepEqual(allowed(small, 'Role').Source.Action, 'codeconnections:UseConnection');
  const older = { ...PIPELINE, connection: PIPELINE.connection.replace('codeconnections', 'codestar-connections') };
  const { Resources } = pipelineTemplate(older).toJSON();
  assert.deepEqual(allowed(Resources, 'Role').Source.Action, 'codestar-connections:UseConnection');
});

test('the approval shows what the check exports', () => {
  const [check] = pipeline(small).Stages[1].Actions;
  const [approval] = pipeline(small).Stages[2].Actions;
  assert.equal(check.Namespace, 'Check');
  assert.deepEqual(approval.Configuration, { CustomData: '#{Check.SUMMARY}', ExternalEntityLink: '#{Check.LOG}' });
  assert.match(buildspec('Check'), /exported-variables: \[SUMMARY, LOG\]/);
});

test('each project runs its buildspec, and uses every variable that it gets', () => {
  for (const id of ['Check', 'Push', 'Packs']) {
    const { Source } = only(whole, 'AWS::CodeBuild::Project', id);
    const file = readFileSync(new URL(`../buildspec/${id.toLowerCase()}.yml`, import.meta.url), 'utf8');
    assert.deepEqual(Source, { Type: 'CODEPIPELINE', BuildSpec: file });
    const used = new Set([...file.matchAll(/\$\{?([A-Z_]+)/g)].map((match) => match[1]));
    // The program and download.sh read these.
    const read = ['CONTROLSYNC_BUCKET', 'CONTROLSYNC_PREFIX', 'CONTROLSYNC_MEMBER_ROLE', 'CONTROLSYNC_EXTERNAL_ID', 'CONTROLSYNC_RELEASES'];
    const unset = [...used].filter((name) => !(name! in variables(whole, id)));
    const unused = Object.keys(variables(whole, id)).filter((name) => !used.has(name) && !read.includes(name));
    assert.deepEqual([unset.filter((name) => !['CONTROLSYNC_BIN', 'CODEBUILD_BUILD_URL', 'PACKS', 'PLAN'].includes(name!)), unused], [[], []]);
  }
});

test('settings are variables, with the version and the repository of this checkout by default', () => {
  assert.deepEqual(variables(small, 'Check'), {
    CATALOG_DIR: '.',
    CONTROLSYNC_GIT: REPOSITORY,
    CONTROLSYNC_HOME: '/tmp/controlsync',
    CONTROLSYNC_VERSION: VERSION,
    EXPORT_FLAGS: '',
    PACKS_STACK: 'controlsync-packs',
  });
  assert.equal(variables(whole, 'Check').CONTROLSYNC_MEMBER_ROLE, 'audit/controlsync-evidence');
  assert.equal(variables(whole, 'Push').CONTROLSYNC_PREFIX, 'teams/audit');
  assert.equal(variables(whole, 'Packs').PACKS_STACK, 'house-packs');
  assert.equal(variables(whole, 'Packs').QUALIFIER, 'team');
});

test('the check only reads', () => {
  for (const resources of [small, whole]) {
    for (const { Action } of Object.values<any>(allowed(resources, 'Check'))) {
      for (const action of [Action].flat()) {
        assert.match(action, /:(BatchGet|Describe|Get|List)|^sts:AssumeRole$|^logs:(CreateLogStream|PutLogEvents)$/);
      }
    }
  }
  assert.match(JSON.stringify(allowed(small, 'Check').AssumeCdkRoles.Resource), /role\/cdk-hnb659fds-lookup-role-\*/);
  assert.equal(allowed(small, 'Check').AssumeMemberRole, undefined);
  assert.match(JSON.stringify(allowed(whole, 'Check').AssumeMemberRole.Resource), /audit\/controlsync-evidence/);
});

test('the push writes files of the catalog, and nothing else', () => {
  assert.deepEqual(Object.keys(allowed(small, 'Push')), ['ListBucket', 'Upload', 'ReadSource', 'WriteLog']);
  assert.match(JSON.stringify(allowed(whole, 'Push').Upload.Resource), /team-catalog\/teams\/audit\/controls\/\*/);
  assert.deepEqual(allowed(whole, 'Push').UseKey.Resource, KEY);
});

test('the deployment may only read its stack and assume the roles of the CDK', () => {
  const statements = allowed(whole, 'Packs');
  assert.deepEqual(Object.keys(statements), ['ReadStacks', 'ReadCdkBootstrap', 'AssumeCdkRoles', 'ReadSource', 'WriteLog']);
  assert.match(JSON.stringify(statements.AssumeCdkRoles.Resource), /role\/cdk-team-\*/);
  assert.match(JSON.stringify(statements.ReadStacks.Resource), /stack\/house-packs\/\*/);
});

test('artifacts are encrypted and private, and expire; logs too', () => {
  const bucket = only(small, 'AWS::S3::Bucket');
  assert.equal(bucket.BucketEncryption.ServerSideEncryptionConfiguration[0].ServerSideEncryptionByDefault.SSEAlgorithm, 'aws:kms');
  assert(Object.values(bucket.PublicAccessBlockConfiguration).every((value) => value === true));
  assert.equal(bucket.LifecycleConfiguration.Rules[0].ExpirationInDays, 30);
  const retentions = (resources: any) =>
    Object.values<any>(resources).flatMap(({ Type, Properties }) => (Type === 'AWS::Logs::LogGroup' ? [Properties.RetentionInDays] : []));
  assert.deepEqual([retentions(small), retentions(whole)], [[90, 90, 90], [365, 365, 365]]);
});

test('only services of this account assume the roles', () => {
  for (const { Type, Properties } of Object.values<any>(small)) {
    if (Type === 'AWS::IAM::Role') {
      assert.deepEqual(Properties.AssumeRolePolicyDocument.Statement[0].Condition, {
        StringEquals: { 'aws:SourceAccount': '111122223333' },
      });
    }
  }
});

test('missing and invalid settings are errors', () => {
  const errors = (given: Record<string, unknown>) => {
    try {
      readPipelineSettings(given);
    } catch (error) {
      assert(error instanceof SettingsError);
      return error.message.split('\n');
    }
    return [];
  };
  assert.deepEqual(errors(PIPELINE), []);
  assert.deepEqual(errors(WHOLE_PIPELINE), []);
  assert.deepEqual(errors({}).map((message) => message.split(':')[0]), [
    'connection is not set',
    'repository is not set',
    'bucket is not set',
  ]);
  for (const [name, value] of [
    ['connection', 'arn:aws:iam::111122223333:role/x'],
    ['repository', 'controls'],
    ['branch', 'a b'],
    ['catalogDir', '../audit'],
    ['catalogDir', '/audit'],
    ['bucket', 's3://team'],
    ['exportFlags', '--name x; rm'],
    ['packsStack', 'a_b'],
    ['version', 'main'],
    ['git', 'ssh://host'],
  ] as const) {
    const [message, ...more] = errors({ ...PIPELINE, [name]: value });
    assert(message?.startsWith(`invalid value ${JSON.stringify(value)} for ${name}: set it to `), message);
    assert(more.every((text) => text.startsWith(`${name} is not set`)), String(more));
  }
  const [message] = errors({ ...PIPELINE, externalId: 'house' });
  assert.equal(message, 'externalId is set, but memberRole is not: set it to the name of the role that demands the external ID');
});

test('settings come from the context', () => {
  const app = new App({ context: { 'controlsync:branch': 'release', stack: 'x' } });
  assert.deepEqual(settingsInContext(PIPELINE_SETTINGS, app.node), { branch: 'release' });
});
