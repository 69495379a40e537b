import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { Controlsync, type ControlsyncProps } from './controlsync.ts';

/** The scripts recognize their stacks by this description. */
export const DESCRIPTION = 'AWS Audit Manager controls as code (controlsync)';

/** One Controlsync construct, and its outputs. */
export class ControlsyncStack extends Stack {
  constructor(scope: Construct, id: string, props: ControlsyncProps & StackProps) {
    super(scope, id, { description: DESCRIPTION, ...props });
    const construct = new Controlsync(this, 'Controlsync', props);
    const output = (name: string, description: string, value: string) =>
      new CfnOutput(this, name, { description, value });
    output('Bucket', 'Contains the catalog', construct.bucket.bucketName);
    output('Topic', 'Email topic; subscribe here', construct.topic.topicArn);
    if (construct.eventsTopic) {
      output('EventsTopic', 'Events topic: JSON notifications', construct.eventsTopic.topicArn);
    }
    output('Queue', 'Triggers the function', construct.queue.queueUrl);
    output('DeadLetters', 'Contains messages that the function could not process', construct.deadLetters.queueUrl);
    output('Undelivered', 'Contains events that EventBridge could not deliver', construct.undelivered.queueUrl);
    output('Function', 'Applies the catalog', construct.function.functionName);
    output('Log', 'Log group of the function', construct.logGroup.logGroupName);
    output(
      'Source',
      'Delivers messages from the queue to the function; disable it to pause',
      construct.source.eventSourceMappingId,
    );
  }
}
