import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Duration, RemovalPolicy } from 'aws-cdk-lib';
import type * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { SettingsError } from './setting-kinds.ts';
import type { Settings } from './settings.ts';

/** The package of a program in crates/lambda/src/bin, which crates/lambda/package.sh builds. */
export const packageOf = (program: string) =>
  fileURLToPath(new URL(`../../target/lambda/${program}/bootstrap.zip`, import.meta.url));

/** The log of a function. */
export function makeLog(scope: Construct, { retention }: Settings): logs.LogGroup {
  return new logs.LogGroup(scope, 'Log', {
    retention: (retention as logs.RetentionDays | undefined) ?? logs.RetentionDays.THREE_MONTHS,
    removalPolicy: RemovalPolicy.DESTROY,
  });
}

/** What differs between functions. */
export interface FunctionProps {
  readonly description: string;
  /** The zip of the program. */
  readonly package: string;
  readonly role: iam.IRole;
  readonly timeout: Duration;
  /** In MB. */
  readonly memorySize: number;
  /** Variables without their prefix. An empty one is not set. */
  readonly variables: Readonly<Record<string, string | number | undefined>>;
  readonly logGroup: logs.ILogGroup;
}

/** A function. */
export function makeFunction(scope: Construct, { architecture }: Settings, props: FunctionProps): lambda.Function {
  if (!existsSync(props.package)) {
    throw new SettingsError(`the function's package ${props.package} does not exist: build it with crates/lambda/package.sh`);
  }
  return new lambda.Function(scope, 'Function', {
    description: props.description,
    runtime: lambda.Runtime.PROVIDED_AL2023,
    architecture: architecture === 'arm64' ? lambda.Architecture.ARM_64 : lambda.Architecture.X86_64,
    handler: 'bootstrap',
    code: lambda.Code.fromAsset(props.package),
    role: props.role,
    timeout: props.timeout,
    memorySize: props.memorySize,
    environment: environment(props.variables),
    loggingFormat: lambda.LoggingFormat.JSON,
    // Metrics are log lines of level INFO.
    applicationLogLevelV2: lambda.ApplicationLogLevel.INFO,
    systemLogLevelV2: lambda.SystemLogLevel.INFO,
    logGroup: props.logGroup,
  });
}

function environment(variables: FunctionProps['variables']): Record<string, string> {
  const set = Object.entries(variables).filter(([, value]) => value !== undefined && value !== '');
  return Object.fromEntries(set.map(([name, value]) => [`CONTROLSYNC_${name}`, String(value)]));
}
