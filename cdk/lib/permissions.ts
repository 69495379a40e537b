// Permissions for Audit Manager: one list for the role of the function and for the policies in the guide.
//
// Resources and condition keys are from the service authorization reference,
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_auditmanager.html

import { DefaultStackSynthesizer, type Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { CATALOG_PATHS } from './catalog-paths.ts';

/** Tag that names the catalog that owns an object. */
const OWNER = 'controlsync:catalog';

/** The qualifier of the CDK bootstrap stack. */
const QUALIFIER = DefaultStackSynthesizer.DEFAULT_QUALIFIER;

/** Actions of Audit Manager. */
const actions = (...names: string[]) => names.map((name) => `auditmanager:${name}`);

/** All objects of one type in the account. */
export const objects = (stack: Stack, type: 'control' | 'assessmentFramework' | 'assessment') =>
  stack.formatArn({ service: 'auditmanager', resource: type, resourceName: '*' });

/** The controls that AWS provides. Their ARNs have no account. */
export const controlsOfAws = (stack: Stack) =>
  stack.formatArn({ service: 'auditmanager', account: '', resource: 'control', resourceName: '*' });

/** Permissions for `plan`, `pull`, and the function in both modes. */
export function reading(stack: Stack): PolicyStatement[] {
  return [
    new PolicyStatement({
      sid: 'ListAuditManager',
      actions: actions('GetAccountStatus', 'ListControls', 'ListAssessmentFrameworks', 'ListAssessments'),
      resources: ['*'],
    }),
    new PolicyStatement({
      sid: 'ReadAuditManager',
      actions: actions('GetControl', 'GetAssessmentFramework', 'GetAssessment'),
      resources: [
        objects(stack, 'control'),
        controlsOfAws(stack),
        objects(stack, 'assessmentFramework'),
        objects(stack, 'assessment'),
      ],
    }),
  ];
}

/** Additional permissions for `apply`: only objects of the catalog can be written. */
export function writing(stack: Stack, catalog: string): PolicyStatement[] {
  const own = [objects(stack, 'control'), objects(stack, 'assessmentFramework')];
  /** The request or the object has our tag. */
  const hasOwner = (...tags: readonly ('RequestTag' | 'ResourceTag')[]) =>
    Object.fromEntries(tags.map((tag) => [`aws:${tag}/${OWNER}`, catalog]));
  return [
    new PolicyStatement({
      sid: 'CreateControls',
      // CreateControl has no resource type.
      actions: actions('CreateControl'),
      resources: ['*'],
      conditions: { StringEquals: hasOwner('RequestTag') },
    }),
    new PolicyStatement({
      sid: 'CreateFrameworks',
      actions: actions('CreateAssessmentFramework'),
      resources: [objects(stack, 'assessmentFramework')],
      conditions: { StringEquals: hasOwner('RequestTag') },
    }),
    new PolicyStatement({
      sid: 'Update',
      actions: actions('UpdateControl', 'UpdateAssessmentFramework'),
      resources: own,
      // Objects to be adopted have no tags yet.
      conditions: { StringEqualsIfExists: hasOwner('ResourceTag') },
    }),
    new PolicyStatement({
      sid: 'ListControlsInFrameworks',
      actions: actions('CreateAssessmentFramework', 'UpdateAssessmentFramework'),
      resources: [objects(stack, 'control'), controlsOfAws(stack)],
    }),
    new PolicyStatement({
      sid: 'Tag',
      actions: actions('TagResource'),
      resources: own,
      conditions: { StringEqualsIfExists: hasOwner('RequestTag', 'ResourceTag') },
    }),
    new PolicyStatement({
      // The reference lists TagResource among what authorizes the creates, whose object has no ARN yet: so on all resources, but
      // only with our tag on an object that has none. What the service checks is not documented.
      sid: 'TagNew',
      actions: actions('TagResource'),
      resources: ['*'],
      conditions: {
        StringEquals: hasOwner('RequestTag'),
        Null: { [`aws:ResourceTag/${OWNER}`]: 'true' },
      },
    }),
    new PolicyStatement({
      sid: 'Untag',
      actions: actions('UntagResource'),
      resources: own,
      // Objects to be adopted too: they may still have other tags of ours.
      conditions: { StringEqualsIfExists: hasOwner('ResourceTag') },
    }),
    new PolicyStatement({
      // For removed files, if enabled, and for duplicates created concurrently.
      sid: 'DeleteOwn',
      actions: actions('DeleteControl', 'DeleteAssessmentFramework'),
      resources: own,
      conditions: { StringEquals: hasOwner('ResourceTag') },
    }),
  ];
}

/** Permissions for `push`, for a bucket and a key prefix. */
export function pushing(bucketArn: string, prefix: string): PolicyStatement[] {
  return [
    new PolicyStatement({
      sid: 'ListBucket',
      actions: ['s3:ListBucket'],
      resources: [bucketArn],
      conditions: prefix === '' ? {} : { StringLike: { 's3:prefix': `${prefix}*` } },
    }),
    new PolicyStatement({
      sid: 'Upload',
      actions: ['s3:GetObject', 's3:PutObject', 's3:DeleteObject'],
      // Not the state of the function, which is in the same bucket.
      resources: CATALOG_PATHS.map((path) => `${bucketArn}/${prefix}${path}${path.endsWith('/') ? '*' : ''}`),
    }),
  ];
}

/** Permissions to use the roles of the CDK whose names start like this, after its qualifier. */
export function usingCdk(stack: Stack, roles = '*', qualifier = QUALIFIER): PolicyStatement[] {
  return [
    new PolicyStatement({
      sid: 'ReadCdkBootstrap',
      actions: ['ssm:GetParameter'],
      resources: [
        stack.formatArn({ service: 'ssm', resource: 'parameter', resourceName: `cdk-bootstrap/${qualifier}/version` }),
      ],
    }),
    new PolicyStatement({
      sid: 'AssumeCdkRoles',
      actions: ['sts:AssumeRole'],
      resources: [stack.formatArn({ service: 'iam', region: '', resource: 'role', resourceName: `cdk-${qualifier}-${roles}` })],
    }),
  ];
}

/** Permissions for packs.sh, besides those to use the CDK: to read its stack, and that of the CDK. */
export function readingPacks(stack: Stack, name: string): PolicyStatement[] {
  const stacks = [name, 'CDKToolkit'];
  return [
    new PolicyStatement({
      sid: 'ReadStacks',
      actions: ['cloudformation:DescribeStacks', 'cloudformation:GetTemplate'],
      resources: stacks.map((one) =>
        stack.formatArn({ service: 'cloudformation', resource: 'stack', resourceName: `${one}/*` }),
      ),
    }),
  ];
}

/** Permissions for deploy.sh, besides the CDK's roles, for a stack with the default name and its own bucket. */
export function deploying(stack: Stack): PolicyStatement[] {
  const queues = stack.formatArn({ service: 'sqs', resource: 'controlsync-*' });
  return [
    new PolicyStatement({
      sid: 'ReadAccount',
      actions: ['auditmanager:GetAccountStatus', 'lambda:GetEventSourceMapping'],
      resources: ['*'],
    }),
    new PolicyStatement({
      // Another stack may have the same catalog.
      sid: 'ReadStacks',
      actions: ['cloudformation:DescribeStacks'],
      resources: ['*'],
    }),
    new PolicyStatement({
      sid: 'ReadStack',
      actions: ['cloudformation:DescribeStackResources', 'cloudformation:GetTemplate'],
      resources: [stack.formatArn({ service: 'cloudformation', resource: 'stack', resourceName: 'controlsync/*' })],
    }),
    ...usingCdk(stack),
    new PolicyStatement({
      sid: 'Subscribe',
      actions: ['sns:ListSubscriptionsByTopic', 'sns:Subscribe', 'sns:Unsubscribe'],
      resources: [stack.formatArn({ service: 'sns', resource: 'controlsync-*' })],
    }),
    new PolicyStatement({ sid: 'RequestReport', actions: ['sqs:SendMessage'], resources: [queues] }),
    new PolicyStatement({
      sid: 'ReadReport',
      actions: ['s3:ListBucket', 's3:GetObject'],
      resources: ['', '/.controlsync/state.json'].map((object) => `arn:aws:s3:::controlsync-*${object}`),
    }),
  ];
}

/** Permissions for destroy.sh. CloudFormation deletes the stack with the role that the CDK deployed it with. */
export function destroying(stack: Stack): PolicyStatement[] {
  return [
    new PolicyStatement({
      sid: 'DeleteStack',
      actions: ['cloudformation:DescribeStacks', 'cloudformation:DescribeStackResources', 'cloudformation:DeleteStack'],
      resources: [stack.formatArn({ service: 'cloudformation', resource: 'stack', resourceName: 'controlsync/*' })],
    }),
    new PolicyStatement({
      sid: 'ReleaseBucket',
      actions: ['s3:DeleteBucketPolicy', 's3:GetBucketPolicy', 's3:PutBucketPolicy'],
      resources: ['arn:aws:s3:::controlsync-*'],
    }),
    new PolicyStatement({
      sid: 'DeleteBucket',
      actions: ['s3:ListBucketVersions', 's3:DeleteObject', 's3:DeleteObjectVersion', 's3:DeleteBucket'],
      resources: ['', '/*'].map((objects) => `arn:aws:s3:::controlsync-*${objects}`),
    }),
  ];
}
