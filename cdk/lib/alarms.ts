import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as sns from 'aws-cdk-lib/aws-sns';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';

/** What the alarms of a function watch. */
export interface AlarmsProps {
  /** Receives the alarms, and when they are over. */
  readonly topic: sns.ITopic;
  /** The function. */
  readonly function: lambda.IFunction;
  /** Triggers the function. */
  readonly queue: sqs.IQueue;
  /** Contains messages that the function could not process. */
  readonly deadLetters: sqs.IQueue;
}

/** Any occurrence is an alarm. */
const ANY = {
  threshold: 1,
  evaluationPeriods: 1,
  comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
};
/** A condition that lasts until a run finds it resolved: runs are a day apart at most. */
const STATE = { ...ANY, treatMissingData: cloudwatch.TreatMissingData.IGNORE };

/** Makes the alarms that functions have in common, each with its own description, and others. */
class Alarms {
  constructor(
    private readonly scope: Construct,
    private readonly props: AlarmsProps,
  ) {}

  make(id: string, alarmDescription: string, props: Omit<cloudwatch.AlarmProps, 'alarmDescription'>): void {
    const made = new cloudwatch.Alarm(this.scope, id, {
      treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
      ...props,
      alarmDescription,
    });
    const action = new SnsAction(this.props.topic);
    made.addAlarmAction(action);
    made.addOkAction(action);
  }

  /** A metric that the function writes. */
  own(metricName: string, statistic: string, period: Duration): cloudwatch.Metric {
    return new cloudwatch.Metric({
      namespace: 'controlsync',
      metricName,
      dimensionsMap: { FunctionName: this.props.function.functionName },
      statistic,
      period,
    });
  }

  deadLetters(description: string): void {
    const metric = this.props.deadLetters.metricApproximateNumberOfMessagesVisible();
    this.make('DeadLettersAlarm', description, { ...ANY, metric });
  }

  crash(description: string): void {
    const metric = this.props.function.metricErrors({ period: Duration.minutes(5) });
    this.make('CrashAlarm', description, { ...ANY, metric });
  }

  failures(description: string): void {
    this.make('FailuresAlarm', description, { ...STATE, metric: this.own('Failures', 'Sum', Duration.days(1)) });
  }

  noRun(description: string): void {
    this.make('NoRunAlarm', description, {
      // A queue that is polled reports zeros, from its creation on: so the alarm waits for 26 hours with a new stack too. The metric
      // of the function would not exist before its first run.
      // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
      metric: this.props.queue.metricNumberOfMessagesDeleted({ statistic: 'Sum', period: Duration.hours(1) }),
      threshold: 1,
      evaluationPeriods: 26,
      comparisonOperator: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
      treatMissingData: cloudwatch.TreatMissingData.IGNORE,
    });
  }
}

/**
 * Alarms for problems that the function cannot report itself, or that must not be forgotten after its email. `undelivered` contains
 * events that EventBridge could not deliver to its queue.
 */
export function makeAlarms(scope: Construct, undelivered: sqs.IQueue, props: AlarmsProps): void {
  const alarms = new Alarms(scope, props);
  alarms.deadLetters(
    'controlsync gave up on uploads after several attempts. Read the dead-letter queue, fix the cause, redrive.',
  );
  alarms.make('UndeliveredAlarm', 'EventBridge could not deliver uploads or the schedule to the queue of controlsync.', {
    ...ANY,
    metric: undelivered.metricApproximateNumberOfMessagesVisible(),
  });
  alarms.crash('The controlsync function failed with an error. See its log.');
  alarms.failures(
    'Changes to Audit Manager or an entire run of controlsync failed within the last day. See its email and its log.',
  );
  alarms.make(
    'ErrorsAlarm',
    'The catalog of controlsync has errors that are not resolved: part of it is not applied. See its email.',
    { ...STATE, metric: alarms.own('Errors', 'Maximum', Duration.days(1)) },
  );
  alarms.make(
    'UnreadableMessagesAlarm',
    'The queue of controlsync had a message that is not a supported event. See its log.',
    { ...ANY, metric: alarms.own('UnreadableMessages', 'Sum', Duration.minutes(5)) },
  );
  alarms.make('OldestMessageAlarm', 'An upload has waited for more than an hour to be processed by controlsync.', {
    ...ANY,
    threshold: Duration.hours(1).toSeconds(),
    metric: props.queue.metricApproximateAgeOfOldestMessage(),
  });
  alarms.noRun('No run of controlsync has finished for 26 hours, although one per day is scheduled.');
}

/** Alarms for problems that the evidence function cannot report itself. What is not ready is repeated by its emails. */
export function makeEvidenceAlarms(scope: Construct, props: AlarmsProps): void {
  const alarms = new Alarms(scope, props);
  alarms.deadLetters(
    'The evidence function of controlsync gave up on a run after several attempts. Read its log, fix the cause, redrive.',
  );
  alarms.crash('The evidence function of controlsync failed with an error. See its log.');
  alarms.failures(
    'The evidence function of controlsync could not read or report within the last day. See its email and its log.',
  );
  alarms.noRun('No run of the evidence function of controlsync has finished for 26 hours, although one per day is scheduled.');
}
