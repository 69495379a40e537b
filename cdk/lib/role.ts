import { ArnFormat, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { acknowledgeWildcards } from './acknowledge.ts';
import type { Controlsync } from './controlsync.ts';
import { controlsOfAws, objects, reading, writing } from './permissions.ts';

/** The state of the function in the bucket. */
const STATE = '.controlsync/state.json';

/** The role of the function. It can write to Audit Manager in apply mode only. */
export function makeRole(construct: Controlsync): iam.Role {
  const { settings, bucket, bucketKey } = construct;
  const stack = Stack.of(construct);
  const via = (service: string) => ({
    StringEquals: { 'kms:ViaService': `${service}.${stack.region}.amazonaws.com` },
  });
  const topics = [construct.topic, ...(construct.eventsTopic ? [construct.eventsTopic] : [])];
  const files = bucket.arnForObjects(`${construct.prefix}*`);
  const keys = stack.formatArn({ service: 'kms', resource: 'key', resourceName: '*' });
  const logStreams = stack.formatArn({
    service: 'logs',
    resource: 'log-group',
    resourceName: `${construct.logGroup.logGroupName}:log-stream:*`,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
  const statements = [
    ...reading(stack),
    ...(settings.mode === 'apply' ? writing(stack, settings.catalog) : []),
    new iam.PolicyStatement({
      sid: 'ListCatalog',
      // Without a condition on the prefix, or S3 would report a missing object as access denied.
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
            // Existing objects keep their key when the key of the bucket changes.
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
      sid: 'PublishReports',
      actions: ['sns:Publish'],
      resources: topics.map((topic) => topic.topicArn),
    }),
    new iam.PolicyStatement({
      sid: 'UseTopicKey',
      actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
      resources: [construct.topicKey.keyArn],
      conditions: via('sns'),
    }),
    new iam.PolicyStatement({
      sid: 'TakeMessages',
      actions: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ChangeMessageVisibility'],
      resources: [construct.queue.queueArn],
    }),
    new iam.PolicyStatement({
      sid: 'Log',
      actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      resources: [logStreams],
    }),
  ];
  const boundary = settings.permissionsBoundary;
  const role = new iam.Role(construct, 'Role', {
    description: 'Role of the controlsync function',
    assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
    permissionsBoundary:
      boundary === undefined ? undefined : iam.ManagedPolicy.fromManagedPolicyArn(construct, 'Boundary', boundary),
    // Inline, so that the role has its permissions before anything uses it.
    inlinePolicies: { controlsync: new iam.PolicyDocument({ statements }) },
  });
  const unnamed = 'Audit Manager actions without a resource type in IAM: lists, GetAccountStatus, CreateControl.';
  const ids = [
    ...(['control', 'assessmentFramework', 'assessment'] as const).map((type) => objects(stack, type)),
    controlsOfAws(stack),
  ];
  acknowledgeWildcards(role, ['*'], unnamed);
  acknowledgeWildcards(role, ids, 'Audit Manager generates the ids of its objects; writes have conditions on tags.');
  acknowledgeWildcards(role, [files], 'The files of the catalog, which can have any name.');
  acknowledgeWildcards(role, [keys], 'Earlier keys of the bucket, for objects of this bucket only.');
  acknowledgeWildcards(role, [logStreams], 'Lambda generates the names of log streams.');
  return role;
}
