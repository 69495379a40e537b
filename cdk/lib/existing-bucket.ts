// Whether an existing bucket can hold a catalog: what deploy.sh reads of it, judged.

import { CATALOG_PATHS } from './catalog-paths.ts';
import { reportKeys } from './reports.ts';
import { STATE_FOLDER, STATE_STATEMENT } from './role.ts';
import { keyPrefix, type Settings } from './settings.ts';

/** Answers of Amazon S3 about a bucket, as the AWS CLI prints them; null where it has none. */
export interface BucketFacts {
  /** GetBucketLocation. */
  readonly location: { LocationConstraint?: string | null } | null;
  /** GetBucketNotificationConfiguration. */
  readonly notification: { EventBridgeConfiguration?: object } | null;
  /** GetBucketEncryption. */
  readonly encryption: { ServerSideEncryptionConfiguration: { Rules: readonly any[] } } | null;
  /** GetBucketVersioning. */
  readonly versioning: { Status?: string } | null;
  /** GetBucketLifecycleConfiguration. */
  readonly lifecycle: { Rules: readonly any[] } | null;
  /** GetBucketPolicy. */
  readonly policy: { Policy: string } | null;
}

/** What is wrong with a bucket: errors prevent a deployment. */
export interface Verdict {
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
}

const list = <T>(value: T | readonly T[]): readonly T[] => (Array.isArray(value) ? value : [value as T]);

/** Judges a bucket for a stack with these settings in this Region. */
export function judge(bucket: string, facts: BucketFacts, settings: Settings, region: string): Verdict {
  const prefix = keyPrefix(settings.prefix);
  const found = [
    ofRegion(bucket, facts, region),
    ofEvents(bucket, facts),
    ofEncryption(bucket, facts, settings),
    ...ofExpiry(bucket, facts, prefix),
    ofReports(bucket, facts, settings),
    ofPolicy(bucket, facts, prefix),
  ];
  const unversioned = facts.versioning?.Status !== 'Enabled';
  return {
    errors: found.filter((one) => one !== undefined),
    warnings: unversioned
      ? [`the bucket ${bucket} is not versioned: a file that is overwritten or removed there cannot be restored`]
      : [],
  };
}

function ofRegion(bucket: string, { location }: BucketFacts, region: string): string | undefined {
  // Older buckets have another name of eu-west-1.
  const found = (location?.LocationConstraint || 'us-east-1').replace(/^EU$/, 'eu-west-1');
  return found === region ? undefined : `the bucket ${bucket} is in ${found}: it sends its events there, not to ${region}`;
}

function ofEvents(bucket: string, { notification }: BucketFacts): string | undefined {
  return notification?.EventBridgeConfiguration !== undefined
    ? undefined
    : `the bucket ${bucket} does not send its events to EventBridge: turn that on in its properties (Amazon EventBridge: On), ` +
        'or add "EventBridgeConfiguration": {} to its notification configuration with aws s3api ' +
        'put-bucket-notification-configuration, which replaces all of it';
}

/** The role can use only the key in the settings. The key of S3 in the account needs no permission. */
function ofEncryption(bucket: string, { encryption }: BucketFacts, { kmsKey }: Settings): string | undefined {
  const rules = encryption?.ServerSideEncryptionConfiguration.Rules ?? [];
  const key = rules.map((rule) => rule.ApplyServerSideEncryptionByDefault?.KMSMasterKeyID).find((one) => one !== undefined);
  if (key === undefined || key.endsWith('alias/aws/s3')) {
    return undefined;
  }
  const remedy = 'set kmsKey to the ARN of that key';
  if (kmsKey === undefined) {
    return `the bucket ${bucket} is encrypted with the key ${key}, which the function could not use: ${remedy}`;
  }
  // An alias does not say which key it is.
  const isAlias = /(^|:)alias\//.test(key);
  return isAlias || key.split('/').at(-1) === kmsKey.split('/').at(-1)
    ? undefined
    : `the bucket ${bucket} is encrypted with the key ${key}, but kmsKey is ${kmsKey}: ${remedy}`;
}

/** Lifecycle rules that expire objects. Neither `push` nor a function sets tags, so rules for tags do not apply. */
function expiring({ lifecycle }: BucketFacts): { name: string; below: string; days: number | undefined }[] {
  const rules = (lifecycle?.Rules ?? []).filter(({ Status, Expiration, Filter }) => {
    const expires = Expiration?.Days !== undefined || Expiration?.Date !== undefined;
    const ofTags = Filter?.Tag !== undefined || Filter?.And?.Tags !== undefined;
    return !ofTags && Status === 'Enabled' && expires;
  });
  return rules.map(({ ID, Expiration, Prefix, Filter }) => ({
    name: ID ?? 'without a name',
    below: Prefix ?? Filter?.Prefix ?? Filter?.And?.Prefix ?? '',
    days: Expiration.Days,
  }));
}

/** To the function, an expired file is one that was removed. */
function ofExpiry(bucket: string, facts: BucketFacts, prefix: string): string[] {
  const paths = CATALOG_PATHS.map((path) => prefix + path);
  const rules = expiring(facts).filter(({ below }) => paths.some((path) => path.startsWith(below) || below.startsWith(path)));
  return rules.map(
    ({ name }) =>
      `the lifecycle rule ${name} of the bucket ${bucket} expires files of the catalog, which would count as removed: ` +
      'limit it to other prefixes',
  );
}

/** The lifecycle rules of a bucket are its owner's: they must be what reportDays says. */
function ofReports(bucket: string, facts: BucketFacts, { prefix, reportDays }: Settings): string | undefined {
  const keys = reportKeys(keyPrefix(prefix));
  const days = expiring(facts).flatMap(({ below, days }) => (keys.startsWith(below) && days !== undefined ? [days] : []));
  if (reportDays === undefined || Math.min(...days) === reportDays) {
    return undefined;
  }
  const found = days.length === 0 ? 'never deletes reports' : `deletes reports after ${Math.min(...days)} days`;
  return (
    `the bucket ${bucket} ${found}, but reportDays is ${reportDays}: give it a lifecycle rule that expires objects ` +
    `with the prefix ${keys} after ${reportDays} days, or remove reportDays`
  );
}

/** A bucket that was kept by a stack allows only the role of that stack to write the state. */
function ofPolicy(bucket: string, { policy }: BucketFacts, prefix: string): string | undefined {
  const statements: readonly any[] = policy === null ? [] : list(JSON.parse(policy.Policy).Statement);
  const isOurs = ({ Sid, Resource }: any) =>
    Sid === STATE_STATEMENT && list<string>(Resource).some((arn) => arn.endsWith(`:::${bucket}/${prefix}${STATE_FOLDER}*`));
  return statements.some(isOurs)
    ? `the policy of the bucket ${bucket} allows only the function of another stack to write its state: if that stack does not exist ` +
        `anymore, remove the statement ${STATE_STATEMENT}`
    : undefined;
}
