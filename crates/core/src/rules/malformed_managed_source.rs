use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::identifiers::{Arn, is_uuid};
use crate::rules::SourceItem;
use crate::source_type::KeywordForm;

pub(crate) static RULE: Rule = Rule {
    id: "malformed-managed-source",
    level: Level::Warning,
    hard: false,
    since: "0.1.0",
    summary: "The keyword of a core or common control does not have the format of its ID.",
    why: "A core control collects evidence for you, and a common control is a group of core controls; the keyword \
          identifies it. AWS does not document the format. That a core control has a UUID comes from [another \
          project's code](https://github.com/turbot/steampipe-plugin-aws/pull/2254); that a common control has an ARN \
          of the Control Catalog is a guess, based on the characters that [the API allows](\
          https://docs.aws.amazon.com/audit-manager/latest/APIReference/API_SourceKeyword.html) since such data \
          sources exist.\n\n\
          Copy the value from a control that was created in the console: `aws auditmanager get-control` prints it. If \
          it has another format, ignore the finding with a reason.",
};

pub(super) fn check(source: &SourceItem<'_>, found: &mut Vec<Diagnostic>) {
    let (Some(source_type), Some(keyword)) = (source.source_type, source.keyword) else { return };
    let (fits, what, wanted) = match source_type.keyword().form {
        KeywordForm::CoreControlId => (is_uuid(keyword), "a core control", "its 36-character lowercase ID"),
        KeywordForm::CommonControlArn => {
            (is_common_control(keyword), "a common control", "its ARN, `arn:aws:controlcatalog:::common-control/…`")
        }
        _ => return,
    };
    if fits {
        return;
    }
    let message = format!("`{keyword}` does not look like the keyword of {what}");
    found.push(source.keyword_finding(&RULE, message).help(format!("use {wanted}")));
}

fn is_common_control(text: &str) -> bool {
    Arn::parse(text).is_some_and(|arn| {
        let id = arn.resource.strip_prefix("common-control/");
        arn.service == "controlcatalog" && id.is_some_and(|id| !id.is_empty() && !id.contains(':'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_distinguished_from_titles() {
        for (text, uuid, common_control) in [
            ("1f2e6b3a-9c47-4d58-8b0a-6e5d4c3b2a19", true, false),
            ("1F2E6B3A-9C47-4D58-8B0A-6E5D4C3B2A19", false, false),
            ("1f2e6b3a9c474d588b0a6e5d4c3b2a19", false, false),
            ("arn:aws:controlcatalog:::common-control/7e8f9a0b1c2d", false, true),
            ("arn:aws-us-gov:controlcatalog:::common-control/7e8f9a0b1c2d", false, true),
            ("arn:aws:controlcatalog:::common-control/", false, false),
            ("arn:aws:controlcatalog:::control/7e8f9a0b1c2d", false, false),
            ("common-control/7e8f9a0b1c2d", false, false),
            ("Encryption at rest", false, false),
        ] {
            assert_eq!((is_uuid(text), is_common_control(text)), (uuid, common_control), "{text}");
        }
    }
}
