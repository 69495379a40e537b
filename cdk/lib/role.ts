import { ArnFormat, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as logs from 'aws-cdk-lib/aws-logs';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { acknowledgeWildcards } from './acknowledge.ts';
import type { Controlsync } from './controlsync.ts';

/** Where functions keep their state, below the prefix of the catalog. */
export const STATE_FOLDER = '.controlsync/';
/** Sid of the statement in the policy of our bucket that protects the states. */
export const STATE_STATEMENT = 'OnlyTheFunctionWritesItsState';

/** What a function may do besides what all of them may. */
export interface RoleProps {
  readonly description: string;
  /** Its name. By default, CloudFormation generates one. */
  readonly name?: string;
  /** What it may do in the services that it works with. */
  readonly statements: readonly iam.PolicyStatement[];
  /** ARNs of the objects that it may read. */
  readonly files: readonly string[];
  /** Name of the object that keeps its state. */
  readonly state: string;
  /** Triggers it. */
  readonly queue: sqs.IQueue;
  /** Whether it hides messages until it tries again. */
  readonly hidesMessages: boolean;
  /** Its log. */
  readonly logGroup: logs.ILogGroup;
}

/** The role of a function. */
export function makeRole(scope: Construct, controlsync: Controlsync, props: RoleProps): iam.Role {
  const { bucket, bucketKey, prefix, topic, eventsTopic, topicKey } = controlsync;
  const stack = Stack.of(scope);
  const via = (service: string) => ({
    StringEquals: { 'kms:ViaService': `${service}.${stack.region}.amazonaws.com` },
  });
  const keys = stack.formatArn({ service: 'kms', resource: 'key', resourceName: '*' });
  const logStreams = stack.formatArn({
    service: 'logs',
    resource: 'log-group',
    resourceName: `${props.logGroup.logGroupName}:log-stream:*`,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
  const statements = [
    ...props.statements,
    new iam.PolicyStatement({
      sid: 'ListCatalog',
      // Without a condition on the prefix, or S3 would report a missing object as access denied.
      actions: ['s3:ListBucket'],
      resources: [bucket.bucketArn],
    }),
    new iam.PolicyStatement({
      sid: 'ReadCatalog',
      actions: ['s3:GetObject'],
      resources: [...props.files],
    }),
    new iam.PolicyStatement({
      sid: 'KeepState',
      actions: ['s3:GetObject', 's3:PutObject'],
      resources: [bucket.arnForObjects(`${prefix}${STATE_FOLDER}${props.state}`)],
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
      resources: [topic, ...(eventsTopic ? [eventsTopic] : [])].map(({ topicArn }) => topicArn),
    }),
    new iam.PolicyStatement({
      // Whether there is anyone to read the emails.
      sid: 'CountSubscriptions',
      actions: ['sns:GetTopicAttributes'],
      resources: [topic.topicArn],
    }),
    new iam.PolicyStatement({
      sid: 'UseTopicKey',
      actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
      resources: [topicKey.keyArn],
      conditions: via('sns'),
    }),
    new iam.PolicyStatement({
      sid: 'TakeMessages',
      actions: [
        'sqs:ReceiveMessage',
        'sqs:DeleteMessage',
        'sqs:GetQueueAttributes',
        ...(props.hidesMessages ? ['sqs:ChangeMessageVisibility'] : []),
      ],
      resources: [props.queue.queueArn],
    }),
    new iam.PolicyStatement({
      sid: 'Log',
      actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      resources: [logStreams],
    }),
  ];
  const boundary = controlsync.settings.permissionsBoundary;
  const role = new iam.Role(scope, 'Role', {
    description: props.description,
    roleName: props.name,
    assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
    permissionsBoundary:
      boundary === undefined ? undefined : iam.ManagedPolicy.fromManagedPolicyArn(scope, 'Boundary', boundary),
    // Inline, so that the role has its permissions before anything uses it.
    inlinePolicies: { controlsync: new iam.PolicyDocument({ statements }) },
  });
  acknowledgeWildcards(role, props.files, 'The files of the catalog, which can have any name.');
  acknowledgeWildcards(role, [keys], 'Earlier keys of the bucket, for objects of this bucket only.');
  acknowledgeWildcards(role, [logStreams], 'Lambda generates the names of log streams.');
  return role;
}
