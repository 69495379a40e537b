import { CfnOutput, type CfnResource, DefaultStackSynthesizer, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { Controlsync, type ControlsyncProps } from './controlsync.ts';
import { REPORTS_FOLDER } from './reports.ts';
import { readSettings } from './settings.ts';

/** The scripts recognize their stacks by this description. */
export const DESCRIPTION = 'AWS Audit Manager controls as code (controlsync)';

/** One Controlsync construct, and its outputs. The metadata of the function keep the settings for the next deployment. */
export class ControlsyncStack extends Stack {
  constructor(scope: Construct, id: string, props: ControlsyncProps & StackProps) {
    const settings = readSettings(props.settings ?? {});
    const { qualifier, tags, terminationProtection } = settings;
    super(scope, id, {
      description: DESCRIPTION,
      tags,
      terminationProtection,
      synthesizer: new DefaultStackSynthesizer({ qualifier }),
      ...props,
    });
    const construct = new Controlsync(this, 'Controlsync', { stack: this.stackName, ...props });
    // Of a resource: a change of the metadata of a template alone is not an update.
    // https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/metadata-section-structure.html
    (construct.function.node.defaultChild as CfnResource).addMetadata('controlsync', settings);
    const output = (name: string, description: string, value: string) =>
      new CfnOutput(this, name, { description, value });
    if (settings.catalog !== undefined) {
      output('Catalog', 'Name of the catalog', settings.catalog);
    }
    if (construct.prefix !== '') {
      output('Prefix', 'Prefix of the keys of the catalog in the bucket', construct.prefix);
    }
    output('Bucket', 'Contains the catalog', construct.bucket.bucketName);
    output('Topic', 'Email topic; subscribe here', construct.topic.topicArn);
    if (construct.eventsTopic) {
      output('EventsTopic', 'Events topic: JSON notifications', construct.eventsTopic.topicArn);
    }
    output('AlarmsTopic', 'Receives the alarms', construct.alarmsTopic.topicArn);
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
    const { evidence } = construct;
    if (evidence) {
      output('EvidenceFunction', 'Reports which sources cannot collect evidence', evidence.function.functionName);
      output('EvidenceRole', 'ARN of its role, which the role in member accounts trusts', evidence.role.roleArn);
      if (settings.memberRole !== undefined) {
        output('MemberRole', 'Name of the role in member accounts', settings.memberRole);
      }
      if (settings.evidenceReports) {
        output('Reports', 'Where it writes compliance reports', `s3://${construct.bucket.bucketName}/${construct.prefix}${REPORTS_FOLDER}`);
      }
      output('EvidenceQueue', 'Triggers it', evidence.queue.queueUrl);
      output('EvidenceDeadLetters', 'Contains messages that it could not process', evidence.deadLetters.queueUrl);
      output('EvidenceLog', 'Its log group', evidence.logGroup.logGroupName);
      output(
        'EvidenceSource',
        'Delivers messages from its queue to it; disable it to pause',
        evidence.source.eventSourceMappingId,
      );
    }
  }
}
