// Permissions to read evidence and results: one list for the role of the evidence function, the role in member accounts and the
// policies in the guides. All of them only read.
//
// Resources are from the service authorization reference,
// https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html

import type { Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { objects } from './permissions.ts';

/** Brings findings of Security Hub to Audit Manager. */
const RECEIVER = 'AuditManagerSecurityHubFindingsReceiver';

/** Why these permissions have wildcards. */
export const WHY_ALL =
  'Reads of all recorders, rules, results, standards, findings and trails; trails of an organization belong to another account and Region.';

/** A role with this name, and path, in any account. */
export const memberRoles = (stack: Stack, name: string) =>
  stack.formatArn({ service: 'iam', region: '', account: '*', resource: 'role', resourceName: name });

/** Permissions in each account: what decides whether it can collect evidence. */
export function readingAccount(): PolicyStatement[] {
  return [
    new PolicyStatement({
      sid: 'ReadAccount',
      actions: [
        'cloudtrail:DescribeTrails',
        'cloudtrail:GetEventSelectors',
        'cloudtrail:GetTrailStatus',
        'config:DescribeConfigRuleEvaluationStatus',
        'config:DescribeConfigRules',
        'config:DescribeConfigurationRecorderStatus',
        'config:DescribeConfigurationRecorders',
        'config:GetDiscoveredResourceCounts',
        'securityhub:BatchGetSecurityControls',
        'securityhub:DescribeHub',
        'securityhub:DescribeStandardsControls',
        'securityhub:GetEnabledStandards',
      ],
      resources: ['*'],
    }),
  ];
}

/** Permissions in each account: what rules and controls found there. */
export function readingResults(): PolicyStatement[] {
  return [
    new PolicyStatement({
      sid: 'ReadResults',
      actions: [
        'config:DescribeComplianceByConfigRule',
        'config:GetComplianceDetailsByConfigRule',
        'securityhub:GetFindings',
      ],
      resources: ['*'],
    }),
  ];
}

/** All aggregators of AWS Config in the account. Their ARNs have an ID, which their names do not say. */
export const aggregators = (stack: Stack) =>
  stack.formatArn({ service: 'config', resource: 'config-aggregator', resourceName: '*' });

/** Permissions in the account of an aggregator: the results of all accounts that it has. */
export function readingAggregators(stack: Stack): PolicyStatement[] {
  return [
    new PolicyStatement({
      // It has no resource type.
      sid: 'ListAggregators',
      actions: ['config:DescribeConfigurationAggregators'],
      resources: ['*'],
    }),
    new PolicyStatement({
      sid: 'ReadAggregators',
      actions: [
        'config:DescribeAggregateComplianceByConfigRules',
        'config:DescribeConfigurationAggregatorSourcesStatus',
        'config:GetAggregateComplianceDetailsByConfigRule',
      ],
      resources: [aggregators(stack)],
    }),
  ];
}

/** Permissions in the account of Audit Manager, and to assume the role in member accounts if it has a name. */
export function readingEvidence(stack: Stack, memberRole?: string): PolicyStatement[] {
  return [
    ...readingAccount(),
    new PolicyStatement({
      sid: 'ListAssessments',
      actions: [
        'auditmanager:GetOrganizationAdminAccount',
        'auditmanager:ListAssessmentControlInsightsByControlDomain',
        'auditmanager:ListAssessments',
        'auditmanager:ListControls',
      ],
      resources: ['*'],
    }),
    new PolicyStatement({
      sid: 'ReadAssessments',
      actions: ['auditmanager:GetAssessment'],
      resources: [objects(stack, 'assessment')],
    }),
    new PolicyStatement({
      // The same account must administer Audit Manager and Security Hub.
      sid: 'ReadAdministrator',
      actions: ['securityhub:GetAdministratorAccount'],
      resources: ['*'],
    }),
    new PolicyStatement({
      sid: 'ReadReceiver',
      actions: ['events:DescribeRule'],
      resources: [stack.formatArn({ service: 'events', resource: 'rule', resourceName: RECEIVER })],
    }),
    ...(memberRole === undefined
      ? []
      : [
          new PolicyStatement({
            // Central configuration decides for all accounts at once.
            sid: 'ReadOrganization',
            actions: [
              'securityhub:DescribeOrganizationConfiguration',
              'securityhub:GetConfigurationPolicy',
              'securityhub:ListConfigurationPolicyAssociations',
              'securityhub:ListSecurityControlDefinitions',
            ],
            resources: ['*'],
          }),
          new PolicyStatement({
            sid: 'AssumeMemberRole',
            actions: ['sts:AssumeRole'],
            resources: [memberRoles(stack, memberRole)],
          }),
        ]),
  ];
}

/** These actions on all resources, for a policy that fits every account and Region. */
const everywhere = (sid: string, statements: readonly PolicyStatement[], ...others: string[]) =>
  new PolicyStatement({ sid, actions: [...statements.flatMap(({ actions }) => actions), ...others].sort(), resources: ['*'] });

/** Permissions for `controlsync evidence`, which also reads evidence by service, and assumes a role in other accounts. */
export function showingEvidence(stack: Stack, memberRole: string): PolicyStatement[] {
  const all = readingEvidence(stack, memberRole);
  const assuming = all.filter((statement) => statement.sid === 'AssumeMemberRole');
  const reading = all.filter((statement) => !assuming.includes(statement));
  return [everywhere('ReadEvidence', reading, 'auditmanager:GetEvidenceFoldersByAssessmentControl'), ...assuming];
}

/** Permissions for `controlsync compliance`, and for `controlsync evidence` too: both read how the sources are set up. */
export function showingCompliance(stack: Stack, memberRole: string): PolicyStatement[] {
  const [evidence, ...assuming] = showingEvidence(stack, memberRole);
  return [
    evidence!,
    everywhere('ReadResults', readingResults()),
    everywhere('ReadAggregators', readingAggregators(stack)),
    ...assuming,
  ];
}
