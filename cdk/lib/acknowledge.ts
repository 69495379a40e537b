// What cdk-nag asks about, and why it is as it is. https://github.com/cdklabs/cdk-nag

import { Stack, Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** Says why a rule of AwsSolutions need not hold for a construct. */
export function acknowledge(construct: IConstruct, rule: string, reason: string): void {
  Validations.of(construct).acknowledge({ id: `AwsSolutions-${rule}`, reason });
}

/** Says why a role may have permissions on resources with a `*` in them. */
export function acknowledgeWildcards(role: IConstruct, resources: readonly string[], reason: string): void {
  for (const resource of resources) {
    acknowledge(role, `IAM5[Resource::${flat(Stack.of(role).resolve(resource))}]`, reason);
  }
}

/** An ARN as cdk-nag writes it: what is known only once it is deployed stands in angle brackets. */
function flat(value: unknown): string {
  if (typeof value === 'string') {
    return value;
  }
  const { Ref, 'Fn::GetAtt': attribute, 'Fn::Join': join } = value as Record<string, any>;
  if (Ref !== undefined) {
    return `<${Ref}>`;
  }
  return attribute !== undefined ? `<${attribute.join('.')}>` : join[1].map(flat).join(join[0]);
}
