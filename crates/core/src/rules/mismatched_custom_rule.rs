use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::document::Node;
use crate::keywords::config::{CUSTOM, OF_PACK};
use crate::rules::SourceItem;

pub(crate) static RULE: Rule = Rule {
    id: "mismatched-custom-rule",
    level: Level::Error,
    hard: false,
    since: "0.1.0",
    summary: "The keyword of a custom rule and its `customRule` do not fit.",
    why: "A conformance pack that controlsync exports contains the custom rule. AWS Config names it after the rule and the pack, and \
          Audit Manager expects it [as `Custom_`, the name and `-conformance-pack`](\
          https://docs.aws.amazon.com/audit-manager/latest/userguide/control-issues.html). A keyword has at most 100 \
          characters, so the name has at most 76.\n\n\
          Let the keyword end in `-conformance-pack`; the fix appends it. A rule has one evaluator: a file of the catalog \
          below `rules/`, or a Lambda function.",
};

pub(super) fn check(source: &SourceItem<'_>, found: &mut Vec<Diagnostic>) {
    let Some(rule) = source.node.get("customRule") else { return };
    if let (Some(_), Some(_)) = (rule.entry("guard"), rule.entry("lambda")) {
        let message = "`customRule` has two evaluators";
        found.push(source.finding_at_key(&RULE, "customRule/lambda", message).help("keep `guard` or `lambda`"));
    }
    let periodic = rule.get("trigger").and_then(Node::as_str) == Some("periodic");
    if rule.entry("guard").is_some() && periodic {
        let message = "a Guard rule is evaluated when a resource changes";
        found.push(source.finding(&RULE, "customRule/trigger", message).help("remove `trigger`"));
    } else if rule.entry("resourceTypes").is_none() && !periodic {
        let message = "`customRule` does not say which resources it evaluates";
        let help = "add `resourceTypes`, a list of types such as AWS::EC2::Volume";
        found.push(source.finding_at_key(&RULE, "customRule", message).help(help));
    }
    let Some((keyword, name)) = source.keyword.and_then(|keyword| Some((keyword, keyword.strip_prefix(CUSTOM)?)))
    else {
        return;
    };
    let bare = name.strip_suffix(OF_PACK).unwrap_or(name);
    let length = bare.chars().count();
    if length > MAX_NAME {
        let message = format!("the name of the custom rule has {length} characters; at most {MAX_NAME} are allowed");
        found.push(source.keyword_finding(&RULE, message).help(format!("shorten it by {}", length - MAX_NAME)));
    } else if bare == name {
        let meant = format!("{keyword}{OF_PACK}");
        let message = format!("`{keyword}` is not how Audit Manager names a rule of a conformance pack");
        let finding = source.keyword_finding(&RULE, message).help(format!("use `{meant}`"));
        found.push(finding.fix(source.replace_keyword(&meant, false)));
    }
}

/// Maximum number of characters in the name of a rule whose keyword has at most 100.
const MAX_NAME: usize = 76;
