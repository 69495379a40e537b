import { DefaultStackSynthesizer, Stack, type StackProps } from 'aws-cdk-lib';
import { CfnConformancePack, CfnOrganizationConformancePack } from 'aws-cdk-lib/aws-config';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { Construct } from 'constructs';
import type { Pack } from './pack-directory.ts';
import { checkPacks, isOfOrganization, type PackSettings } from './pack-settings.ts';

/** packs.sh recognizes its stacks by this description. */
export const PACKS_DESCRIPTION = 'AWS Config conformance packs of a catalog (controlsync)';

/**
 * Bytes of a template that is part of a request.
 * https://docs.aws.amazon.com/config/latest/APIReference/API_PutConformancePack.html
 */
const MAX_INLINE = 51_200;
/**
 * Bytes of all templates of packs in the template of the stack, which can have 1 MB. The rest is for names of rules and for values
 * of parameters. https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
 */
const MAX_ALL_INLINE = 500_000;

/** Properties of a PacksStack. */
export interface PacksStackProps extends StackProps {
  readonly packs: readonly Pack[];
  readonly settings?: PackSettings;
}

/**
 * Conformance packs, in this account or in all accounts of the organization. There are at most a hundred, so the 500 resources of a
 * stack are never reached. Metadata keep the settings for the next deployment, and the names of rules to show which are deleted.
 */
export class PacksStack extends Stack {
  constructor(scope: Construct, id: string, { packs, settings = {}, ...props }: PacksStackProps) {
    checkPacks(packs, settings);
    const synthesizer = new DefaultStackSynthesizer({ qualifier: settings.qualifier });
    super(scope, id, { description: PACKS_DESCRIPTION, synthesizer, ...props });
    const scopes = { account: new Construct(this, 'Account'), organization: new Construct(this, 'Organization') };
    const inline = inlinePacks(packs);
    let previous: CfnConformancePack | CfnOrganizationConformancePack | undefined;
    for (const pack of packs) {
      const wide = isOfOrganization(pack, settings);
      const parent = wide ? scopes.organization : scopes.account;
      const common = {
        ...(inline.has(pack) ? { templateBody: pack.body } : { templateS3Uri: this.upload(pack) }),
        conformancePackInputParameters: parametersOf(pack, settings),
        deliveryS3Bucket: settings.bucket,
      };
      const resource = wide
        ? new CfnOrganizationConformancePack(parent, pack.name, {
            organizationConformancePackName: pack.name,
            excludedAccounts: settings.exclude && [...settings.exclude],
            ...common,
          })
        : new CfnConformancePack(parent, pack.name, { conformancePackName: pack.name, ...common });
      resource.addMetadata('rules', pack.rules);
      if (previous === undefined) {
        resource.addMetadata('controlsync', settings);
      } else {
        // AWS Config refuses a pack while another one is created, changed or deleted: ResourceInUseException.
        // https://docs.aws.amazon.com/config/latest/APIReference/API_PutConformancePack.html
        resource.addResourceDependency(previous);
      }
      previous = resource;
    }
  }

  /**
   * Uploads the template of a pack to the bucket of the CDK, which is in the Region of the stack and in no archive class. Who
   * deploys must be able to read it, also for an organization: its accounts read only the delivery bucket.
   * https://docs.aws.amazon.com/config/latest/APIReference/API_PutOrganizationConformancePack.html
   */
  private upload(pack: Pack): string {
    return new Asset(this, `Template-${pack.name}`, { path: pack.path }).s3ObjectUrl;
  }
}

/** The packs whose templates are in the template of the stack. */
function inlinePacks(packs: readonly Pack[]): Set<Pack> {
  const inline = new Set<Pack>();
  let left = MAX_ALL_INLINE;
  for (const pack of packs) {
    // In JSON, with its quotes and lines escaped.
    const bytes = Buffer.byteLength(JSON.stringify(pack.body));
    if (Buffer.byteLength(pack.body) <= MAX_INLINE && bytes <= left) {
      inline.add(pack);
      left -= bytes;
    }
  }
  return inline;
}

function parametersOf(pack: Pack, { parameters = {} }: PackSettings) {
  const own = Object.entries(parameters).filter(([name]) => pack.parameters.includes(name));
  return own.length === 0 ? undefined : own.map(([parameterName, parameterValue]) => ({ parameterName, parameterValue }));
}
