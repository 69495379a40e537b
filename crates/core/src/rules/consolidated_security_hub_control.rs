use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::keywords::KeywordMatch;
use crate::keywords::security_hub::{self, Control, SecurityHubMatch};
use crate::rules::SourceMember;

pub(crate) static RULE: Rule = Rule {
    id: "consolidated-security-hub-control",
    level: Level::Warning,
    hard: false,
    since: "0.1.0",
    summary: "A keyword is the id that Security Hub shows, where the id of a standard is meant.",
    why: "Security Hub shows one id for a control, such as `IAM.5`, whatever the standard. Audit Manager uses [the \
          id that each standard gives it](\
          https://docs.aws.amazon.com/audit-manager/latest/userguide/control-data-sources-ash.html): CIS v1.2.0 \
          calls the same control `1.2`. `IAM.5` is also the id in AWS Foundational Security Best Practices (FSBP), \
          so Audit Manager most likely looks at that standard instead.\n\n\
          Write the id of the standard that you mean. Where the keyword is an id of FSBP as well, this finding is a \
          guess: the name or the description of the source, or the name of the control, speaks of the other \
          standard. If FSBP is meant, reword these texts, or ignore the finding with a reason.\n\n\
          The ids and what they stand for are from AWS's page. `keywords/AWS_Security_Hub.txt` in the catalog \
          replaces the built-in list; ids that it lacks are not proposed.",
};

pub(super) fn check(source: &SourceMember<'_>, found: &mut Vec<Diagnostic>) {
    let (Some(keyword), Some(KeywordMatch::SecurityHub(verdict))) = (source.keyword, &source.verdict) else { return };
    let Some(list) = source.list() else { return };
    let (message, candidates): (String, Vec<&Control>) = match verdict {
        SecurityHubMatch::Consolidated(candidates) => (
            format!("`{keyword}` is the id that Security Hub shows; Audit Manager wants the id of a standard"),
            candidates.iter().collect(),
        ),
        // The same id is that of the foundational standard: only words tell whether another one is meant.
        SecurityHubMatch::Known => {
            let elsewhere = security_hub::elsewhere(list, keyword);
            let meant: Vec<&Control> = elsewhere.filter(|control| names(source, control.standard)).collect();
            let Some(first) = meant.first() else { return };
            let standard = first.standard;
            (format!("`{keyword}` is the control of {}, not of {standard}", security_hub::FOUNDATIONAL), meant)
        }
        _ => return,
    };
    let id = |control: &&Control| format!("`{}` ({})", SourceMember::written(control.keyword), control.standard);
    let ids: Vec<String> = candidates.iter().map(id).collect();
    let fault = source.keyword_finding(&RULE, message).help(format!("write {}", ids.join(" or ")));
    let only = candidates.first().filter(|_| candidates.len() == 1);
    found.push(fault.fix(only.and_then(|control| source.replace_keyword(control.keyword, false))));
}

/// Whether the source or its control speaks of a standard.
fn names(source: &SourceMember<'_>, standard: &str) -> bool {
    let word = standard.split(' ').next().unwrap_or(standard);
    let of_source = ["sourceName", "sourceDescription"].into_iter().filter_map(|key| source.node.get(key)?.as_str());
    let root = &source.parsed.document.root;
    let of_control = root.get("name").and_then(|name| name.as_str());
    of_source.chain(of_control).any(|text| text.split(|c: char| !c.is_alphanumeric()).any(|part| part == word))
}
