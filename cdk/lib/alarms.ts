import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as sns from 'aws-cdk-lib/aws-sns';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';

/** What the alarms watch. */
export interface AlarmsProps {
  /** Receives the alarms, and when they are over. */
  readonly topic: sns.ITopic;
  /** The function. */
  readonly function: lambda.IFunction;
  /** Triggers the function. */
  readonly queue: sqs.IQueue;
  /** Contains messages that the function could not process. */
  readonly deadLetters: sqs.IQueue;
  /** Contains events that EventBridge could not deliver to the queue. */
  readonly undelivered: sqs.IQueue;
}

/** Alarms for problems that the function cannot report itself, or that must not be forgotten after its email. */
export function makeAlarms(scope: Construct, props: AlarmsProps): void {
  const action = new SnsAction(props.topic);
  const alarm = (id: string, alarmDescription: string, alarmProps: Omit<cloudwatch.AlarmProps, 'alarmDescription'>) => {
    const made = new cloudwatch.Alarm(scope, id, {
      treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
      ...alarmProps,
      alarmDescription,
    });
    made.addAlarmAction(action);
    made.addOkAction(action);
  };
  /** Any occurrence is an alarm. */
  const any = {
    threshold: 1,
    evaluationPeriods: 1,
    comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
  };
  /** A metric that the function writes. */
  const own = (metricName: string, statistic: string, period: Duration) =>
    new cloudwatch.Metric({
      namespace: 'controlsync',
      metricName,
      dimensionsMap: { FunctionName: props.function.functionName },
      statistic,
      period,
    });
  /** A condition that lasts until a run finds it resolved: runs are a day apart at most. */
  const state = { ...any, treatMissingData: cloudwatch.TreatMissingData.IGNORE };

  alarm(
    'DeadLettersAlarm',
    'controlsync gave up on uploads after several attempts. Read the dead-letter queue, fix the cause, redrive.',
    {
      ...any,
      metric: props.deadLetters.metricApproximateNumberOfMessagesVisible(),
    },
  );
  alarm('UndeliveredAlarm', 'EventBridge could not deliver uploads or the schedule to the queue of controlsync.', {
    ...any,
    metric: props.undelivered.metricApproximateNumberOfMessagesVisible(),
  });
  alarm('CrashAlarm', 'The controlsync function failed with an error. See its log.', {
    ...any,
    metric: props.function.metricErrors({ period: Duration.minutes(5) }),
  });
  alarm(
    'FailuresAlarm',
    'Changes to Audit Manager or an entire run of controlsync failed within the last day. See its email and its log.',
    {
      ...state,
      metric: own('Failures', 'Sum', Duration.days(1)),
    },
  );
  alarm(
    'ErrorsAlarm',
    'The catalog of controlsync has errors that are not resolved: part of it is not applied. See its email.',
    {
      ...state,
      metric: own('Errors', 'Maximum', Duration.days(1)),
    },
  );
  alarm('UnreadableMessagesAlarm', 'The queue of controlsync had a message that is not a supported event. See its log.', {
    ...any,
    metric: own('UnreadableMessages', 'Sum', Duration.minutes(5)),
  });
  alarm('OldestMessageAlarm', 'An upload has waited for more than an hour to be processed by controlsync.', {
    ...any,
    threshold: Duration.hours(1).toSeconds(),
    metric: props.queue.metricApproximateAgeOfOldestMessage(),
  });
  // A queue that is polled reports zeros, from its creation on: so the alarm waits for 26 hours with a new stack too. The metric of
  // the function would not exist before its first run.
  // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
  alarm('NoRunAlarm', 'No run of controlsync has finished for 26 hours, although one per day is scheduled.', {
    metric: props.queue.metricNumberOfMessagesDeleted({ statistic: 'Sum', period: Duration.hours(1) }),
    threshold: 1,
    evaluationPeriods: 26,
    comparisonOperator: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
    treatMissingData: cloudwatch.TreatMissingData.IGNORE,
  });
}
