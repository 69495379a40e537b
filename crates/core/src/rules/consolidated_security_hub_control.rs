use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::keywords::KeywordMatch;
use crate::keywords::security_hub::{self, Control, SecurityHubMatch};
use crate::rules::SourceItem;

pub(crate) static RULE: Rule = Rule {
    id: "consolidated-security-hub-control",
    level: Level::Warning,
    hard: false,
    since: "0.1.0",
    summary: "A keyword is the Security Hub control ID instead of the ID in a standard.",
    why: "Security Hub shows the same ID for a control, such as `IAM.5`, in every standard. Audit Manager uses [the ID \
          that each standard assigns](\
          https://docs.aws.amazon.com/audit-manager/latest/userguide/control-data-sources-ash.html): in CIS v1.2.0, \
          the same control is `1.2`. `IAM.5` is also the ID in AWS Foundational Security Best Practices (FSBP), so \
          Audit Manager most likely uses that standard instead.\n\n\
          Use the ID of the standard that you mean. If the keyword is also an FSBP ID, this finding is a guess: the \
          name or the description of the data source, or the name of the control, mentions the other standard. If you \
          mean FSBP, reword them, or ignore the finding with a reason.\n\n\
          The IDs come from AWS's page. `keywords/AWS_Security_Hub.txt` in the catalog replaces the built-in list; IDs \
          that are not in it are not suggested.",
};

pub(super) fn check(source: &SourceItem<'_>, found: &mut Vec<Diagnostic>) {
    let (Some(keyword), Some(KeywordMatch::SecurityHub(verdict))) = (source.keyword, &source.verdict) else { return };
    let Some(list) = source.list() else { return };
    let (message, candidates): (String, Vec<&Control>) = match verdict {
        SecurityHubMatch::Consolidated(candidates) => (
            format!("`{keyword}` is a Security Hub control ID; Audit Manager expects the ID in a standard"),
            candidates.iter().collect(),
        ),
        // It is also an ID of the foundational standard: only the texts can show that another standard is meant.
        SecurityHubMatch::Known => {
            let elsewhere = security_hub::elsewhere(list, keyword);
            let meant: Vec<&Control> = elsewhere.filter(|control| names(source, control.standard)).collect();
            let Some(first) = meant.first() else { return };
            let standard = first.standard;
            (format!("`{keyword}` is a control of {}, not of {standard}", security_hub::FOUNDATIONAL), meant)
        }
        _ => return,
    };
    let ids = SourceItem::controls_in_words(candidates.iter().copied());
    let finding = source.keyword_finding(&RULE, message).help(format!("use {ids}"));
    let only = candidates.first().filter(|_| candidates.len() == 1);
    found.push(finding.fix(only.and_then(|control| source.replace_keyword(control.keyword, false))));
}

/// Whether the data source or its control mentions a standard.
fn names(source: &SourceItem<'_>, standard: &str) -> bool {
    let word = standard.split(' ').next().unwrap_or(standard);
    let of_source = ["sourceName", "sourceDescription"].into_iter().filter_map(|key| source.node.get(key)?.as_str());
    let root = &source.parsed.document.root;
    let of_control = root.get("name").and_then(|name| name.as_str());
    of_source.chain(of_control).any(|text| text.split(|c: char| !c.is_alphanumeric()).any(|part| part == word))
}
