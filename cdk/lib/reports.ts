// Compliance reports of the evidence function in the bucket: where they are, and for how long.

import { Duration } from 'aws-cdk-lib';
import type { LifecycleRule } from 'aws-cdk-lib/aws-s3';
import type { Settings } from './settings.ts';

/** Where reports are, below the prefix of the catalog. */
export const REPORTS_FOLDER = 'reports/';
/** A year, and a month to audit it. */
const DEFAULT_DAYS = 400;
/** Days to keep a report that a later run of the day has replaced, or that was deleted. */
const DAYS_OF_OLD_VERSIONS = 30;

/** How the keys of reports start. Whatever else is in their folder is not written by the function, and does not expire. */
export const reportKeys = (prefix: string) => `${prefix}${REPORTS_FOLDER}compliance-`;

/** Deletes old reports. */
export const reportExpiry = (prefix: string, { reportDays }: Settings): LifecycleRule => ({
  prefix: reportKeys(prefix),
  expiration: Duration.days(reportDays ?? DEFAULT_DAYS),
  noncurrentVersionExpiration: Duration.days(DAYS_OF_OLD_VERSIONS),
});
