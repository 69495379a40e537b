import { CfnOutput, DefaultStackSynthesizer, Duration, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { CfnPipeline } from 'aws-cdk-lib/aws-codepipeline';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as s3 from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { acknowledge, acknowledgeWildcards } from './acknowledge.ts';
import { BuildProject } from './build-project.ts';
import { showingEvidence, WHY_ALL } from './evidence-permissions.ts';
import { pushing, reading, readingPacks, usingCdk } from './permissions.ts';
import { PACKS_STACK, type PipelineSettings, readPipelineSettings } from './pipeline-settings.ts';
import type { Kept } from './setting-kinds.ts';
import { keyPrefix } from './settings.ts';

/** The artifact that all actions read. */
const SOURCE = 'Source';
/** The namespace of the variables that the check exports. */
const CHECK = 'Check';

/** Properties of a PipelineStack. */
export interface PipelineStackProps extends StackProps {
  /** Its settings: see PIPELINE_SETTINGS. Invalid values are rejected, with one message each. */
  readonly settings: Kept;
}

/** A pipeline from a repository to the bucket of the function and to AWS Config: check, approve, push, deploy. */
export class PipelineStack extends Stack {
  private readonly settings: PipelineSettings;
  private readonly artifacts: s3.Bucket;

  constructor(scope: Construct, id: string, { settings: given, ...props }: PipelineStackProps) {
    const settings = readPipelineSettings(given);
    super(scope, id, {
      description: 'Pipeline of a catalog for AWS Audit Manager (controlsync)',
      synthesizer: new DefaultStackSynthesizer({ qualifier: settings.qualifier }),
      ...props,
    });
    this.settings = settings;
    this.artifacts = this.makeArtifacts();
    const { packsStack = PACKS_STACK, qualifier } = settings;
    const packs = { PACKS_STACK: packsStack, QUALIFIER: qualifier };
    const check = this.project('Check', {
      variables: {
        ...packs,
        EXPORT_FLAGS: settings.exportFlags ?? '',
        CONTROLSYNC_MEMBER_ROLE: settings.memberRole,
        CONTROLSYNC_EXTERNAL_ID: settings.externalId,
      },
      statements: [
        ...reading(this),
        ...this.showingEvidence(),
        ...readingPacks(this, packsStack),
        ...usingCdk(this, 'lookup-role-*', qualifier),
      ],
    });
    const push = this.project('Push', {
      variables: { CONTROLSYNC_BUCKET: settings.bucket, CONTROLSYNC_PREFIX: settings.prefix },
      statements: this.pushing(),
    });
    const deploy = this.project('Packs', {
      variables: packs,
      statements: [...readingPacks(this, packsStack), ...usingCdk(this, '*', qualifier)],
    });
    const pipeline = this.makePipeline([check, push, deploy]);
    new CfnOutput(this, 'PipelineName', { description: 'Name of the pipeline', value: pipeline.ref });
  }

  /** Encrypted with the key of Amazon S3 in this account, which needs no policy. */
  private makeArtifacts(): s3.Bucket {
    const bucket = new s3.Bucket(this, 'Artifacts', {
      encryption: s3.BucketEncryption.KMS_MANAGED,
      enforceSSL: true,
      blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
      objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
      lifecycleRules: [{ expiration: Duration.days(30), abortIncompleteMultipartUploadAfter: Duration.days(7) }],
    });
    acknowledge(bucket, 'S1', 'Only the roles of the pipeline read and write it; CloudTrail data events can record that.');
    return bucket;
  }

  private project(id: string, props: Pick<BuildProject['props'], 'variables' | 'statements'>): BuildProject {
    const project = new BuildProject(this, id, { settings: this.settings, artifacts: this.artifacts, ...props });
    acknowledgeWildcards(project.role, ['*'], WHY_ALL);
    return project;
  }

  private showingEvidence(): iam.PolicyStatement[] {
    const { memberRole } = this.settings;
    const statements = showingEvidence(this, memberRole ?? 'none');
    return memberRole === undefined ? statements.filter(({ sid }) => sid !== 'AssumeMemberRole') : statements;
  }

  private pushing(): iam.PolicyStatement[] {
    const { bucket, prefix, kmsKey } = this.settings;
    const key = new iam.PolicyStatement({ sid: 'UseKey', actions: ['kms:Decrypt', 'kms:GenerateDataKey'], resources: [kmsKey ?? ''] });
    const bucketArn = this.formatArn({ service: 's3', region: '', account: '', resource: bucket! });
    return [...pushing(bucketArn, keyPrefix(prefix)), ...(kmsKey === undefined ? [] : [key])];
  }

  private makePipeline(projects: readonly BuildProject[]): CfnPipeline {
    const { connection, repository, branch = 'main' } = this.settings;
    const [check, push, packs] = projects.map(({ project }) => project.ref);
    const build = (name: string, project: string | undefined, runOrder: number, namespace?: string) => ({
      name,
      namespace,
      runOrder,
      actionTypeId: { category: 'Build', owner: 'AWS', provider: 'CodeBuild', version: '1' },
      configuration: { ProjectName: project },
      inputArtifacts: [{ name: SOURCE }],
    });
    return new CfnPipeline(this, 'Pipeline', {
      pipelineType: 'V2',
      roleArn: this.makeRole(projects).roleArn,
      artifactStore: { type: 'S3', location: this.artifacts.bucketName },
      // An approval is for what it shows: a newer commit replaces it instead of overtaking it.
      executionMode: 'SUPERSEDED',
      stages: [
        {
          name: 'Source',
          actions: [
            {
              name: 'Source',
              actionTypeId: { category: 'Source', owner: 'AWS', provider: 'CodeStarSourceConnection', version: '1' },
              configuration: { ConnectionArn: connection, FullRepositoryId: repository, BranchName: branch },
              outputArtifacts: [{ name: SOURCE }],
            },
          ],
        },
        { name: 'Check', actions: [build('Check', check, 1, CHECK)] },
        {
          name: 'Approve',
          actions: [
            {
              name: 'Approve',
              actionTypeId: { category: 'Approval', owner: 'AWS', provider: 'Manual', version: '1' },
              configuration: { CustomData: `#{${CHECK}.SUMMARY}`, ExternalEntityLink: `#{${CHECK}.LOG}` },
            },
          ],
        },
        { name: 'Deploy', actions: [build('Push', push, 1), build('Packs', packs, 2)] },
      ],
    });
  }

  /** https://docs.aws.amazon.com/codepipeline/latest/userguide/how-to-custom-role.html */
  private makeRole(projects: readonly BuildProject[]): iam.Role {
    const connection = this.settings.connection!;
    const objects = this.artifacts.arnForObjects('*');
    const statements = [
      new iam.PolicyStatement({ sid: 'Artifacts', actions: ['s3:GetObject', 's3:PutObject'], resources: [objects] }),
      new iam.PolicyStatement({
        sid: 'FindArtifacts',
        actions: ['s3:GetBucketVersioning', 's3:GetBucketLocation'],
        resources: [this.artifacts.bucketArn],
      }),
      new iam.PolicyStatement({
        sid: 'Source',
        // Connections were renamed; their ARN says which action is checked.
        actions: [`${connection.split(':')[2]}:UseConnection`],
        resources: [connection],
      }),
      new iam.PolicyStatement({
        sid: 'Build',
        actions: ['codebuild:StartBuild', 'codebuild:BatchGetBuilds'],
        resources: projects.map(({ project }) => project.attrArn),
      }),
    ];
    const role = new iam.Role(this, 'Role', {
      description: 'Role of the pipeline of controlsync',
      assumedBy: new iam.ServicePrincipal('codepipeline.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': this.account } },
      }),
      inlinePolicies: { controlsync: new iam.PolicyDocument({ statements }) },
    });
    acknowledgeWildcards(role, [objects], 'CodePipeline generates the keys of artifacts.');
    return role;
  }
}
