import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { app, EVERYTHING, EVIDENCE, KEY, resource, STAND_IN, stack, template } from './stacks.ts';
import { ControlsyncStack } from '../lib/stack.ts';
import { App } from 'aws-cdk-lib';
import { SettingsError } from '../lib/setting-kinds.ts';
import type { Settings } from '../lib/settings.ts';

const plain = template();
const full = template(EVERYTHING);
const DAYS_14 = 14 * 24 * 3600;

test('the stack has exactly these resources', () => {
  const types = Object.values(plain.toJSON().Resources).map((one: any) => one.Type);
  const counted = Object.fromEntries(
    [...new Set(types)].sort().map((type) => [type, types.filter((one) => one === type).length]),
  );
  assert.deepEqual(counted, {
    'AWS::CloudWatch::Alarm': 8,
    'AWS::Events::Rule': 2,
    'AWS::IAM::Role': 1,
    'AWS::KMS::Key': 1,
    'AWS::Lambda::EventSourceMapping': 1,
    'AWS::Lambda::Function': 1,
    'AWS::Logs::LogGroup': 1,
    'AWS::S3::Bucket': 1,
    'AWS::S3::BucketPolicy': 1,
    'AWS::SNS::Topic': 2,
    'AWS::SNS::TopicPolicy': 2,
    'AWS::SQS::Queue': 3,
    'AWS::SQS::QueuePolicy': 3,
  });
});

test('the bucket is versioned and private, sends events to EventBridge, and outlives the stack', () => {
  plain.hasResource('AWS::S3::Bucket', {
    DeletionPolicy: 'RetainExceptOnCreate',
    UpdateReplacePolicy: 'Retain',
    Properties: {
      VersioningConfiguration: { Status: 'Enabled' },
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
      },
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
      NotificationConfiguration: { EventBridgeConfiguration: { EventBridgeEnabled: true } },
    },
  });
  // Old versions of the state expire; versions of the catalog do not.
  const { Rules } = resource(plain, 'AWS::S3::Bucket', 'Bucket').Properties.LifecycleConfiguration;
  assert.deepEqual(
    Rules.filter((rule: any) => rule.NoncurrentVersionExpiration).map((rule: any) => rule.Prefix),
    ['.controlsync/'],
  );
  const ofPrefix = resource(full, 'AWS::S3::Bucket', 'Bucket').Properties.LifecycleConfiguration.Rules;
  assert(ofPrefix.some((rule: any) => rule.Prefix === 'teams/audit/.controlsync/'));
  assert(!Rules.some((rule: any) => 'ExpirationInDays' in rule));
});

test('reports expire if the evidence function writes them, and nothing else does', () => {
  const rules = (settings: Settings) =>
    resource(template(settings), 'AWS::S3::Bucket', 'Bucket').Properties.LifecycleConfiguration.Rules;
  const rule = (Prefix: string, ExpirationInDays: number) => ({
    ExpirationInDays,
    NoncurrentVersionExpiration: { NoncurrentDays: 30 },
    Prefix,
    Status: 'Enabled',
  });
  const before = rules({ evidence: true });
  assert(!before.some((one: any) => 'ExpirationInDays' in one));
  assert.deepEqual(rules({ evidence: true, evidenceReports: true }), [...before, rule('reports/compliance-', 400)]);
  assert.deepEqual(rules(EVIDENCE).slice(2), [rule('teams/audit/reports/compliance-', 800)]);
});

test('a customer managed key encrypts the bucket', () => {
  full.hasResourceProperties('AWS::S3::Bucket', {
    BucketEncryption: {
      ServerSideEncryptionConfiguration: [
        { BucketKeyEnabled: true, ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: KEY } },
      ],
    },
  });
});

test('an existing bucket is used unchanged', () => {
  const existing = template({ existingBucket: 'team-catalog' });
  existing.resourceCountIs('AWS::S3::Bucket', 0);
  existing.resourceCountIs('AWS::S3::BucketPolicy', 0);
  existing.hasOutput('Bucket', { Value: 'team-catalog' });
  const rule = resource(existing, 'AWS::Events::Rule', 'Uploads').Properties;
  assert.deepEqual(rule.EventPattern.detail.bucket.name, ['team-catalog']);
});

test('requests without TLS are denied', () => {
  for (const type of ['AWS::S3::BucketPolicy', 'AWS::SNS::TopicPolicy', 'AWS::SQS::QueuePolicy']) {
    const policies = Object.values(full.findResources(type)) as any[];
    assert(policies.length > 0);
    for (const { Properties } of policies) {
      const denied = Properties.PolicyDocument.Statement.filter((one: any) => one.Effect === 'Deny');
      const insecure = denied.filter((one: any) => one.Condition.Bool);
      assert.deepEqual(
        insecure.map((one: any) => one.Condition),
        [{ Bool: { 'aws:SecureTransport': 'false' } }],
        type,
      );
    }
  }
});

test('only the role can write the state', () => {
  for (const [built, folder] of [
    [plain, '/.controlsync/*'],
    [full, '/teams/audit/.controlsync/*'],
  ] as const) {
    const { Statement } = resource(built, 'AWS::S3::BucketPolicy', 'BucketPolicy').Properties.PolicyDocument;
    const [state, ...others] = Statement.filter((one: any) => one.Sid === 'OnlyTheFunctionWritesItsState');
    const [role] = Object.keys(built.findResources('AWS::IAM::Role'));
    assert.deepEqual(others, []);
    assert.equal(state.Effect, 'Deny');
    assert.deepEqual(state.Principal, { AWS: '*' });
    assert.deepEqual(state.Action, ['s3:DeleteObject', 's3:DeleteObjectVersion', 's3:PutObject']);
    assert.equal(state.Resource['Fn::Join'][1].at(-1), folder);
    assert.deepEqual(state.Condition, { ArnNotEquals: { 'aws:PrincipalArn': { 'Fn::GetAtt': [role, 'Arn'] } } });
  }
});

test('uploads and the schedule go through one group of one FIFO queue', () => {
  const queue = full.findResources('AWS::SQS::Queue', { Properties: { ContentBasedDeduplication: true } });
  const [id] = Object.keys(queue);
  for (const name of ['Uploads', 'Schedule']) {
    const { Targets, State } = resource(full, 'AWS::Events::Rule', name).Properties;
    assert.notEqual(State, 'DISABLED');
    assert.deepEqual(
      Targets.map((target: any) => [target.Arn, target.SqsParameters, target.Input]),
      [[{ 'Fn::GetAtt': [id, 'Arn'] }, { MessageGroupId: 'catalog' }, undefined]],
    );
    // EventBridge does not support a FIFO queue as its dead-letter queue.
    const letters = full.toJSON().Resources[Targets[0].DeadLetterConfig.Arn['Fn::GetAtt'][0]];
    assert.equal(letters.Properties.FifoQueue, undefined);
  }
  assert.equal(resource(full, 'AWS::Events::Rule', 'Schedule').Properties.ScheduleExpression, 'rate(6 hours)');
});

test('timeouts, delays and attempts are consistent', () => {
  const queue = resource(plain, 'AWS::SQS::Queue', 'Queue').Properties;
  const letters = resource(plain, 'AWS::SQS::Queue', 'DeadLetters').Properties;
  const lambda = resource(plain, 'AWS::Lambda::Function', 'Function').Properties;
  const source = resource(plain, 'AWS::Lambda::EventSourceMapping', 'Source').Properties;
  const oldest = resource(plain, 'AWS::CloudWatch::Alarm', 'OldestMessageAlarm').Properties;
  const attempts = queue.RedrivePolicy.maxReceiveCount;
  assert.equal(queue.FifoQueue, true);
  assert.equal(letters.FifoQueue, true);
  // A crash blocks the group for the rest of it.
  assert.equal(queue.VisibilityTimeout, 2 * lambda.Timeout);
  assert(attempts >= 5);
  assert(queue.DelaySeconds < 60);
  // All attempts fit into the retention period of a message, even if each of them is killed.
  assert(attempts * queue.VisibilityTimeout < queue.MessageRetentionPeriod);
  assert.deepEqual([queue.MessageRetentionPeriod, letters.MessageRetentionPeriod], [DAYS_14, DAYS_14]);
  // The alarm fires only after the last attempt of the function, whose waits double from 30 seconds.
  const waits = Array.from({ length: attempts - 1 }, (_, index) => Math.min(600, 30 * 2 ** index)).reduce((a, b) => a + b);
  assert(oldest.Threshold > waits + attempts * lambda.Timeout, `${oldest.Threshold} s`);
  assert.equal(source.BatchSize, 10);
  assert.deepEqual(source.FunctionResponseTypes, ['ReportBatchItemFailures']);
  assert.equal(source.Enabled ?? true, true);
});

test('the function runs on Amazon Linux 2023, with a JSON log in its own log group', () => {
  const lambda = resource(plain, 'AWS::Lambda::Function', 'Function').Properties;
  assert.deepEqual(
    [
      lambda.Runtime,
      lambda.Architectures,
      lambda.Timeout,
      lambda.MemorySize,
      lambda.LoggingConfig.LogFormat,
      lambda.LoggingConfig.ApplicationLogLevel,
    ],
    ['provided.al2023', ['x86_64'], 300, 256, 'JSON', 'INFO'],
  );
  assert.deepEqual(resource(full, 'AWS::Lambda::Function', 'Function').Properties.Architectures, ['arm64']);
  assert.equal(resource(plain, 'AWS::Logs::LogGroup', 'Log').Properties.RetentionInDays, 90);
  assert.equal(resource(full, 'AWS::Logs::LogGroup', 'Log').Properties.RetentionInDays, 365);
});

test('the function gets only the variables that were set', () => {
  const variables = resource(full, 'AWS::Lambda::Function', 'Function').Properties.Environment.Variables;
  const texts = Object.fromEntries(Object.entries(variables).filter(([, value]) => typeof value === 'string'));
  assert.deepEqual(texts, {
    CONTROLSYNC_PREFIX: 'teams/audit/',
    CONTROLSYNC_CATALOG: 'house',
    CONTROLSYNC_MODE: 'apply',
    CONTROLSYNC_ADOPT: 'all',
    CONTROLSYNC_NOTIFY: 'changes',
    CONTROLSYNC_ON_REMOVE: 'delete',
    CONTROLSYNC_MAX_DELETES: '3',
    CONTROLSYNC_DRIFT: 'repair',
    CONTROLSYNC_RATE: '5',
    CONTROLSYNC_QUOTAS: 'custom_controls=800',
    CONTROLSYNC_STACK: 'controlsync',
  });
  const few = resource(plain, 'AWS::Lambda::Function', 'Function').Properties.Environment.Variables;
  assert.deepEqual(Object.keys(few).sort(), [
    'CONTROLSYNC_BUCKET',
    'CONTROLSYNC_MODE',
    'CONTROLSYNC_QUEUE_URL',
    'CONTROLSYNC_STACK',
    'CONTROLSYNC_TOPIC_ARN',
  ]);
  assert.equal(few.CONTROLSYNC_MODE, 'plan');
});

test('addresses subscribe by email, and programs have their own topic', () => {
  assert.deepEqual(
    Object.values(full.findResources('AWS::SNS::Subscription')).map((one: any) => [
      one.Properties.Protocol,
      one.Properties.Endpoint,
    ]),
    [
      ['email', 'owners@example.com'],
      ['email', 'platform@example.com'],
    ],
  );
  full.resourceCountIs('AWS::SNS::Topic', 2);
  plain.resourceCountIs('AWS::SNS::Topic', 2);
  for (const topic of Object.values(full.findResources('AWS::SNS::Topic')) as any[]) {
    assert.match(topic.Properties.KmsMasterKeyId['Fn::GetAtt'][0], /TopicKey/);
  }
});

test('the addresses get the alarms too, unless there is a topic for them', () => {
  const emails = ['owners@example.com', 'platform@example.com'];
  const ofReports = template({ emails });
  const subscribed = Object.values(ofReports.findResources('AWS::SNS::Subscription')) as any[];
  const topics = Object.keys(ofReports.findResources('AWS::SNS::Topic'));
  const ofTopic = (topic: string) =>
    subscribed.filter(({ Properties }) => Properties.TopicArn.Ref === topic).map(({ Properties }) => Properties);
  assert.equal(topics.length, 2);
  for (const topic of topics) {
    assert.deepEqual(ofTopic(topic).map((one) => one.Endpoint), emails);
    assert(ofTopic(topic).every((one) => one.FilterPolicy === undefined));
  }
});

test('the sender of the emails names the stack', () => {
  const names = (name: string) => {
    const env = { account: '111122223333', region: 'eu-west-1' };
    const built = Template.fromStack(new ControlsyncStack(app(), name, { env, package: STAND_IN }));
    const topics = Object.values(built.findResources('AWS::SNS::Topic')) as any[];
    return [...new Set(topics.map(({ Properties }) => Properties.DisplayName))];
  };
  assert.deepEqual(names('controlsync'), ['controlsync']);
  assert.deepEqual(names('controlsync-audit'), ['controlsync-audit']);
  assert.deepEqual(names('audit'), ['controlsync audit']);
});

test('only CloudWatch of this account may publish alarms and use the key for them', () => {
  const own = { StringEquals: { 'aws:SourceAccount': '111122223333' } };
  const { KeyPolicy, EnableKeyRotation } = resource(plain, 'AWS::KMS::Key', 'TopicKey').Properties;
  assert.equal(EnableKeyRotation, true);
  const services = (statements: any[]) =>
    statements
      .filter((one) => one.Principal.Service)
      .map((one: any) => [one.Principal.Service, one.Action, one.Condition]);
  assert.deepEqual(services(KeyPolicy.Statement), [
    ['cloudwatch.amazonaws.com', ['kms:Decrypt', 'kms:GenerateDataKey*'], own],
  ]);
  const policy = (built: Template, id: string) =>
    services(resource(built, 'AWS::SNS::TopicPolicy', id).Properties.PolicyDocument.Statement);
  assert.deepEqual(policy(plain, 'AlarmsTopicPolicy'), [['cloudwatch.amazonaws.com', 'sns:Publish', own]]);
  assert.deepEqual(policy(plain, 'TopicPolicy'), []);
  // With a topic of its own for alarms, CloudWatch publishes nothing here.
  assert.deepEqual(services(resource(full, 'AWS::KMS::Key', 'TopicKey').Properties.KeyPolicy.Statement), []);
  assert.deepEqual(policy(full, 'TopicPolicy'), []);
});

test('only the two rules may send to the queues', () => {
  for (const id of ['QueuePolicy', 'UndeliveredPolicy']) {
    const { PolicyDocument } = resource(plain, 'AWS::SQS::QueuePolicy', id).Properties;
    const allowed = PolicyDocument.Statement.filter((one: any) => one.Effect === 'Allow');
    assert.equal(allowed.length, 1);
    assert.deepEqual(
      [allowed[0].Principal, allowed[0].Action],
      [{ Service: 'events.amazonaws.com' }, 'sqs:SendMessage'],
    );
    assert.equal(allowed[0].Condition.StringEquals['aws:SourceAccount'], '111122223333');
    assert.deepEqual(
      allowed[0].Condition.ArnEquals['aws:SourceArn'].map((arn: any) =>
        arn['Fn::GetAtt'][0].replace(/[0-9A-F]{8}$/, ''),
      ),
      ['ControlsyncUploads', 'ControlsyncSchedule'],
    );
  }
  const letters = resource(plain, 'AWS::SQS::QueuePolicy', 'DeadLettersPolicy').Properties.PolicyDocument.Statement;
  assert(letters.every((one: any) => one.Effect === 'Deny'));
  for (const queue of Object.values(plain.findResources('AWS::SQS::Queue')) as any[]) {
    assert.equal(queue.Properties.SqsManagedSseEnabled, true);
  }
});

test('every alarm notifies the topic of the alarms, at its end too, and has a description', () => {
  const alarms = Object.values(plain.findResources('AWS::CloudWatch::Alarm')) as any[];
  const topic = plain.toJSON().Outputs.AlarmsTopic.Value;
  assert.match(topic.Ref, /^ControlsyncAlarmsTopic/);
  for (const { Properties } of Object.values(full.findResources('AWS::CloudWatch::Alarm')) as any[]) {
    assert.deepEqual(Properties.AlarmActions, [EVERYTHING.alarmsTopic]);
  }
  for (const { Properties } of alarms) {
    assert.deepEqual(Properties.AlarmActions, [topic]);
    assert.deepEqual(Properties.OKActions, [topic]);
    assert(Properties.AlarmDescription.endsWith('.'));
  }
  const watched = alarms.map(({ Properties: one }) => [
    one.Namespace,
    one.MetricName,
    one.Dimensions[0].Name,
    one.TreatMissingData,
  ]);
  assert.deepEqual(watched.sort(), [
    ['AWS/Lambda', 'Errors', 'FunctionName', 'notBreaching'],
    ['AWS/SQS', 'ApproximateAgeOfOldestMessage', 'QueueName', 'notBreaching'],
    ['AWS/SQS', 'ApproximateNumberOfMessagesVisible', 'QueueName', 'notBreaching'],
    ['AWS/SQS', 'ApproximateNumberOfMessagesVisible', 'QueueName', 'notBreaching'],
    ['AWS/SQS', 'NumberOfMessagesDeleted', 'QueueName', 'ignore'],
    ['controlsync', 'Errors', 'FunctionName', 'ignore'],
    ['controlsync', 'Failures', 'FunctionName', 'ignore'],
    ['controlsync', 'UnreadableMessages', 'FunctionName', 'notBreaching'],
  ]);
});

test('a new stack has 26 hours for its first run', () => {
  plain.hasResourceProperties('AWS::CloudWatch::Alarm', {
    MetricName: 'NumberOfMessagesDeleted',
    Statistic: 'Sum',
    Period: 3600,
    EvaluationPeriods: 26,
    Threshold: 1,
    ComparisonOperator: 'LessThanThreshold',
    DatapointsToAlarm: Match.absent(),
    TreatMissingData: 'ignore',
  });
});

test('what is wrong in catalog or account is an alarm until a run finds it resolved', () => {
  for (const [MetricName, Statistic] of [
    ['Errors', 'Maximum'],
    ['Failures', 'Sum'],
  ] as const) {
    const properties = { Namespace: 'controlsync', Statistic, Period: 86_400, TreatMissingData: 'ignore' };
    plain.hasResourceProperties('AWS::CloudWatch::Alarm', { MetricName, Threshold: 1, ...properties });
  }
});

test('the stack has all outputs', () => {
  const outputs = ['Bucket', 'Topic', 'AlarmsTopic', 'Queue', 'DeadLetters', 'Undelivered', 'Function', 'Log', 'Source'];
  const built = stack();
  assert.deepEqual(Object.keys(template().toJSON().Outputs), outputs);
  assert.equal(built.terminationProtection, false);
  full.hasOutput('EventsTopic', {});
  full.hasOutput('Catalog', { Value: 'house' });
  const { tags, terminationProtection } = stack(EVERYTHING);
  assert.deepEqual([tags.tagValues(), terminationProtection], [EVERYTHING.tags, true]);
  assert.equal(template(EVERYTHING).toJSON().Parameters.BootstrapVersion.Default, '/cdk-bootstrap/team/version');
});

test('without the package of the function there is a message', () => {
  assert.throws(
    () => new ControlsyncStack(new App(), 'x', { package: `${STAND_IN}.missing` }),
    (error) =>
      error instanceof SettingsError && /does not exist: build it with .*package\.sh$/.test(error.message),
  );
});
