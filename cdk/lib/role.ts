import { ArnFormat, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { acknowledgeWildcards } from './acknowledge.ts';
import type { Controlsync } from './controlsync.ts';
import { controlsOfAws, objects, reading, writing } from './permissions.ts';

/** The function's own object in the bucket. */
const STATE = '.controlsync/state.json';

/** The role of the function: what it reads, keeps and tells, and where that was decided, what it writes. */
export function makeRole(made: Controlsync): iam.Role {
  const { settings, bucket, bucketKey } = made;
  const stack = Stack.of(made);
  const via = (service: string) => ({
    StringEquals: { 'kms:ViaService': `${service}.${stack.region}.amazonaws.com` },
  });
  const topics = [made.topic, ...(made.eventsTopic ? [made.eventsTopic] : [])];
  const files = bucket.arnForObjects(`${made.prefix}*`);
  const keys = stack.formatArn({ service: 'kms', resource: 'key', resourceName: '*' });
  const logStreams = stack.formatArn({
    service: 'logs',
    resource: 'log-group',
    resourceName: `${made.logGroup.logGroupName}:log-stream:*`,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
  const statements = [
    ...reading(stack),
    ...(settings.mode === 'apply' ? writing(stack, settings.catalog) : []),
    new iam.PolicyStatement({
      sid: 'ListCatalog',
      // Without a condition on the prefix: else S3 calls a missing object denied.
      actions: ['s3:ListBucket'],
      resources: [bucket.bucketArn],
    }),
    new iam.PolicyStatement({
      sid: 'ReadCatalog',
      actions: ['s3:GetObject'],
      resources: [files],
    }),
    new iam.PolicyStatement({
      sid: 'KeepState',
      actions: ['s3:GetObject', 's3:PutObject'],
      resources: [bucket.arnForObjects(STATE)],
    }),
    ...(bucketKey
      ? [
          new iam.PolicyStatement({
            sid: 'UseBucketKey',
            actions: ['kms:GenerateDataKey'],
            resources: [bucketKey.keyArn],
            conditions: via('s3'),
          }),
          new iam.PolicyStatement({
            // What was uploaded under another key stays under it when the key of the bucket changes.
            sid: 'ReadUnderEarlierKeys',
            actions: ['kms:Decrypt'],
            resources: [keys],
            conditions: {
              ...via('s3'),
              StringLike: {
                'kms:EncryptionContext:aws:s3:arn': [bucket.bucketArn, bucket.arnForObjects('*')],
              },
            },
          }),
        ]
      : []),
    new iam.PolicyStatement({
      sid: 'Tell',
      actions: ['sns:Publish'],
      resources: topics.map((topic) => topic.topicArn),
    }),
    new iam.PolicyStatement({
      sid: 'UseTopicKey',
      actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
      resources: [made.topicKey.keyArn],
      conditions: via('sns'),
    }),
    new iam.PolicyStatement({
      sid: 'TakeMessages',
      actions: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ChangeMessageVisibility'],
      resources: [made.queue.queueArn],
    }),
    new iam.PolicyStatement({
      sid: 'Log',
      actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      resources: [logStreams],
    }),
  ];
  const boundary = settings.permissionsBoundary;
  const role = new iam.Role(made, 'Role', {
    description: 'What controlsync may do',
    assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
    permissionsBoundary:
      boundary === undefined ? undefined : iam.ManagedPolicy.fromManagedPolicyArn(made, 'Boundary', boundary),
    // In the role itself, so that nothing uses the role before it has them.
    inlinePolicies: { controlsync: new iam.PolicyDocument({ statements }) },
  });
  const unnamed = 'Actions of Audit Manager for which IAM knows no resource: lists, GetAccountStatus, CreateControl.';
  const ids = [
    ...(['control', 'assessmentFramework', 'assessment'] as const).map((type) => objects(stack, type)),
    controlsOfAws(stack),
  ];
  acknowledgeWildcards(role, ['*'], unnamed);
  acknowledgeWildcards(role, ids, 'Audit Manager makes the ids of its objects; writes are tied to tags.');
  acknowledgeWildcards(role, [files], 'The files of the catalog, whatever they are called.');
  acknowledgeWildcards(role, [keys], 'Keys that the bucket had before, for objects of this bucket only.');
  acknowledgeWildcards(role, [logStreams], 'Lambda makes the names of log streams.');
  return role;
}
