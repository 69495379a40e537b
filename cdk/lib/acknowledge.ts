// Acknowledges findings of cdk-nag, with reasons. https://github.com/cdklabs/cdk-nag

import { Stack, Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** States why a construct need not follow an AwsSolutions rule. */
export function acknowledge(construct: IConstruct, rule: string, reason: string): void {
  Validations.of(construct).acknowledge({ id: `AwsSolutions-${rule}`, reason });
}

/** States why a role may have permissions on resources with a wildcard. */
export function acknowledgeWildcards(role: IConstruct, resources: readonly string[], reason: string): void {
  for (const resource of resources) {
    acknowledge(role, `IAM5[Resource::${flat(Stack.of(role).resolve(resource))}]`, reason);
  }
}

/** An ARN in the format of cdk-nag: values known only after deployment are in angle brackets. */
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
