import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Duration, Names, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { CfnRule } from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as sns from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';
import { makeAlarms } from './alarms.ts';
import { makeRole } from './role.ts';
import { keyPrefix, readSettings, SettingsError, type Settings } from './settings.ts';

/** What crates/lambda/package.sh makes. */
const PACKAGE = fileURLToPath(new URL('../../target/lambda/controlsync/bootstrap.zip', import.meta.url));

/** One group: one message group means one run at a time. */
const MESSAGE_GROUP = 'catalog';
/** The longest a run may take: 500 new controls take a minute at ten requests a second. */
const TIMEOUT = Duration.seconds(300);
/** Messages wait so long before they wake the function, so that ten files that are uploaded together are one run. */
const DELAY = Duration.seconds(20);
/** Receives before a message goes to the dead-letter queue. */
const MAX_RECEIVES = 5;
/** The longest that SQS keeps a message. */
const KEPT = Duration.days(14);

/** What a Controlsync is made of: see SETTINGS, and where the function's package is. */
export interface ControlsyncProps {
  /** What is decided for it; wrong values are refused with a sentence each. */
  readonly settings?: Settings;
  /** The zip of the function; else the one that crates/lambda/package.sh makes in this checkout. */
  readonly package?: string;
}

/** A bucket, a function that brings Audit Manager to what is in it, and topics that tell people and programs. */
export class Controlsync extends Construct {
  /** Where the catalog is uploaded. */
  readonly bucket: s3.IBucket;
  /** Tells people. */
  readonly topic: sns.Topic;
  /** Tells programs, where that is asked for. */
  readonly eventsTopic: sns.Topic | undefined;
  /** Wakes the function. */
  readonly queue: sqs.Queue;
  /** What the function could not work through. */
  readonly deadLetters: sqs.Queue;
  /** What EventBridge could not bring to the queue. */
  readonly undelivered: sqs.Queue;
  /** Does the work. */
  readonly function: lambda.Function;
  /** The function's log. */
  readonly logGroup: logs.LogGroup;
  /** Brings messages of the queue to the function. */
  readonly source: lambda.EventSourceMapping;

  /** What was decided. */
  readonly settings: Settings;
  /** What the keys of the catalog begin with. */
  readonly prefix: string;
  /** Encrypts the topics. */
  readonly topicKey: kms.Key;
  /** Encrypts the bucket, where it is not Amazon S3 that does. */
  readonly bucketKey: kms.IKey | undefined;

  constructor(scope: Construct, id: string, props: ControlsyncProps = {}) {
    super(scope, id);
    this.settings = readSettings(props.settings ?? {});
    this.prefix = keyPrefix(this.settings.prefix);

    const { kmsKey } = this.settings;
    this.bucketKey = kmsKey === undefined ? undefined : kms.Key.fromKeyArn(this, 'BucketKey', kmsKey);
    this.bucket = this.makeBucket();
    this.topicKey = this.makeTopicKey();
    this.topic = this.makeTopic('Topic');
    for (const address of this.settings.emails ?? []) {
      this.topic.addSubscription(new EmailSubscription(address));
    }
    this.eventsTopic = this.settings.eventsTopic ? this.makeTopic('EventsTopic') : undefined;

    this.deadLetters = this.makeQueue('DeadLetters', { fifo: true });
    this.undelivered = this.makeQueue('Undelivered', {});
    acknowledge(this.undelivered, 'SQS3', 'It is a dead-letter queue: that of EventBridge.');
    this.queue = this.makeQueue('Queue', {
      fifo: true,
      contentBasedDeduplication: true,
      deliveryDelay: DELAY,
      // https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
      visibilityTimeout: Duration.seconds(6 * TIMEOUT.toSeconds()),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: MAX_RECEIVES },
    });
    this.makeRules();

    this.logGroup = new logs.LogGroup(this, 'Log', {
      retention: (this.settings.retention as logs.RetentionDays | undefined) ?? logs.RetentionDays.THREE_MONTHS,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.function = this.makeFunction(props.package ?? PACKAGE);
    this.source = new lambda.EventSourceMapping(this, 'Source', {
      target: this.function,
      eventSourceArn: this.queue.queueArn,
      batchSize: 10,
      reportBatchItemFailures: true,
    });
    makeAlarms(this);
  }

  private makeBucket(): s3.IBucket {
    const { existingBucket } = this.settings;
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
      // A first deployment that fails leaves nothing behind.
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
      lifecycleRules: [
        { abortIncompleteMultipartUploadAfter: Duration.days(7) },
        // Each run writes the state anew.
        { prefix: '.controlsync/', noncurrentVersionExpiration: Duration.days(7) },
      ],
    });
    // It goes on refusing whoever comes without TLS.
    bucket.policy?.applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
    acknowledge(
      bucket,
      'S1',
      'EventBridge tells of every write; whoever reads is known from data events of CloudTrail.',
    );
    // `eventBridgeEnabled` would add a function of the CDK to the account, only to set this.
    const resource = bucket.node.defaultChild as s3.CfnBucket;
    resource.notificationConfiguration = { eventBridgeConfiguration: { eventBridgeEnabled: true } };
    return bucket;
  }

  /** CloudWatch cannot use the key that AWS manages for SNS, so alarms would reach nobody. */
  private makeTopicKey(): kms.Key {
    const key = new kms.Key(this, 'TopicKey', {
      description: 'Messages of controlsync on their way through SNS',
      enableKeyRotation: true,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    key.addToResourcePolicy(
      new iam.PolicyStatement({
        sid: 'Alarms',
        principals: [new iam.ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
        resources: ['*'],
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    );
    return key;
  }

  private makeTopic(id: string): sns.Topic {
    return new sns.Topic(this, id, { displayName: 'controlsync', masterKey: this.topicKey, enforceSSL: true });
  }

  private makeQueue(id: string, props: sqs.QueueProps): sqs.Queue {
    return new sqs.Queue(this, id, {
      ...props,
      // The name of a FIFO queue has to say that it is one.
      queueName: props.fifo
        ? `${Names.uniqueResourceName(this, { maxLength: 60, separator: '-' })}-${id}.fifo`
        : undefined,
      encryption: sqs.QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: KEPT,
      removalPolicy: RemovalPolicy.DESTROY,
    });
  }

  /** What wakes the function: uploads and removals, and the schedule. */
  private makeRules(): void {
    const targets = [
      {
        id: 'Queue',
        arn: this.queue.queueArn,
        sqsParameters: { messageGroupId: MESSAGE_GROUP },
        deadLetterConfig: { arn: this.undelivered.queueArn },
      },
    ];
    const rules = [
      new CfnRule(this, 'Uploads', {
        description: 'Uploads and removals in the bucket of the catalog',
        eventPattern: {
          source: ['aws.s3'],
          'detail-type': ['Object Created', 'Object Deleted'],
          detail: {
            bucket: { name: [this.bucket.bucketName] },
            // The function writes its state into the same bucket: that must wake nobody.
            object: {
              key: [this.prefix === '' ? { 'anything-but': { prefix: '.controlsync/' } } : { prefix: this.prefix }],
            },
          },
        },
        targets,
      }),
      new CfnRule(this, 'Schedule', {
        description: 'Compares the catalog with Audit Manager even where nobody has uploaded anything',
        scheduleExpression: this.settings.schedule ?? 'cron(23 4 * * ? *)',
        targets,
      }),
    ];
    for (const queue of [this.queue, this.undelivered]) {
      queue.addToResourcePolicy(
        new iam.PolicyStatement({
          sid: 'Rules',
          principals: [new iam.ServicePrincipal('events.amazonaws.com')],
          actions: ['sqs:SendMessage'],
          resources: [queue.queueArn],
          conditions: {
            ArnEquals: { 'aws:SourceArn': rules.map((rule) => rule.attrArn) },
            StringEquals: { 'aws:SourceAccount': Stack.of(this).account },
          },
        }),
      );
    }
  }

  private makeFunction(code: string): lambda.Function {
    if (!existsSync(code)) {
      throw new SettingsError(`the function's package ${code} is not there: make it with crates/lambda/package.sh`);
    }
    const architecture =
      this.settings.architecture === 'arm64' ? lambda.Architecture.ARM_64 : lambda.Architecture.X86_64;
    return new lambda.Function(this, 'Function', {
      description: 'Brings AWS Audit Manager to what the catalog says, and tells people',
      runtime: lambda.Runtime.PROVIDED_AL2023,
      architecture,
      handler: 'bootstrap',
      code: lambda.Code.fromAsset(code),
      role: makeRole(this),
      timeout: TIMEOUT,
      memorySize: 256,
      environment: this.environment(),
      loggingFormat: lambda.LoggingFormat.JSON,
      // Above INFO there would be no metrics: they are lines of the log.
      applicationLogLevelV2: lambda.ApplicationLogLevel.INFO,
      systemLogLevelV2: lambda.SystemLogLevel.INFO,
      logGroup: this.logGroup,
    });
  }

  private environment(): Record<string, string> {
    const { catalog, mode, adopt, notify, onRemove, maxDeletes, drift, rate } = this.settings;
    const variables = {
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
    };
    const set = Object.entries(variables).filter(([, value]) => value !== undefined && value !== '');
    return Object.fromEntries(set.map(([name, value]) => [`CONTROLSYNC_${name}`, String(value)]));
  }
}
