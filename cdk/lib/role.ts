import { ArnFormat, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as logs from 'aws-cdk-lib/aws-logs';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import type * as sns from 'aws-cdk-lib/aws-sns';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { acknowledgeWildcards } from './acknowledge.ts';
import { controlsOfAws, objects, reading, writing } from './permissions.ts';

/** Where the function keeps its state, below the prefix of the catalog. */
export const STATE_FOLDER = '.controlsync/';
/** Sid of the statement in the policy of our bucket that protects the state. */
export const STATE_STATEMENT = 'OnlyTheFunctionWritesItsState';

/** What the function may do, and with which resources. */
export interface RoleProps {
  /** The catalog whose objects it can write to Audit Manager, if any. */
  readonly writesTo: string | undefined;
  /** ARN of the permissions boundary. */
  readonly permissionsBoundary: string | undefined;
  /** Contains the catalog and the state. */
  readonly bucket: s3.IBucket;
  /** Encrypts the bucket, unless Amazon S3 does with its own keys. */
  readonly bucketKey: kms.IKey | undefined;
  /** Prefix of the keys of the catalog. */
  readonly prefix: string;
  /** Receives the emails. */
  readonly topic: sns.ITopic;
  /** Receives the reports as JSON, if enabled. */
  readonly eventsTopic: sns.ITopic | undefined;
  /** Encrypts the topics. */
  readonly topicKey: kms.IKey;
  /** Triggers the function. */
  readonly queue: sqs.IQueue;
  /** The function's log. */
  readonly logGroup: logs.ILogGroup;
}

/** The role of the function. */
export function makeRole(scope: Construct, props: RoleProps): iam.Role {
  const { bucket, bucketKey } = props;
  const stack = Stack.of(scope);
  const via = (service: string) => ({
    StringEquals: { 'kms:ViaService': `${service}.${stack.region}.amazonaws.com` },
  });
  const files = bucket.arnForObjects(`${props.prefix}*`);
  const keys = stack.formatArn({ service: 'kms', resource: 'key', resourceName: '*' });
  const logStreams = stack.formatArn({
    service: 'logs',
    resource: 'log-group',
    resourceName: `${props.logGroup.logGroupName}:log-stream:*`,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
  const statements = [
    ...reading(stack),
    ...(props.writesTo === undefined ? [] : writing(stack, props.writesTo)),
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
      resources: [bucket.arnForObjects(`${props.prefix}${STATE_FOLDER}state.json`)],
    }),
    ...(bucketKey
      ? [
          new iam.PolicyStatement({
            sid: 'UseBucketKey',
            actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
            // It may belong to another account.
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
      resources: [props.topic, ...(props.eventsTopic ? [props.eventsTopic] : [])].map((topic) => topic.topicArn),
    }),
    new iam.PolicyStatement({
      // Whether there is anyone to read the emails.
      sid: 'CountSubscriptions',
      actions: ['sns:GetTopicAttributes'],
      resources: [props.topic.topicArn],
    }),
    new iam.PolicyStatement({
      sid: 'UseTopicKey',
      actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
      resources: [props.topicKey.keyArn],
      conditions: via('sns'),
    }),
    new iam.PolicyStatement({
      sid: 'TakeMessages',
      actions: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ChangeMessageVisibility'],
      resources: [props.queue.queueArn],
    }),
    new iam.PolicyStatement({
      sid: 'Log',
      actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      resources: [logStreams],
    }),
  ];
  const boundary = props.permissionsBoundary;
  const role = new iam.Role(scope, 'Role', {
    description: 'Role of the controlsync function',
    assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
    permissionsBoundary:
      boundary === undefined ? undefined : iam.ManagedPolicy.fromManagedPolicyArn(scope, 'Boundary', boundary),
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
