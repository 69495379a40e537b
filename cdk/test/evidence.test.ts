import assert from 'node:assert/strict';
import { test } from 'node:test';
import { App, Stack } from 'aws-cdk-lib';
import type { Template } from 'aws-cdk-lib/assertions';
import { showingCompliance, showingEvidence } from '../lib/evidence-permissions.ts';
import { BOUNDARY, EVERYTHING, EVIDENCE, resource, statements, template } from './stacks.ts';

const without = template(EVERYTHING);
const full = template(EVIDENCE);
const { evidenceReports: _, reportDays: __, aggregator: ___, ...SILENT } = EVIDENCE;
const silent = template(SILENT);
const alone = template({ evidence: true });
const reporting = template({ evidence: true, evidenceReports: true });

const list = (value: unknown): any[] => (Array.isArray(value) ? value : [value]);
const actions = (all: Record<string, any>) => Object.values(all).flatMap(({ Action }) => list(Action));
const ends = (resources: unknown) => list(resources).map((arn) => arn['Fn::Join'][1].at(-1));
const isOfEvidence = ([name]: [string, unknown]) => name.startsWith('ControlsyncEvidence');
/** Resources, without the settings that the function keeps. */
const others = (template: Template, filter = (_: [string, unknown]) => true) => {
  const all = Object.entries(template.toJSON().Resources).filter(filter);
  return Object.fromEntries(all.map(([name, { Metadata, ...rest }]: any) => [name, rest]));
};

test('without the evidence function the stack is what it was', () => {
  assert.deepEqual(others(template({ evidence: false })), others(template()));
  assert.deepEqual(Object.entries(without.toJSON().Resources).filter(isOfEvidence), []);
});

/** Names of resources that differ. */
const changed = (before: Record<string, any>, after: Record<string, any>) => {
  assert.deepEqual(Object.keys(after), Object.keys(before));
  const names = Object.keys(after).filter((name) => JSON.stringify(after[name]) !== JSON.stringify(before[name]));
  return names.map((name) => name.replace(/[0-9A-F]{8}$/, ''));
};

test('the evidence function changes nothing else but the two policies that must name it', () => {
  const after = others(silent, (one) => !isOfEvidence(one));
  assert.deepEqual(changed(others(without), after), ['ControlsyncBucketPolicy', 'ControlsyncUndeliveredPolicy']);
});

test('its reports change nothing else but how long the bucket keeps them', () => {
  const names = ['ControlsyncBucket', 'ControlsyncEvidenceRole', 'ControlsyncEvidenceFunction'];
  assert.deepEqual(changed(others(silent), others(full)), names);
});

test('the evidence function has exactly these resources', () => {
  const types = Object.entries(others(full)).filter(isOfEvidence).map(([, one]: any) => one.Type);
  const counted = Object.fromEntries(
    [...new Set(types)].sort().map((type) => [type, types.filter((one) => one === type).length]),
  );
  assert.deepEqual(counted, {
    'AWS::CloudWatch::Alarm': 4,
    'AWS::Events::Rule': 1,
    'AWS::IAM::Role': 1,
    'AWS::Lambda::EventSourceMapping': 1,
    'AWS::Lambda::Function': 1,
    'AWS::Logs::LogGroup': 1,
    'AWS::SQS::Queue': 2,
    'AWS::SQS::QueuePolicy': 2,
  });
});

test('the schedule goes through one group of its own FIFO queue, one message at a time', () => {
  const queue = resource(full, 'AWS::SQS::Queue', 'EvidenceQueue').Properties;
  const letters = resource(full, 'AWS::SQS::Queue', 'EvidenceDeadLetters').Properties;
  const lambda = resource(full, 'AWS::Lambda::Function', 'EvidenceFunction').Properties;
  const source = resource(full, 'AWS::Lambda::EventSourceMapping', 'EvidenceSource').Properties;
  const rule = resource(full, 'AWS::Events::Rule', 'EvidenceSchedule').Properties;
  assert.deepEqual([queue.FifoQueue, letters.FifoQueue, queue.ContentBasedDeduplication], [true, true, true]);
  assert.deepEqual([lambda.Timeout, lambda.MemorySize, queue.VisibilityTimeout], [900, 512, 1800]);
  assert.equal(queue.RedrivePolicy.maxReceiveCount, 3);
  assert.deepEqual([source.BatchSize, source.FunctionResponseTypes], [1, ['ReportBatchItemFailures']]);
  const [id] = Object.keys(full.findResources('AWS::SQS::Queue', { Properties: queue }));
  const [target] = rule.Targets;
  assert.deepEqual([source.EventSourceArn, target.Arn], [{ 'Fn::GetAtt': [id, 'Arn'] }, { 'Fn::GetAtt': [id, 'Arn'] }]);
  assert.deepEqual(target.SqsParameters, { MessageGroupId: 'evidence' });
  assert.match(target.DeadLetterConfig.Arn['Fn::GetAtt'][0], /^ControlsyncUndelivered/);
  assert.equal(rule.ScheduleExpression, 'rate(12 hours)');
  assert.equal(resource(alone, 'AWS::Events::Rule', 'EvidenceSchedule').Properties.ScheduleExpression, 'cron(53 5 * * ? *)');
  // The name of a queue has at most 80 characters.
  assert(letters.QueueName.length <= 80, letters.QueueName);
});

test('only its rule may send to its queue', () => {
  for (const id of ['EvidenceQueuePolicy', 'UndeliveredPolicy']) {
    const { Statement } = resource(full, 'AWS::SQS::QueuePolicy', id).Properties.PolicyDocument;
    const allowed = Statement.filter((one: any) => one.Effect === 'Allow').at(-1);
    assert.deepEqual([allowed.Principal, allowed.Action], [{ Service: 'events.amazonaws.com' }, 'sqs:SendMessage']);
    assert.equal(allowed.Condition.StringEquals['aws:SourceAccount'], '111122223333');
    const rules = allowed.Condition.ArnEquals['aws:SourceArn'].map((arn: any) => arn['Fn::GetAtt'][0]);
    assert.deepEqual(rules.map((name: string) => name.replace(/[0-9A-F]{8}$/, '')), ['ControlsyncEvidenceSchedule']);
  }
});

test('it gets only the variables that were set', () => {
  const variables = resource(full, 'AWS::Lambda::Function', 'EvidenceFunction').Properties.Environment.Variables;
  const texts = Object.fromEntries(Object.entries(variables).filter(([, value]) => typeof value === 'string'));
  assert.deepEqual(texts, {
    CONTROLSYNC_PREFIX: 'teams/audit/',
    CONTROLSYNC_CATALOG: 'house',
    CONTROLSYNC_NOTIFY: 'changes',
    CONTROLSYNC_MEMBER_ROLE: 'audit/controlsync-evidence',
    CONTROLSYNC_EXTERNAL_ID: 'house:evidence',
    CONTROLSYNC_REPORTS: 'teams/audit/reports/',
    CONTROLSYNC_AGGREGATOR: 'organization',
    CONTROLSYNC_STACK: 'controlsync',
  });
  const few = resource(alone, 'AWS::Lambda::Function', 'EvidenceFunction').Properties.Environment.Variables;
  assert.deepEqual(Object.keys(few).sort(), ['CONTROLSYNC_BUCKET', 'CONTROLSYNC_STACK', 'CONTROLSYNC_TOPIC_ARN']);
  const more = resource(reporting, 'AWS::Lambda::Function', 'EvidenceFunction').Properties.Environment.Variables;
  assert.deepEqual(more, { ...few, CONTROLSYNC_REPORTS: 'reports/' });
});

test('its role only reads, except for its own state, its reports and its queue', () => {
  const writes = actions(statements(full, 'EvidenceRole')).filter((action) => !/:(BatchGet|Describe|Get|List)/.test(action));
  assert.deepEqual(writes, [
    'sts:AssumeRole',
    's3:PutObject',
    's3:PutObject',
    'kms:Decrypt',
    'kms:GenerateDataKey',
    'kms:Decrypt',
    'sns:Publish',
    'kms:Decrypt',
    'kms:GenerateDataKey',
    'sqs:DeleteMessage',
    'sqs:ReceiveMessage',
    'logs:CreateLogStream',
    'logs:PutLogEvents',
  ]);
});

test('it assumes only the role with the configured name, and reads the organization only for that', () => {
  const all = statements(silent, 'EvidenceRole');
  assert.deepEqual(
    [all.AssumeMemberRole.Action, all.AssumeMemberRole.Resource],
    ['sts:AssumeRole', 'arn:aws:iam::*:role/audit/controlsync-evidence'],
  );
  const few = actions(statements(alone, 'EvidenceRole'));
  assert.deepEqual(
    actions(all).filter((action) => !few.includes(action)),
    [
      'securityhub:DescribeOrganizationConfiguration',
      'securityhub:GetConfigurationPolicy',
      'securityhub:ListConfigurationPolicyAssociations',
      'securityhub:ListSecurityControlDefinitions',
      'sts:AssumeRole',
    ],
  );
});

test('only with reports it reads results and writes to the reports, and only with an aggregator it reads that', () => {
  const [before, after, all] = [alone, reporting, full].map((one) => statements(one, 'EvidenceRole'));
  const added = (less: Record<string, any>, more: Record<string, any>) => Object.keys(more).filter((sid) => !(sid in less));
  assert.deepEqual(added(before!, after!), ['ReadResults', 'WriteReports']);
  assert.deepEqual(added({ ...after!, ...statements(silent, 'EvidenceRole') }, all!), ['ListAggregators', 'ReadAggregators']);
  assert.deepEqual(all!.ReadResults.Action, [
    'config:DescribeComplianceByConfigRule',
    'config:GetComplianceDetailsByConfigRule',
    'securityhub:GetFindings',
  ]);
  const { Action, Resource } = all!.WriteReports;
  assert.deepEqual([Action, ends(Resource)], ['s3:PutObject', ['/teams/audit/reports/compliance-*']]);
  assert.deepEqual(ends(after!.WriteReports.Resource), ['/reports/compliance-*']);
  assert.equal(all!.ReadAggregators.Resource, 'arn:aws:config:eu-west-1:111122223333:config-aggregator/*');
});

test('it reads the files of the catalog, and each function writes its own state alone', () => {
  const all = statements(full, 'EvidenceRole');
  assert.deepEqual(ends(all.ReadCatalog.Resource).sort(), [
    '/teams/audit/controls/*',
    '/teams/audit/controlsync.toml',
    '/teams/audit/exceptions/*',
    '/teams/audit/frameworks/*',
    '/teams/audit/keywords/*',
    '/teams/audit/rules/*',
  ]);
  assert.deepEqual(ends(all.KeepState.Resource), ['/teams/audit/.controlsync/evidence.json']);
  assert.deepEqual(ends(statements(full).KeepState.Resource), ['/teams/audit/.controlsync/state.json']);
  const { Statement } = resource(full, 'AWS::S3::BucketPolicy', 'BucketPolicy').Properties.PolicyDocument;
  const [state] = Statement.filter((one: any) => one.Sid === 'OnlyTheFunctionWritesItsState');
  const allowed = state.Condition.ArnNotEquals['aws:PrincipalArn'].map((arn: any) => arn['Fn::GetAtt'][0]);
  assert.deepEqual(allowed.sort(), Object.keys(full.findResources('AWS::IAM::Role')).sort());
  for (const [id, sids] of [['Role', ['KeepState']], ['EvidenceRole', ['WriteReports', 'KeepState']]] as const) {
    const puts = Object.entries(statements(full, id)).filter(([, { Action }]) => list(Action).includes('s3:PutObject'));
    assert.deepEqual(puts.map(([sid]) => sid), sids);
  }
});

test('a stack that is created again has a role of the same name, which member accounts trust', () => {
  const role = resource(full, 'AWS::IAM::Role', 'EvidenceRole').Properties;
  assert.deepEqual(role.RoleName, resource(template(EVIDENCE), 'AWS::IAM::Role', 'EvidenceRole').Properties.RoleName);
  assert.match(role.RoleName, /^controlsync-Controlsync-Evidence-[0-9A-F]{8}-eu-west-1$/);
  assert(role.RoleName.length <= 64);
  assert.equal(role.PermissionsBoundary, BOUNDARY);
  // Quota for the inline policies of a role, https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
  assert(JSON.stringify(role.Policies).length < 10_240);
});

test('its alarms notify the topic of the alarms, and differ from those of the other function', () => {
  const alarms = Object.entries(full.findResources('AWS::CloudWatch::Alarm')) as any[];
  const ours = alarms.filter(isOfEvidence).map(([, { Properties }]) => Properties);
  for (const one of ours) {
    assert.deepEqual([one.AlarmActions, one.OKActions], [[EVIDENCE.alarmsTopic], [EVIDENCE.alarmsTopic]]);
    assert.match(one.AlarmDescription, /evidence function of controlsync .*\.$/);
  }
  assert.deepEqual(ours.map((one) => [one.Namespace, one.MetricName, one.Period, one.EvaluationPeriods, one.TreatMissingData]), [
    ['AWS/SQS', 'ApproximateNumberOfMessagesVisible', 300, 1, 'notBreaching'],
    ['AWS/Lambda', 'Errors', 300, 1, 'notBreaching'],
    ['controlsync', 'Failures', 86_400, 1, 'ignore'],
    ['AWS/SQS', 'NumberOfMessagesDeleted', 3600, 26, 'ignore'],
  ]);
  const watched = alarms.map(([, { Properties: one }]) => JSON.stringify([one.Namespace, one.MetricName, one.Dimensions]));
  assert.equal(new Set(watched).size, 12);
});

test('the stack has its outputs', () => {
  const [before, after] = [without, full].map((one) => Object.keys(one.toJSON().Outputs));
  assert.deepEqual(
    after!.filter((name) => !before!.includes(name)),
    ['EvidenceFunction', 'EvidenceRole', 'MemberRole', 'Reports', 'EvidenceQueue', 'EvidenceDeadLetters', 'EvidenceLog', 'EvidenceSource'],
  );
  assert.deepEqual([alone.toJSON().Outputs.MemberRole, alone.toJSON().Outputs.Reports], [undefined, undefined]);
  const [bucket] = Object.keys(full.findResources('AWS::S3::Bucket'));
  assert.deepEqual(full.toJSON().Outputs.Reports.Value['Fn::Join'], ['', ['s3://', { Ref: bucket }, '/teams/audit/reports/']]);
  assert.deepEqual(
    full.toJSON().Outputs.EvidenceRole.Value['Fn::GetAtt'][0],
    Object.keys(full.findResources('AWS::IAM::Role')).find((name) => name.startsWith('ControlsyncEvidence')),
  );
});

test('the commands read what the function reads, and folders of evidence', () => {
  const own = /^(auditmanager|cloudtrail|config|events|securityhub|sts):/;
  const folders = 'auditmanager:GetEvidenceFoldersByAssessmentControl';
  for (const [show, built] of [[showingEvidence, silent], [showingCompliance, full]] as const) {
    const shown = show(new Stack(new App(), 'example'), 'audit/controlsync-evidence');
    const read = actions(statements(built, 'EvidenceRole')).filter((action) => own.test(action));
    assert.deepEqual(shown.flatMap((one) => one.actions).sort(), [...read, folders].sort());
    assert.equal(shown.at(-1)!.sid, 'AssumeMemberRole');
  }
});
