import { Duration, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as sns from 'aws-cdk-lib/aws-sns';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';

/** What the alarms watch. */
export interface AlarmsProps {
  /** Receives the alarms. */
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

/** Alarms for problems that the function cannot report itself. */
export function makeAlarms(scope: Construct, props: AlarmsProps): void {
  const action = new SnsAction(props.topic);
  props.topic.addToResourcePolicy(
    new iam.PolicyStatement({
      sid: 'Alarms',
      principals: [new iam.ServicePrincipal('cloudwatch.amazonaws.com')],
      actions: ['sns:Publish'],
      resources: [props.topic.topicArn],
      conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(scope).account } },
    }),
  );
  const alarm = (id: string, alarmDescription: string, alarmProps: Omit<cloudwatch.AlarmProps, 'alarmDescription'>) =>
    new cloudwatch.Alarm(scope, id, {
      treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
      ...alarmProps,
      alarmDescription,
    }).addAlarmAction(action);
  /** Any occurrence is an alarm. */
  const any = {
    threshold: 1,
    evaluationPeriods: 1,
    comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
  };
  /** A metric that the function writes. */
  const own = (metricName: string, period: Duration) =>
    new cloudwatch.Metric({
      namespace: 'controlsync',
      metricName,
      dimensionsMap: { FunctionName: props.function.functionName },
      statistic: 'Sum',
      period,
    });

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
  alarm('ErrorsAlarm', 'The controlsync function failed with an error. See its log.', {
    ...any,
    metric: props.function.metricErrors({ period: Duration.minutes(5) }),
  });
  alarm(
    'FailuresAlarm',
    'Changes to Audit Manager or an entire run of controlsync failed. See its email and its log.',
    {
      ...any,
      metric: own('Failures', Duration.minutes(5)),
    },
  );
  alarm('OldestMessageAlarm', 'An upload has waited for more than an hour to be processed by controlsync.', {
    ...any,
    threshold: Duration.hours(1).toSeconds(),
    metric: props.queue.metricApproximateAgeOfOldestMessage(),
  });
  alarm('NoRunAlarm', 'No run of controlsync has finished for 26 hours, although one per day is scheduled.', {
    metric: own('CompletedRuns', Duration.hours(1)),
    threshold: 1,
    evaluationPeriods: 26,
    comparisonOperator: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
    treatMissingData: cloudwatch.TreatMissingData.BREACHING,
  });
}
