import { Duration, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { Controlsync } from './controlsync.ts';

/** Tells people what a function that does not work cannot tell them. */
export function makeAlarms(made: Controlsync): void {
  const action = new SnsAction(made.topic);
  made.topic.addToResourcePolicy(
    new iam.PolicyStatement({
      sid: 'Alarms',
      principals: [new iam.ServicePrincipal('cloudwatch.amazonaws.com')],
      actions: ['sns:Publish'],
      resources: [made.topic.topicArn],
      conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(made).account } },
    }),
  );
  const alarm = (id: string, alarmDescription: string, props: Omit<cloudwatch.AlarmProps, 'alarmDescription'>) =>
    new cloudwatch.Alarm(made, id, {
      treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
      ...props,
      alarmDescription,
    }).addAlarmAction(action);
  /** One is too many. */
  const any = {
    threshold: 1,
    evaluationPeriods: 1,
    comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
  };
  /** A metric of the function itself. */
  const own = (metricName: string, period: Duration) =>
    new cloudwatch.Metric({
      namespace: 'controlsync',
      metricName,
      dimensionsMap: { FunctionName: made.function.functionName },
      statistic: 'Sum',
      period,
    });

  alarm(
    'DeadLettersAlarm',
    'controlsync has given up uploads after several tries. Read the queue, mend the cause, redrive.',
    {
      ...any,
      metric: made.deadLetters.metricApproximateNumberOfMessagesVisible(),
    },
  );
  alarm('UndeliveredAlarm', 'EventBridge could not bring uploads or the schedule to the queue of controlsync.', {
    ...any,
    metric: made.undelivered.metricApproximateNumberOfMessagesVisible(),
  });
  alarm('ErrorsAlarm', 'The function of controlsync has ended with an error. Its log says why.', {
    ...any,
    metric: made.function.metricErrors({ period: Duration.minutes(5) }),
  });
  alarm(
    'FailuresAlarm',
    'Changes to Audit Manager have failed, or a whole run of controlsync. Its mail and its log say why.',
    {
      ...any,
      metric: own('Failures', Duration.minutes(5)),
    },
  );
  alarm('OldestMessageAlarm', 'An upload has waited for more than an hour for controlsync to work through it.', {
    ...any,
    threshold: Duration.hours(1).toSeconds(),
    metric: made.queue.metricApproximateAgeOfOldestMessage(),
  });
  alarm('NoRunAlarm', 'For 26 hours no run of controlsync has come to its end, though one a day is scheduled.', {
    metric: own('CompletedRuns', Duration.hours(1)),
    threshold: 1,
    evaluationPeriods: 26,
    comparisonOperator: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
    treatMissingData: cloudwatch.TreatMissingData.BREACHING,
  });
}
