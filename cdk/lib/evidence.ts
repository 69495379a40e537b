import { Duration, Names, Stack } from 'aws-cdk-lib';
import { CfnRule } from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as logs from 'aws-cdk-lib/aws-logs';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { acknowledgeWildcards } from './acknowledge.ts';
import { makeEvidenceAlarms } from './alarms.ts';
import { CATALOG_PATHS } from './catalog-paths.ts';
import type { Controlsync } from './controlsync.ts';
import { aggregators, memberRoles, readingAggregators, readingEvidence, readingResults, WHY_ALL } from './evidence-permissions.ts';
import { makeFunction, makeLog, packageOf } from './function.ts';
import { objects } from './permissions.ts';
import { allowRules, makeQueue, queueTarget } from './queue.ts';
import { REPORTS_FOLDER, reportKeys } from './reports.ts';
import { makeRole } from './role.ts';

/** A single message group, so that there is one run at a time. */
const MESSAGE_GROUP = 'evidence';
/** The longest that Lambda allows: hundreds of accounts are read at a few requests per second. */
const TIMEOUT = Duration.seconds(900);
/** Receives before a message moves to the dead-letter queue. */
const MAX_RECEIVES = 3;

/** Properties of an Evidence construct. */
export interface EvidenceProps {
  /** Has the bucket, the topics and the settings. */
  readonly controlsync: Controlsync;
  /** The zip of the function. Defaults to the one that crates/lambda/package.sh builds in this checkout. */
  readonly package?: string;
  /** The name of the stack, if cdk/deploy.sh can update it: the emails then name its commands. */
  readonly stack?: string;
}

/**
 * A function that reports, once a day, which sources of the catalog cannot collect evidence, and writes compliance reports if enabled.
 * In the services that it works with, it only reads.
 */
export class Evidence extends Construct {
  /** Triggers the function. */
  readonly queue: sqs.Queue;
  /** Contains messages that the function could not process. */
  readonly deadLetters: sqs.Queue;
  /** The role of the function, which the role in member accounts trusts. */
  readonly role: iam.Role;
  /** Reads evidence. */
  readonly function: lambda.Function;
  /** The function's log. */
  readonly logGroup: logs.LogGroup;
  /** Delivers messages from the queue to the function. */
  readonly source: lambda.EventSourceMapping;

  constructor(scope: Construct, id: string, props: EvidenceProps) {
    super(scope, id);
    const { settings, undelivered, alarmsTopic } = props.controlsync;

    this.deadLetters = makeQueue(this, 'DeadLetters', { fifo: true });
    this.queue = makeQueue(this, 'Queue', {
      fifo: true,
      contentBasedDeduplication: true,
      // After a crash the message, and so the next run, waits for the rest of this.
      visibilityTimeout: Duration.seconds(2 * TIMEOUT.toSeconds()),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: MAX_RECEIVES },
    });
    const schedule = new CfnRule(this, 'Schedule', {
      description: 'Reads which sources can collect evidence',
      scheduleExpression: settings.evidenceSchedule ?? 'cron(53 5 * * ? *)',
      targets: [queueTarget(this.queue, MESSAGE_GROUP, undelivered)],
    });
    allowRules(this.queue, 'Rules', [schedule]);
    allowRules(undelivered, 'EvidenceRules', [schedule]);

    this.logGroup = makeLog(this, settings);
    this.role = this.makeRole(props.controlsync);
    this.function = this.makeFunction(props);
    this.source = new lambda.EventSourceMapping(this, 'Source', {
      target: this.function,
      eventSourceArn: this.queue.queueArn,
      batchSize: 1,
      reportBatchItemFailures: true,
    });
    makeEvidenceAlarms(this, {
      topic: alarmsTopic,
      function: this.function,
      queue: this.queue,
      deadLetters: this.deadLetters,
    });
  }

  private makeRole(controlsync: Controlsync): iam.Role {
    const { bucket, prefix, settings } = controlsync;
    const stack = Stack.of(this);
    const role = makeRole(this, controlsync, {
      description: 'Role of the evidence function of controlsync',
      // The role in member accounts trusts this name: a stack that is created again has the same one. Roles have no Region.
      name: `${Names.uniqueResourceName(this, { maxLength: 48, separator: '-' })}-${stack.region}`,
      statements: [...readingEvidence(stack, settings.memberRole), ...this.reporting(controlsync)],
      files: CATALOG_PATHS.map((path) => bucket.arnForObjects(`${prefix}${path}${path.endsWith('/') ? '*' : ''}`)),
      state: 'evidence.json',
      queue: this.queue,
      hidesMessages: false,
      logGroup: this.logGroup,
    });
    acknowledgeWildcards(role, ['*'], WHY_ALL);
    acknowledgeWildcards(role, [objects(stack, 'assessment')], 'Audit Manager generates the ids of its objects.');
    if (settings.evidenceReports) {
      acknowledgeWildcards(role, [bucket.arnForObjects(`${reportKeys(prefix)}*`)], 'Each day has its own reports.');
    }
    if (settings.aggregator !== undefined) {
      acknowledgeWildcards(role, [aggregators(stack)], 'AWS Config generates the IDs of aggregators.');
    }
    if (settings.memberRole !== undefined) {
      acknowledgeWildcards(role, [memberRoles(stack, settings.memberRole)], 'Assessments name the accounts to read.');
    }
    return role;
  }

  /** What compliance reports need. */
  private reporting({ bucket, prefix, settings }: Controlsync): iam.PolicyStatement[] {
    if (!settings.evidenceReports) {
      return [];
    }
    return [
      ...readingResults(),
      ...(settings.aggregator === undefined ? [] : readingAggregators(Stack.of(this))),
      new iam.PolicyStatement({
        sid: 'WriteReports',
        actions: ['s3:PutObject'],
        resources: [bucket.arnForObjects(`${reportKeys(prefix)}*`)],
      }),
    ];
  }

  private makeFunction({ controlsync, package: zip, stack }: EvidenceProps): lambda.Function {
    const { settings, bucket, prefix, topic, eventsTopic } = controlsync;
    return makeFunction(this, settings, {
      description: 'Reports which sources of the catalog cannot collect evidence',
      package: zip ?? packageOf('evidence'),
      role: this.role,
      timeout: TIMEOUT,
      memorySize: 512,
      variables: {
        BUCKET: bucket.bucketName,
        PREFIX: prefix,
        TOPIC_ARN: topic.topicArn,
        EVENTS_TOPIC_ARN: eventsTopic?.topicArn,
        CATALOG: settings.catalog,
        NOTIFY: settings.notify,
        MEMBER_ROLE: settings.memberRole,
        EXTERNAL_ID: settings.externalId,
        REPORTS: settings.evidenceReports ? `${prefix}${REPORTS_FOLDER}` : undefined,
        AGGREGATOR: settings.aggregator,
        STACK: stack,
      },
      logGroup: this.logGroup,
    });
  }
}
