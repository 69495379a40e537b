use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::keywords::KeywordMatch;
use crate::keywords::config;
use crate::keywords::security_hub::{self, SecurityHubMatch};
use crate::rules::SourceItem;
use crate::source_type::SourceType;

pub(crate) static RULE: Rule = Rule {
    id: "unknown-security-hub-control",
    level: Level::Error,
    hard: false,
    since: "0.1.0",
    summary: "A keyword is not a Security Hub control that Audit Manager supports.",
    why: "Audit Manager supports the controls of [three standards](\
          https://docs.aws.amazon.com/audit-manager/latest/userguide/control-data-sources-ash.html): CIS v1.2.0 \
          (`1.2`), PCI DSS (`PCI.IAM.1`) and AWS Foundational Security Best Practices (`IAM.1`). It does not support \
          every control that Security Hub has today. AWS documents that keywords are case sensitive and that an \
          incorrect one [might collect no evidence](\
          https://docs.aws.amazon.com/audit-manager/latest/APIReference/API_SourceKeyword.html), without an error.\n\n\
          Use an ID from the list. The IDs of other standards and of other versions, such as CIS v1.4.0, are not \
          supported: their numbers mean other controls in CIS v1.2.0. For a control that is not in it, use the AWS Config rule behind it, if Audit \
          Manager lists that rule.\n\n\
          The list is from AWS's page of April 2026; `keywords/AWS_Security_Hub.txt` in the catalog replaces it.",
};

pub(super) fn check(source: &SourceItem<'_>, found: &mut Vec<Diagnostic>) {
    let (Some(keyword), Some(KeywordMatch::SecurityHub(verdict))) = (source.keyword, &source.verdict) else { return };
    let Some(list) = source.list().filter(|_| !source.has_several()) else { return };
    match verdict {
        SecurityHubMatch::OtherStandard(standard, candidates)
        | SecurityHubMatch::NotInStandard(standard, candidates) => {
            let message = if matches!(verdict, SecurityHubMatch::OtherStandard(..)) {
                format!("`{keyword}` is a control of {standard}; Audit Manager supports {}", security_hub::STANDARDS)
            } else {
                format!("`{keyword}` is not a control of {standard} in {}", source.list_in_words())
            };
            let help = match candidates.as_slice() {
                [] => {
                    "use a listed control for the same requirement, or the AWS Config rule behind this one".to_owned()
                }
                same => format!("in Audit Manager, the same control is {}", SourceItem::controls_in_words(same)),
            };
            found.push(source.keyword_finding(&RULE, message).help(help));
        }
        SecurityHubMatch::Unlisted(rule) => {
            let message =
                format!("Security Hub has a control `{keyword}`, but it is not in {}", source.list_in_words());
            found.push(source.keyword_finding(&RULE, message).help(help_about(source, rule.name)));
        }
        SecurityHubMatch::Unknown => {
            let message = format!("`{keyword}` is not a Security Hub control in {}", source.list_in_words());
            let finding = source.keyword_finding(&RULE, message);
            found.push(match (security_hub::intended(list, keyword), security_hub::of_service(list, keyword)) {
                (Some(meant), _) => {
                    finding.help(format!("did you mean `{meant}`?")).fix(source.replace_keyword(meant, false))
                }
                (None, ids) if !ids.is_empty() => {
                    finding.help(format!("listed for that service: {}; {}", ids.join(", "), SourceItem::if_newer()))
                }
                _ => {
                    finding.help("use a control ID of a standard: `1.2` (CIS), `PCI.IAM.1` (PCI DSS) or `IAM.1` (FSBP)")
                }
            });
        }
        _ => {}
    }
}

/// Returns what to use instead of a control that is not listed: the rule behind it, if Audit Manager lists that.
fn help_about(source: &SourceItem<'_>, rule: &str) -> String {
    let keywords = source.parsed.keywords;
    match keywords.list(SourceType::Config).and_then(|list| config::listed_identifier(list, rule)) {
        Some(identifier) => format!("use the rule behind it: type `AWS_Config` with the keyword `{identifier}`"),
        None => format!("Audit Manager most likely collects no evidence for it; {}", SourceItem::if_newer()),
    }
}
