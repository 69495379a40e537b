import { CfnOutput, CfnParameter, DefaultStackSynthesizer, Duration, Fn, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { acknowledgeWildcards } from './acknowledge.ts';
import { readingAccount, readingResults, WHY_ALL } from './evidence-permissions.ts';

/**
 * The role that the evidence function assumes in a member account. Its template, cdk/member-role.json, is for a StackSet: it needs
 * neither the CDK nor a bootstrap stack in the account.
 */
export class MemberRoleStack extends Stack {
  constructor(scope: Construct, id: string) {
    super(scope, id, {
      description: 'Lets the evidence function of controlsync read what decides about evidence in this account, and what its checks found',
      synthesizer: new DefaultStackSynthesizer({ generateBootstrapVersionRule: false }),
    });
    const roleName = new CfnParameter(this, 'RoleName', {
      description: 'Name of the role: that in the setting memberRole, without its path',
      default: 'controlsync-evidence',
      allowedPattern: '^[A-Za-z0-9_+=,.@-]{1,64}$',
    });
    const rolePath = new CfnParameter(this, 'RolePath', {
      description: 'Path of the role, such as /audit/',
      default: '/',
      allowedPattern: '^/([A-Za-z0-9_+=,.@-]+/)*$',
    });
    const trusted = new CfnParameter(this, 'TrustedRoleArn', {
      description: 'ARN of the role of the evidence function: the output EvidenceRole of its stack',
      // Without wildcards: ArnEquals would accept them.
      allowedPattern: '^arn:[a-z0-9-]+:iam::[0-9]{12}:role/[A-Za-z0-9_+=,.@/-]+$',
    });
    const externalId = new CfnParameter(this, 'ExternalId', {
      description: 'That in the setting externalId',
      minLength: 2,
      maxLength: 1224,
      allowedPattern: '^[A-Za-z0-9_+=,.@:/-]+$',
    });
    // IAM replaces the ARN of a role that is a principal by its ID, which a role that is created again does not have. So the
    // principal is the account, and the condition is the role.
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
    const account = Fn.select(4, Fn.split(':', trusted.valueAsString));
    const role = new iam.Role(this, 'Role', {
      roleName: roleName.valueAsString,
      path: rolePath.valueAsString,
      description: 'Read-only role for the evidence function of controlsync',
      maxSessionDuration: Duration.hours(1),
      assumedBy: new iam.AccountPrincipal(account).withConditions({
        ArnEquals: { 'aws:PrincipalArn': trusted.valueAsString },
        StringEquals: { 'sts:ExternalId': externalId.valueAsString },
      }),
      inlinePolicies: { controlsync: new iam.PolicyDocument({ statements: [...readingAccount(), ...readingResults()] }) },
    });
    acknowledgeWildcards(role, ['*'], WHY_ALL);
    new CfnOutput(this, 'RoleArn', { description: 'ARN of the role', value: role.roleArn });
  }
}
