use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::keywords::KeywordMatch;
use crate::keywords::cloudtrail::CloudtrailMatch;
use crate::rules::SourceItem;

pub(crate) static RULE: Rule = Rule {
    id: "cloudtrail-data-event",
    level: Level::Warning,
    hard: false,
    since: "0.1.0",
    summary: "A keyword is a CloudTrail data event.",
    why: "Audit Manager collects management events and events of global services, but [neither data events nor Insights \
          events](https://docs.aws.amazon.com/audit-manager/latest/userguide/control-data-sources-cloudtrail.html). \
          Requests for the data in a resource, such as [`PutObject` in Amazon S3](\
          https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-data-events-with-cloudtrail.html), are \
          data events: the data source most likely stays without evidence.\n\n\
          Collect the setting instead of the request: an AWS Config rule shows whether buckets are encrypted, or \
          whether a trail records data events. To keep the requests themselves as evidence, use a manual data \
          source.\n\n\
          `keywords/AWS_Cloudtrail.txt` in the catalog replaces the built-in lists.",
};

pub(super) fn check(source: &SourceItem<'_>, found: &mut Vec<Diagnostic>) {
    let (Some(keyword), Some(KeywordMatch::Cloudtrail(CloudtrailMatch::Data))) = (source.keyword, &source.verdict)
    else {
        return;
    };
    let message = format!("`{keyword}` is a data event; Audit Manager collects management events");
    let help = "use an AWS Config rule for the setting, or the event of the operation that changes it";
    found.push(source.keyword_finding(&RULE, message).help(help));
}
