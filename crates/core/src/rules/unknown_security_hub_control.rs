use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::keywords::KeywordMatch;
use crate::keywords::security_hub::{self, SecurityHubMatch};
use crate::rules::SourceMember;

pub(crate) static RULE: Rule = Rule {
    id: "unknown-security-hub-control",
    level: Level::Error,
    hard: false,
    since: "0.1.0",
    summary: "A keyword is no Security Hub control that Audit Manager knows.",
    why: "Audit Manager takes the controls of [three standards](\
          https://docs.aws.amazon.com/audit-manager/latest/userguide/control-data-sources-ash.html): CIS v1.2.0 \
          (`1.2`), PCI DSS (`PCI.IAM.1`) and AWS Foundational Security Best Practices (`IAM.1`). Not every control \
          that Security Hub has today is among them. AWS documents that keywords are case sensitive and that a \
          wrong one [might collect no evidence](\
          https://docs.aws.amazon.com/audit-manager/latest/APIReference/API_SourceKeyword.html); nothing reports \
          it.\n\n\
          Choose an id of the list. For a control that it lacks, use the AWS Config rule behind it, where Audit \
          Manager lists that.\n\n\
          The list is that of AWS's page in April 2026; `keywords/AWS_Security_Hub.txt` in the catalog replaces \
          it.",
};

pub(super) fn check(source: &SourceMember<'_>, found: &mut Vec<Diagnostic>) {
    let (Some(keyword), Some(KeywordMatch::SecurityHub(SecurityHubMatch::Unknown))) = (source.keyword, &source.verdict)
    else {
        return;
    };
    let Some(list) = source.list().filter(|_| !source.holds_several()) else { return };
    let message = format!("`{keyword}` is no Security Hub control in {}", source.list_in_words());
    let fault = source.keyword_finding(&RULE, message);
    found.push(match (security_hub::closest(list, keyword), security_hub::of_service(list, keyword)) {
        (Some(meant), _) => fault.help(format!("did you mean `{meant}`?")).fix(source.replace_keyword(meant, false)),
        (None, ids) if !ids.is_empty() => fault.help(format!("listed for that service: {}", ids.join(", "))),
        _ => fault.help("write the id of a standard's control: `1.2` (CIS), `PCI.IAM.1` (PCI DSS) or `IAM.1` (FSBP)"),
    });
}
