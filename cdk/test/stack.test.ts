import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Match } from 'aws-cdk-lib/assertions';
import { EVERYTHING, KEY, resource, STAND_IN, stack, template } from './made.ts';
import { ControlsyncStack } from '../lib/stack.ts';
import { App } from 'aws-cdk-lib';
import { SettingsError } from '../lib/settings.ts';

const plain = template();
const full = template(EVERYTHING);
const DAYS_14 = 14 * 24 * 3600;

test('there is nothing in the stack but this', () => {
  const types = Object.values(plain.toJSON().Resources).map((one: any) => one.Type);
  const counted = Object.fromEntries(
    [...new Set(types)].sort().map((type) => [type, types.filter((one) => one === type).length]),
  );
  assert.deepEqual(counted, {
    'AWS::CloudWatch::Alarm': 6,
    'AWS::Events::Rule': 2,
    'AWS::IAM::Role': 1,
    'AWS::KMS::Key': 1,
    'AWS::Lambda::EventSourceMapping': 1,
    'AWS::Lambda::Function': 1,
    'AWS::Logs::LogGroup': 1,
    'AWS::S3::Bucket': 1,
    'AWS::S3::BucketPolicy': 1,
    'AWS::SNS::Topic': 1,
    'AWS::SNS::TopicPolicy': 1,
    'AWS::SQS::Queue': 3,
    'AWS::SQS::QueuePolicy': 3,
  });
});

test('the bucket keeps every version, is private, tells EventBridge, and survives the stack', () => {
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
  // Of the state, old versions go; of the catalog none does.
  const { Rules } = resource(plain, 'AWS::S3::Bucket', 'Bucket').Properties.LifecycleConfiguration;
  assert.deepEqual(
    Rules.filter((rule: any) => rule.NoncurrentVersionExpiration).map((rule: any) => rule.Prefix),
    ['.controlsync/'],
  );
  assert(!Rules.some((rule: any) => 'ExpirationInDays' in rule));
});

test("one's own key encrypts the bucket", () => {
  full.hasResourceProperties('AWS::S3::Bucket', {
    BucketEncryption: {
      ServerSideEncryptionConfiguration: [
        { BucketKeyEnabled: true, ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: KEY } },
      ],
    },
  });
});

test('a bucket that is there already is used as it is', () => {
  const existing = template({ existingBucket: 'team-catalog' });
  existing.resourceCountIs('AWS::S3::Bucket', 0);
  existing.resourceCountIs('AWS::S3::BucketPolicy', 0);
  existing.hasOutput('Bucket', { Value: 'team-catalog' });
  const rule = resource(existing, 'AWS::Events::Rule', 'Uploads').Properties;
  assert.deepEqual(rule.EventPattern.detail.bucket.name, ['team-catalog']);
});

test('whoever comes without TLS is refused', () => {
  for (const type of ['AWS::S3::BucketPolicy', 'AWS::SNS::TopicPolicy', 'AWS::SQS::QueuePolicy']) {
    const policies = Object.values(full.findResources(type)) as any[];
    assert(policies.length > 0);
    for (const { Properties } of policies) {
      const denied = Properties.PolicyDocument.Statement.filter((one: any) => one.Effect === 'Deny');
      assert.deepEqual(
        denied.map((one: any) => one.Condition),
        [{ Bool: { 'aws:SecureTransport': 'false' } }],
        type,
      );
    }
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
    // EventBridge takes no FIFO queue for what it could not deliver.
    const letters = full.toJSON().Resources[Targets[0].DeadLetterConfig.Arn['Fn::GetAtt'][0]];
    assert.equal(letters.Properties.FifoQueue, undefined);
  }
  assert.equal(resource(full, 'AWS::Events::Rule', 'Schedule').Properties.ScheduleExpression, 'rate(6 hours)');
});

test('timeouts, delays and tries fit each other', () => {
  const queue = resource(plain, 'AWS::SQS::Queue', 'Queue').Properties;
  const letters = resource(plain, 'AWS::SQS::Queue', 'DeadLetters').Properties;
  const lambda = resource(plain, 'AWS::Lambda::Function', 'Function').Properties;
  const source = resource(plain, 'AWS::Lambda::EventSourceMapping', 'Source').Properties;
  const oldest = resource(plain, 'AWS::CloudWatch::Alarm', 'OldestMessageAlarm').Properties;
  const tries = queue.RedrivePolicy.maxReceiveCount;
  assert.equal(queue.FifoQueue, true);
  assert.equal(letters.FifoQueue, true);
  // https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
  assert(queue.VisibilityTimeout >= 6 * lambda.Timeout);
  assert(tries >= 5);
  assert(queue.DelaySeconds < 60);
  // All tries, even where each of them is killed, fit into the time for which a message is kept.
  assert(tries * queue.VisibilityTimeout < queue.MessageRetentionPeriod);
  assert.deepEqual([queue.MessageRetentionPeriod, letters.MessageRetentionPeriod], [DAYS_14, DAYS_14]);
  // The alarm waits until the function itself has given up: its waits double from 30 seconds.
  const waits = Array.from({ length: tries - 1 }, (_, index) => Math.min(600, 30 * 2 ** index)).reduce((a, b) => a + b);
  assert(oldest.Threshold > waits + tries * lambda.Timeout, `${oldest.Threshold} s`);
  assert.equal(source.BatchSize, 10);
  assert.deepEqual(source.FunctionResponseTypes, ['ReportBatchItemFailures']);
  assert.equal(source.Enabled ?? true, true);
});

test('the function runs on Amazon Linux 2023, with JSON for a log and its own group', () => {
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

test('the function is told what was set, and nothing else', () => {
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
  });
  const few = resource(plain, 'AWS::Lambda::Function', 'Function').Properties.Environment.Variables;
  assert.deepEqual(Object.keys(few).sort(), [
    'CONTROLSYNC_BUCKET',
    'CONTROLSYNC_MODE',
    'CONTROLSYNC_QUEUE_URL',
    'CONTROLSYNC_TOPIC_ARN',
  ]);
  assert.equal(few.CONTROLSYNC_MODE, 'plan');
});

test('people subscribe by mail, and programs have a topic of their own', () => {
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
  plain.resourceCountIs('AWS::SNS::Topic', 1);
  for (const topic of Object.values(full.findResources('AWS::SNS::Topic')) as any[]) {
    assert.match(topic.Properties.KmsMasterKeyId['Fn::GetAtt'][0], /TopicKey/);
  }
});

test('CloudWatch of this account may use the key of the topic and the topic, nobody else may', () => {
  const own = { StringEquals: { 'aws:SourceAccount': '111122223333' } };
  const { KeyPolicy, EnableKeyRotation } = resource(plain, 'AWS::KMS::Key', 'TopicKey').Properties;
  assert.equal(EnableKeyRotation, true);
  const services = (statements: any[]) => statements.filter((one) => one.Principal.Service);
  assert.deepEqual(
    services(KeyPolicy.Statement).map((one: any) => [one.Principal.Service, one.Action, one.Condition]),
    [['cloudwatch.amazonaws.com', ['kms:Decrypt', 'kms:GenerateDataKey*'], own]],
  );
  const policy = resource(plain, 'AWS::SNS::TopicPolicy', 'TopicPolicy').Properties.PolicyDocument;
  assert.deepEqual(
    services(policy.Statement).map((one: any) => [one.Principal.Service, one.Action, one.Condition]),
    [['cloudwatch.amazonaws.com', 'sns:Publish', own]],
  );
});

test('only the two rules may send into the queues', () => {
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

test('every alarm reaches people, and says what has happened', () => {
  const alarms = Object.values(plain.findResources('AWS::CloudWatch::Alarm')) as any[];
  const [topic] = Object.keys(plain.findResources('AWS::SNS::Topic'));
  for (const { Properties } of alarms) {
    assert.deepEqual(Properties.AlarmActions, [{ Ref: topic }]);
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
    ['controlsync', 'Failures', 'FunctionName', 'notBreaching'],
    ['controlsync', 'CompletedRuns', 'FunctionName', 'breaching'],
  ]);
  plain.hasResourceProperties('AWS::CloudWatch::Alarm', {
    MetricName: 'CompletedRuns',
    Statistic: 'Sum',
    Period: 3600,
    EvaluationPeriods: 26,
    Threshold: 1,
    ComparisonOperator: 'LessThanThreshold',
    DatapointsToAlarm: Match.absent(),
  });
});

test('what people need is an output', () => {
  const outputs = ['Bucket', 'Topic', 'Queue', 'DeadLetters', 'Undelivered', 'Function', 'Log', 'Source'];
  const made = stack();
  assert.deepEqual(Object.keys(template().toJSON().Outputs), outputs);
  assert.equal(made.terminationProtection, false);
  full.hasOutput('EventsTopic', {});
});

test('without the package of the function there is a sentence', () => {
  assert.throws(
    () => new ControlsyncStack(new App(), 'x', { package: `${STAND_IN}.gone` }),
    (error) =>
      error instanceof SettingsError && /is not there: make it with crates\/lambda\/package\.sh$/.test(error.message),
  );
});
