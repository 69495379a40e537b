import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { Controlsync, type ControlsyncProps } from './controlsync.ts';

/** By this the scripts know their stacks. */
export const DESCRIPTION = 'AWS Audit Manager controls as code (controlsync)';

/** One Controlsync, and what people have to know of it. */
export class ControlsyncStack extends Stack {
  constructor(scope: Construct, id: string, props: ControlsyncProps & StackProps) {
    super(scope, id, { description: DESCRIPTION, ...props });
    const made = new Controlsync(this, 'Controlsync', props);
    const output = (name: string, description: string, value: string) =>
      new CfnOutput(this, name, { description, value });
    output('Bucket', 'Where the catalog is uploaded', made.bucket.bucketName);
    output('Topic', 'Tells people; subscribe here', made.topic.topicArn);
    if (made.eventsTopic) {
      output('EventsTopic', 'Tells programs', made.eventsTopic.topicArn);
    }
    output('Queue', 'Wakes the function', made.queue.queueUrl);
    output('DeadLetters', 'What the function could not work through', made.deadLetters.queueUrl);
    output('Undelivered', 'What EventBridge could not bring to the queue', made.undelivered.queueUrl);
    output('Function', 'Does the work', made.function.functionName);
    output('Log', 'The log of the function', made.logGroup.logGroupName);
    output(
      'Source',
      'Brings messages of the queue to the function; switch it off to pause',
      made.source.eventSourceMappingId,
    );
  }
}
