import { Duration, Names, RemovalPolicy, Stack } from 'aws-cdk-lib';
import type { CfnRule } from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';

/** The longest retention period of SQS. */
const KEPT = Duration.days(14);

/** An encrypted queue. */
export function makeQueue(scope: Construct, id: string, props: sqs.QueueProps): sqs.Queue {
  return new sqs.Queue(scope, id, {
    ...props,
    // The name of a FIFO queue must end with .fifo.
    queueName: props.fifo
      ? `${Names.uniqueResourceName(scope, { maxLength: 60, separator: '-' })}-${id}.fifo`
      : undefined,
    encryption: sqs.QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
    retentionPeriod: KEPT,
    removalPolicy: RemovalPolicy.DESTROY,
  });
}

/** A target of rules: a group of a FIFO queue, and the queue for events that cannot be delivered to it. */
export function queueTarget(queue: sqs.IQueue, messageGroupId: string, undelivered: sqs.IQueue): CfnRule.TargetProperty {
  return {
    id: 'Queue',
    arn: queue.queueArn,
    sqsParameters: { messageGroupId },
    deadLetterConfig: { arn: undelivered.queueArn },
  };
}

/** Allows rules, and nothing else in EventBridge, to send to a queue. */
export function allowRules(queue: sqs.Queue, sid: string, rules: readonly CfnRule[]): void {
  queue.addToResourcePolicy(
    new iam.PolicyStatement({
      sid,
      principals: [new iam.ServicePrincipal('events.amazonaws.com')],
      actions: ['sqs:SendMessage'],
      resources: [queue.queueArn],
      conditions: {
        ArnEquals: { 'aws:SourceArn': rules.map((rule) => rule.attrArn) },
        StringEquals: { 'aws:SourceAccount': Stack.of(queue).account },
      },
    }),
  );
}
