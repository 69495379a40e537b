import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { CfnRule } from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as logs from 'aws-cdk-lib/aws-logs';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as sns from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { acknowledge, acknowledgeWildcards } from './acknowledge.ts';
import { makeAlarms } from './alarms.ts';
import { CATALOG_PATHS } from './catalog-paths.ts';
import { Evidence } from './evidence.ts';
import { makeFunction, makeLog, packageOf } from './function.ts';
import { controlsOfAws, objects, reading, writing } from './permissions.ts';
import { allowRules, makeQueue, queueTarget } from './queue.ts';
import { reportExpiry } from './reports.ts';
import { makeRole, STATE_FOLDER, STATE_STATEMENT } from './role.ts';
import { checkRegion, keyPrefix, readSettings, type Settings } from './settings.ts';

/** A single message group, so that there is one run at a time. */
const MESSAGE_GROUP = 'catalog';
/** The longest a run may take. 500 new controls take a minute at ten requests per second. */
const TIMEOUT = Duration.seconds(300);
/** Delay of messages, so that files uploaded together are one run. */
const DELAY = Duration.seconds(20);
/** Receives before a message moves to the dead-letter queue. */
const MAX_RECEIVES = 5;

/** Properties of a Controlsync construct. */
export interface ControlsyncProps {
  /** Its settings: see SETTINGS. Invalid values are rejected, with one message each. */
  readonly settings?: Settings;
  /** The zip of the function. Defaults to the one that crates/lambda/package.sh builds in this checkout. */
  readonly package?: string;
  /** The zip of the evidence function, if there is one. Defaults like `package`. */
  readonly evidencePackage?: string;
  /** The name of the stack, if cdk/deploy.sh can update it: the emails then name its commands. */
  readonly stack?: string;
}

/** A bucket, a function that applies its catalog to Audit Manager, and topics for reports. */
export class Controlsync extends Construct {
  /** Contains the catalog. */
  readonly bucket: s3.IBucket;
  /** Receives the emails. */
  readonly topic: sns.Topic;
  /** Receives the reports as JSON, if enabled. */
  readonly eventsTopic: sns.Topic | undefined;
  /** Receives the alarms. */
  readonly alarmsTopic: sns.ITopic;
  /** Triggers the function. */
  readonly queue: sqs.Queue;
  /** Contains messages that the function could not process. */
  readonly deadLetters: sqs.Queue;
  /** Contains events that EventBridge could not deliver to the queue. */
  readonly undelivered: sqs.Queue;
  /** The role of the function. */
  readonly role: iam.Role;
  /** Applies the catalog. */
  readonly function: lambda.Function;
  /** The function's log. */
  readonly logGroup: logs.LogGroup;
  /** Delivers messages from the queue to the function. */
  readonly source: lambda.EventSourceMapping;
  /** Reports which sources cannot collect evidence, if enabled. */
  readonly evidence: Evidence | undefined;

  /** The validated settings. */
  readonly settings: Settings;
  /** Prefix of the keys of the catalog. */
  readonly prefix: string;
  /** Encrypts the topics. */
  readonly topicKey: kms.Key;
  /** Encrypts the bucket, unless Amazon S3 does with its own keys. */
  readonly bucketKey: kms.IKey | undefined;

  constructor(scope: Construct, id: string, props: ControlsyncProps = {}) {
    super(scope, id);
    this.settings = readSettings(props.settings ?? {});
    checkRegion(this.settings, Stack.of(this).region);
    this.prefix = keyPrefix(this.settings.prefix);

    const { kmsKey } = this.settings;
    this.bucketKey = kmsKey === undefined ? undefined : kms.Key.fromKeyArn(this, 'BucketKey', kmsKey);
    this.bucket = this.makeBucket();
    this.topicKey = this.makeTopicKey();
    this.topic = this.makeEmailTopic('Topic');
    this.eventsTopic = this.settings.eventsTopic ? this.makeTopic('EventsTopic') : undefined;
    this.alarmsTopic = this.makeAlarmsTopic();

    this.deadLetters = makeQueue(this, 'DeadLetters', { fifo: true });
    this.undelivered = makeQueue(this, 'Undelivered', {});
    acknowledge(this.undelivered, 'SQS3', 'It is the dead-letter queue of EventBridge.');
    this.queue = makeQueue(this, 'Queue', {
      fifo: true,
      contentBasedDeduplication: true,
      deliveryDelay: DELAY,
      // After a crash the message, and so its group, is hidden for the rest of this. The function itself hides it for shorter. The six
      // timeouts that Lambda recommends are for batches that are throttled, but here there is one at a time.
      // https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
      visibilityTimeout: Duration.seconds(2 * TIMEOUT.toSeconds()),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: MAX_RECEIVES },
    });
    this.makeRules();

    this.logGroup = makeLog(this, this.settings);
    this.role = this.makeRole();
    this.function = this.makeFunction(props);
    this.source = new lambda.EventSourceMapping(this, 'Source', {
      target: this.function,
      eventSourceArn: this.queue.queueArn,
      batchSize: 10,
      reportBatchItemFailures: true,
    });
    makeAlarms(this, this.undelivered, {
      topic: this.alarmsTopic,
      function: this.function,
      queue: this.queue,
      deadLetters: this.deadLetters,
    });
    this.evidence = this.settings.evidence
      ? new Evidence(this, 'Evidence', { controlsync: this, package: props.evidencePackage, stack: props.stack })
      : undefined;
    this.protectStates([this.role, ...(this.evidence ? [this.evidence.role] : [])]);
  }

  private makeBucket(): s3.IBucket {
    const { evidenceReports, existingBucket } = this.settings;
    if (existingBucket !== undefined) {
      return s3.Bucket.fromBucketAttributes(this, 'Bucket', {
        bucketName: existingBucket,
        encryptionKey: this.bucketKey,
      });
    }
    const bucket = new s3.Bucket(this, 'Bucket', {
      versioned: true,
      encryption: this.bucketKey ? s3.BucketEncryption.KMS : s3.BucketEncryption.S3_MANAGED,
      encryptionKey: this.bucketKey,
      bucketKeyEnabled: this.bucketKey !== undefined,
      enforceSSL: true,
      blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
      objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
      // A failed first deployment leaves nothing behind.
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
      lifecycleRules: [
        { abortIncompleteMultipartUploadAfter: Duration.days(7) },
        // Every run writes a new version of the state.
        { prefix: this.prefix + STATE_FOLDER, noncurrentVersionExpiration: Duration.days(7) },
        ...(evidenceReports ? [reportExpiry(this.prefix, this.settings)] : []),
      ],
    });
    // The kept bucket must still reject requests without TLS.
    bucket.policy?.applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
    acknowledge(bucket, 'S1', 'EventBridge receives every write; CloudTrail data events can record reads.');
    // `eventBridgeEnabled` would deploy a custom resource function of the CDK only to set this.
    const resource = bucket.node.defaultChild as s3.CfnBucket;
    resource.notificationConfiguration = { eventBridgeConfiguration: { eventBridgeEnabled: true } };
    return bucket;
  }

  /** CloudWatch cannot use the AWS managed key of SNS, so alarms would not be delivered. */
  private makeTopicKey(): kms.Key {
    return new kms.Key(this, 'TopicKey', {
      description: 'Encrypts messages of controlsync in SNS',
      enableKeyRotation: true,
      removalPolicy: RemovalPolicy.DESTROY,
    });
  }

  private makeTopic(id: string): sns.Topic {
    const { stackName } = Stack.of(this);
    // The sender of the emails.
    const displayName = stackName.startsWith('controlsync') ? stackName : `controlsync ${stackName}`;
    return new sns.Topic(this, id, { displayName, masterKey: this.topicKey, enforceSSL: true });
  }

  private makeEmailTopic(id: string): sns.Topic {
    const topic = this.makeTopic(id);
    for (const address of this.settings.emails ?? []) {
      topic.addSubscription(new EmailSubscription(address));
    }
    return topic;
  }

  /** Alarms have no attributes, so a subscription with a filter would not get them from the topic of the reports. */
  private makeAlarmsTopic(): sns.ITopic {
    const { alarmsTopic } = this.settings;
    if (alarmsTopic !== undefined) {
      return sns.Topic.fromTopicArn(this, 'AlarmsTopic', alarmsTopic);
    }
    const topic = this.makeEmailTopic('AlarmsTopic');
    const allow = (actions: string[], resource: string) =>
      new iam.PolicyStatement({
        sid: 'Alarms',
        principals: [new iam.ServicePrincipal('cloudwatch.amazonaws.com')],
        actions,
        resources: [resource],
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      });
    this.topicKey.addToResourcePolicy(allow(['kms:Decrypt', 'kms:GenerateDataKey*'], '*'));
    topic.addToResourcePolicy(allow(['sns:Publish'], topic.topicArn));
    return topic;
  }

  /** The triggers of the function: uploads, removals and the schedule. */
  private makeRules(): void {
    const targets = [queueTarget(this.queue, MESSAGE_GROUP, this.undelivered)];
    const rules = [
      new CfnRule(this, 'Uploads', {
        description: 'Uploads and removals in the bucket of the catalog',
        eventPattern: {
          source: ['aws.s3'],
          'detail-type': ['Object Created', 'Object Deleted'],
          detail: {
            bucket: { name: [this.bucket.bucketName] },
            // Only files of a catalog: the function writes its state to the same bucket, which must not trigger it.
            object: {
              key: CATALOG_PATHS.map((path) =>
                path.endsWith('/') ? { prefix: `${this.prefix}${path}` } : `${this.prefix}${path}`,
              ),
            },
          },
        },
        targets,
      }),
      new CfnRule(this, 'Schedule', {
        description: 'Compares the catalog with Audit Manager, even without uploads',
        scheduleExpression: this.settings.schedule ?? 'cron(23 4 * * ? *)',
        targets,
      }),
    ];
    for (const queue of [this.queue, this.undelivered]) {
      allowRules(queue, 'Rules', rules);
    }
  }

  private makeRole(): iam.Role {
    const { catalog, mode } = this.settings;
    const stack = Stack.of(this);
    const role = makeRole(this, this, {
      description: 'Role of the controlsync function',
      statements: [
        ...reading(stack),
        ...(mode === 'apply' && catalog !== undefined ? writing(stack, catalog) : []),
      ],
      files: [this.bucket.arnForObjects(`${this.prefix}*`)],
      state: 'state.json',
      queue: this.queue,
      hidesMessages: true,
      logGroup: this.logGroup,
    });
    const unnamed = 'Audit Manager actions without a resource type in IAM: lists, GetAccountStatus, CreateControl.';
    const ids = [
      ...(['control', 'assessmentFramework', 'assessment'] as const).map((type) => objects(stack, type)),
      controlsOfAws(stack),
    ];
    acknowledgeWildcards(role, ['*'], unnamed);
    acknowledgeWildcards(role, ids, 'Audit Manager generates the ids of its objects; writes have conditions on tags.');
    return role;
  }

  /** Who can write a state can write emails. destroy.sh removes the statement from a bucket that it keeps. */
  private protectStates(roles: readonly iam.Role[]): void {
    const [first, ...others] = roles.map(({ roleArn }) => roleArn);
    this.bucket.addToResourcePolicy(
      new iam.PolicyStatement({
        sid: STATE_STATEMENT,
        effect: iam.Effect.DENY,
        principals: [new iam.AnyPrincipal()],
        actions: ['s3:DeleteObject', 's3:DeleteObjectVersion', 's3:PutObject'],
        // The policy of each role has only its own object.
        resources: [this.bucket.arnForObjects(`${this.prefix}${STATE_FOLDER}*`)],
        conditions: { ArnNotEquals: { 'aws:PrincipalArn': others.length === 0 ? first : [first, ...others] } },
      }),
    );
  }

  private makeFunction({ package: zip, stack }: ControlsyncProps): lambda.Function {
    const { catalog, mode, adopt, notify, onRemove, maxDeletes, drift, rate, quotas } = this.settings;
    return makeFunction(this, this.settings, {
      description: 'Applies the catalog to AWS Audit Manager and reports',
      package: zip ?? packageOf('sync'),
      role: this.role,
      timeout: TIMEOUT,
      memorySize: 256,
      variables: {
        BUCKET: this.bucket.bucketName,
        PREFIX: this.prefix,
        TOPIC_ARN: this.topic.topicArn,
        EVENTS_TOPIC_ARN: this.eventsTopic?.topicArn,
        QUEUE_URL: this.queue.queueUrl,
        CATALOG: catalog,
        MODE: mode ?? 'plan',
        ADOPT: adopt,
        NOTIFY: notify,
        ON_REMOVE: onRemove,
        MAX_DELETES: maxDeletes,
        DRIFT: drift,
        RATE: rate,
        QUOTAS: quotas,
        STACK: stack,
      },
      logGroup: this.logGroup,
    });
  }
}
