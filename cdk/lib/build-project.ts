import { readFileSync } from 'node:fs';
import { Stack } from 'aws-cdk-lib';
import { CfnProject } from 'aws-cdk-lib/aws-codebuild';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { acknowledgeWildcards } from './acknowledge.ts';
import { makeLog } from './function.ts';
import { type PipelineSettings, REPOSITORY, VERSION } from './pipeline-settings.ts';

/** What differs between projects. */
export interface BuildProjectProps {
  readonly settings: PipelineSettings;
  /** Has the source. */
  readonly artifacts: s3.IBucket;
  /** Variables of its commands. One without a value is not set. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** What its commands may do. */
  readonly statements: readonly iam.PolicyStatement[];
}

/** A build of the pipeline: the commands of the file in buildspec/ with its name, a role of its own, and a log. */
export class BuildProject extends Construct {
  readonly props: BuildProjectProps;
  readonly project: CfnProject;
  readonly role: iam.Role;

  constructor(scope: Construct, id: string, props: BuildProjectProps) {
    super(scope, id);
    this.props = props;
    const { settings, variables } = props;
    const stack = Stack.of(this);
    const logGroup = makeLog(this, settings);
    this.role = this.makeRole(logGroup.logGroupArn);
    const all = {
      CATALOG_DIR: settings.catalogDir ?? '.',
      CONTROLSYNC_GIT: settings.git ?? REPOSITORY,
      CONTROLSYNC_HOME: '/tmp/controlsync',
      CONTROLSYNC_RELEASES: settings.releases,
      CONTROLSYNC_VERSION: settings.version ?? VERSION,
      ...variables,
    };
    this.project = new CfnProject(this, 'Project', {
      description: `${id} of the pipeline of controlsync`,
      serviceRole: this.role.roleArn,
      source: { type: 'CODEPIPELINE', buildSpec: buildspec(id) },
      artifacts: { type: 'CODEPIPELINE' },
      // The key of Amazon S3 in this account.
      encryptionKey: stack.formatArn({ service: 'kms', resource: 'alias', resourceName: 'aws/s3' }),
      environment: {
        type: 'LINUX_CONTAINER',
        computeType: 'BUILD_GENERAL1_SMALL',
        image: 'aws/codebuild/amazonlinux-x86_64-standard:5.0',
        environmentVariables: Object.entries(all).flatMap(([name, value]) =>
          value === undefined ? [] : [{ name, value, type: 'PLAINTEXT' }],
        ),
      },
      logsConfig: { cloudWatchLogs: { status: 'ENABLED', groupName: logGroup.logGroupName } },
      // An organization can take this long to deploy a pack, says the schema of its resource in CloudFormation.
      timeoutInMinutes: 706,
    });
  }

  private makeRole(logGroupArn: string): iam.Role {
    const { artifacts, statements } = this.props;
    const source = artifacts.arnForObjects('*');
    const role = new iam.Role(this, 'Role', {
      description: `Role of ${this.node.id} in the pipeline of controlsync`,
      assumedBy: new iam.ServicePrincipal('codebuild.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
      inlinePolicies: {
        controlsync: new iam.PolicyDocument({
          statements: [
            ...statements,
            new iam.PolicyStatement({ sid: 'ReadSource', actions: ['s3:GetObject'], resources: [source] }),
            new iam.PolicyStatement({
              sid: 'WriteLog',
              actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
              resources: [logGroupArn],
            }),
          ],
        }),
      },
    });
    acknowledgeWildcards(role, [source], 'CodePipeline generates the keys of artifacts.');
    for (const resources of statements.map((statement) => statement.resources)) {
      const wild = resources.filter((resource) => resource !== '*' && resource.includes('*'));
      acknowledgeWildcards(role, wild, 'Services generate the ids and suffixes of these objects, stacks and roles.');
    }
    return role;
  }
}

/** The text of a file in buildspec/. */
export const buildspec = (id: string) =>
  readFileSync(new URL(`../buildspec/${id.toLowerCase()}.yml`, import.meta.url), 'utf8');
