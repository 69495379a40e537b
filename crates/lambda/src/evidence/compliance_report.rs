//! The report about compliance: reads the results, compares them with the last report, and writes it to the bucket.

use std::collections::BTreeSet;

use controlsync_aws::s3::Bucket;
use controlsync_core::change_result::Failure;
use controlsync_core::check::Checked;
use controlsync_core::compliance::facts::{Aggregator, Reached, Reading};
use controlsync_core::compliance::{Compliance, Input, LISTED, Rollup};
use controlsync_core::evidence;
use controlsync_core::evidence::facts::{Facts, Place, Seconds, day};
use controlsync_core::evidence::places::in_words;
use controlsync_core::keywords::Keywords;
use controlsync_core::report::Paths;
use controlsync_core::report::compliance::{Report, json};
use controlsync_core::report::show::{self, View};
use controlsync_core::run::Deployment;
use controlsync_core::watch::compliance::{JSON, PAGE};
use controlsync_core::watch::{
    ComplianceNews, ComplianceReport, ComplianceRun, REMEMBERED, RememberedCompliance, ReportFile,
};
use controlsync_evidence::Services;
use controlsync_evidence::checks::{self, Origin};
use controlsync_evidence::compliance::{self, Deadline, NoAggregator};
use controlsync_evidence::members::{Access, PATIENCE};
use tokio::time::Instant;

use super::environment::{Environment, ReportSettings};
use super::steps;
use crate::invocation::within;
use crate::log::Log;

/// The largest file that is written: it is in memory as a whole, beside what it is made of.
const MAX_BYTES: usize = 128 << 20;

/// What a run of the function reads results with.
pub struct Reader<'a> {
    /// The settings of the function.
    pub environment: &'a Environment,
    /// The settings of the reports.
    pub settings: &'a ReportSettings,
    /// The services of the accounts.
    pub services: &'a Services,
    /// The log.
    pub log: &'a Log,
    /// The current time.
    pub now: Seconds,
}

/// What the evidence says.
pub struct Results {
    compliance: Compliance,
    scope_is_known: bool,
}

/// A report that was made.
pub struct Made {
    found: Result<(Compliance, ComplianceNews), Failure>,
    bucket: String,
    files: Vec<ReportFile>,
}

impl Made {
    /// Returns it for messages.
    pub fn report(&self) -> ComplianceReport<'_> {
        let found = self.found.as_ref().map(|(compliance, news)| (compliance, news));
        ComplianceReport { found, bucket: &self.bucket, files: &self.files }
    }
}

impl Reader<'_> {
    /// Reads what the checks say, of an aggregator or in each account, until a time.
    ///
    /// # Errors
    ///
    /// The aggregator cannot be read.
    pub async fn read(&self, checked: &Checked, facts: &Facts, end: Instant) -> Result<Results, Failure> {
        let keywords = Keywords::of(&checked.sources);
        let (catalog, sources) = (&checked.catalog, &checked.sources);
        let controls: BTreeSet<&str> = catalog.controls.keys().map(String::as_str).collect();
        let frameworks: BTreeSet<&str> = catalog.frameworks.keys().map(String::as_str).collect();
        let aggregator = match &self.settings.aggregator {
            Some(name) => Some(within(end, Box::pin(self.aggregator(name))).await?),
            None => None,
        };
        let aggregator = aggregator.as_ref();
        // The bucket has no packs.
        let (accounts, packs, now) = (None, None, self.now);
        let evidence = evidence::Input { catalog, sources, keywords: &keywords, facts, accounts, packs, now };
        let input = Input { evidence, controls: &controls, frameworks: &frameworks, aggregator, listed: LISTED };
        let mut rollup = Rollup::new(input);
        let role = self.environment.role.as_ref();
        let origin = match aggregator {
            Some(Aggregator { name, .. }) => Origin::Aggregator(name),
            None => Origin::Accounts(role.map(|role| Access::new(self.services, role, PATIENCE))),
        };
        let reading = checks::read(self.services, origin, facts, &mut rollup, Deadline(Some(end)));
        let reading = Box::pin(reading).await;
        steps::results(self.log, read_in(rollup.places(), &reading), rollup.places().len());
        let mut compliance = rollup.finish(&reading);
        if aggregator.is_none() && role.is_none() {
            compliance.notes.extend(without_role(&compliance, &self.environment.deployment));
        }
        let scope_is_known = aggregator.is_none_or(|aggregator| aggregator.sources.known().is_some());
        Ok(Results { compliance, scope_is_known })
    }

    async fn aggregator(&self, name: &str) -> Result<Aggregator, Failure> {
        const OPERATION: &str = "DescribeConfigurationAggregators";
        let set = || Some(format!("Name one of them: {}", self.environment.deployment.set("aggregator", "NAME")));
        compliance::aggregator(self.services, name).await.map_err(|why| match why {
            NoAggregator::Missing(why) => {
                Failure { help: set(), ..Failure::new(OPERATION, format!("{name:?}: {why}")) }
            }
            NoAggregator::Unreadable(failure) if failure.is_denied() => {
                let help = Some(format!("The role of the function lacks config:{}.", failure.operation));
                Failure { help, ..failure }
            }
            NoAggregator::Unreadable(failure) => failure,
        })
    }

    /// Compares results with the last report, and writes the report until a time.
    pub async fn make(
        &self,
        bucket: &Bucket,
        checked: &Checked,
        results: Result<Results, Failure>,
        before: Option<&RememberedCompliance>,
        end: Instant,
    ) -> Made {
        let mut files = Vec::new();
        let found = match results {
            Ok(Results { compliance, scope_is_known }) => {
                let run = ComplianceRun { checked, compliance: &compliance, scope_is_known, most: REMEMBERED };
                let news = ComplianceNews::new(run, before);
                let (paths, changes) = (Paths::default(), news.changes.as_ref());
                let report = Report { compliance: &compliance, changes, checked, paths: &paths };
                for (form, file) in FORMS {
                    files.push(self.write(bucket, form, file(report), end).await);
                }
                Ok((compliance, news))
            }
            Err(failure) => {
                steps::not_read(self.log, &failure);
                Err(failure)
            }
        };
        Made { found, bucket: bucket.name().to_owned(), files }
    }

    async fn write(&self, bucket: &Bucket, form: &'static str, file: File, end: Instant) -> ReportFile {
        let File { name, content_type, content } = file;
        let key = format!("{}compliance-{}.{name}", self.settings.prefix, day(self.now));
        let written = match content {
            Ok(bytes) => {
                let size = bytes.len();
                within(end, Box::pin(bucket.write(&key, bytes, content_type))).await.map(|()| size)
            }
            Err(failure) => Err(failure),
        };
        steps::written(self.log, &key, &written);
        ReportFile { form, key, failure: written.err() }
    }
}

/// A file of a report.
struct File {
    /// The end of its name.
    name: &'static str,
    content_type: &'static str,
    content: Result<Vec<u8>, Failure>,
}

/// Makes a file of a report.
type Form = fn(Report<'_>) -> File;

/// The forms of a report, and what makes each: one at a time, because they are large.
const FORMS: [(&str, Form); 2] = [(PAGE, for_people), (JSON, for_programs)];

fn for_people(report: Report<'_>) -> File {
    let page = show::html(&View::of_compliance(report));
    let page = page.map_err(|error| Failure::new("PutObject", error.to_string()));
    let content = page.and_then(|page| fits(page.len(), MAX_BYTES).map(|()| page.into_bytes()));
    File { name: "html", content_type: "text/html; charset=utf-8", content }
}

fn for_programs(report: Report<'_>) -> File {
    File { name: "json", content_type: "application/json", content: collected(|| json::parts(report), MAX_BYTES) }
}

/// Returns parts as one text of at most so many bytes. It is measured first: one that grows needs twice the memory.
fn collected<I: Iterator<Item = String>>(parts: impl Fn() -> I, most: usize) -> Result<Vec<u8>, Failure> {
    let size = parts().map(|part| part.len()).sum();
    fits(size, most)?;
    let mut all = Vec::with_capacity(size);
    parts().for_each(|part| all.extend(part.into_bytes()));
    Ok(all)
}

fn fits(size: usize, most: usize) -> Result<(), Failure> {
    let message = || format!("the report has {} MiB, more than {}", size >> 20, most >> 20);
    if size > most { Err(Failure::new("PutObject", message())) } else { Ok(()) }
}

/// The number of accounts and Regions of which all results were read.
fn read_in(places: &[Place], reading: &Reading) -> usize {
    let is_read = |reached: &Reached, place: &Place| match reached {
        Reached::Together(read) => read.known().is_some(),
        Reached::Each(each) => each.get(place).is_some_and(|read| read.known().is_some()),
    };
    places.iter().filter(|place| is_read(&reading.rules, place) && is_read(&reading.findings, place)).count()
}

/// Says that other accounts are read only with a role.
fn without_role(compliance: &Compliance, deployment: &Deployment) -> Option<String> {
    let unread: BTreeSet<&Place> = compliance.places.iter().filter(|place| **place != compliance.home).collect();
    (!unread.is_empty()).then(|| {
        let set = deployment.set("memberRole", "NAME");
        format!("not read without a role that each of them has, {set}: {}", in_words(&unread))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_that_does_not_fit_into_memory_is_refused() {
        let parts = || ["x".repeat(2 << 20), "y".repeat(1 << 20)].into_iter();
        assert_eq!(collected(parts, 3 << 20).unwrap().len(), 3 << 20);
        assert_eq!(collected(parts, 2 << 20).unwrap_err().message, "the report has 3 MiB, more than 2");
    }
}
