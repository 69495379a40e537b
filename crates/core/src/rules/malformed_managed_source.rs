use crate::diagnostic::{Diagnostic, Rule, Severity};
use crate::model::SourceType;
use crate::rules::SourceMember;

pub(crate) static RULE: Rule = Rule {
    id: "malformed-managed-source",
    severity: Severity::Warning,
    hard: false,
    since: "0.1.0",
    summary: "The keyword of a core or common control does not have the form of its id.",
    why: "A core control collects for you, a common control names a set of them: in both cases the keyword says \
          which one. AWS does not document its form. That a core control has a UUID is seen in [the code of \
          others](https://github.com/turbot/steampipe-plugin-aws/pull/2254); that a common control has an ARN of \
          the Control Catalog is a guess, from the characters that [the API allows](\
          https://docs.aws.amazon.com/audit-manager/latest/APIReference/API_SourceKeyword.html) since such sources \
          exist.\n\n\
          Take the value from a control that was made in the console: `aws auditmanager get-control` prints it. \
          Where it has another form, ignore the finding with a reason.",
};

pub(super) fn check(source: &SourceMember<'_>, found: &mut Vec<Diagnostic>) {
    let (Some(source_type), Some(keyword)) = (source.source_type, source.keyword) else { return };
    let (fits, what, wanted) = match source_type {
        SourceType::CoreControl => (is_uuid(keyword), "a core control", "its id, 36 characters in lower case"),
        SourceType::CommonControl => (
            keyword.starts_with("arn:") && keyword.contains(":controlcatalog:") && keyword.contains("common-control/"),
            "a common control",
            "its ARN, `arn:aws:controlcatalog:::common-control/…`",
        ),
        _ => return,
    };
    if fits {
        return;
    }
    let message = format!("`{keyword}` does not look like the keyword of {what}");
    found.push(source.keyword_finding(&RULE, message).help(format!("write {wanted}")));
}

fn is_uuid(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let digits = |part: &&str| part.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    parts.iter().map(|part| part.len()).eq([8, 4, 4, 4, 12]) && parts.iter().all(digits)
}
