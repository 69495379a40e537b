use crate::diagnostic::{Level, Rule};
use crate::evidence::config_rules::{ConfigSource, names_in_words, rule_name};
use crate::evidence::need::WhichRules;
use crate::evidence::setup::Found;

pub(crate) static RULE: Rule = Rule {
    id: "config-rule-not-deployed",
    level: Level::Error,
    hard: false,
    since: "0.1.0",
    summary: "An account has no AWS Config rule that a source collects from.",
    why: "Audit Manager collects the results of rules that exist in the account; it deploys none. For a managed rule, every rule with \
          its identifier counts, whatever its name. For a custom rule, the name counts, without the ID that a conformance pack or an \
          organization appends. Rules of [conformance packs and organizations](\
          https://docs.aws.amazon.com/audit-manager/latest/userguide/evidence-collection-issues.html) count. Those that Security Hub \
          or another service deployed for itself do not, nor do rules that evaluate only planned resources.\n\n\
          Deploy the rule in every account and Region of the assessment: on its own, in a conformance pack, or with the \
          organization.",
};

pub(crate) fn check(subject: &ConfigSource<'_>, found: &mut Found) {
    if !subject.rules.is_empty() {
        return;
    }
    let wanted = subject.wanted();
    let message = match subject.others.first() {
        None => format!("no {wanted} is deployed"),
        Some((rule, why)) => format!("no {wanted} that counts is deployed: `{}` {why}", rule_name(&rule.name)),
    };
    found.problem(&RULE, message, help(subject));
}

fn help(subject: &ConfigSource<'_>) -> String {
    match subject.exported.as_slice() {
        [] => {}
        [pin] => return format!("deploy the conformance pack `{}`, which has it as `{}`", pin.pack, pin.rule_name),
        pins => {
            let packs: Vec<&str> = pins.iter().map(|pin| pin.pack.as_str()).collect();
            return format!("deploy one of the conformance packs that have it: {}", names_in_words(&packs));
        }
    }
    match subject.need.which {
        WhichRules::Managed { .. } => "deploy a rule with this identifier, or a conformance pack that has one; `controlsync export conformance-pack` writes packs",
        WhichRules::Custom { .. } => {
            "deploy the rule; if it has another name, write that after `Custom_`, without an ID that AWS appended"
        }
    }
    .to_owned()
}
