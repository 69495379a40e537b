use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::document::{Node, Value, pointer_to};
use crate::rules::SourceItem;

pub(crate) static RULE: Rule = Rule {
    id: "incomplete-remediation",
    level: Level::Warning,
    hard: false,
    since: "0.1.0",
    summary: "A remediation lacks what it needs to act.",
    why: "AWS Config starts a document for each noncompliant resource. It tells the document which one only through a parameter with \
          [the value `RESOURCE_ID`](\
          https://docs.aws.amazon.com/config/latest/developerguide/setup-manualremediation.html), and an automatic \
          remediation needs a role that may change the resource. controlsync never runs a remediation: it copies it into \
          the conformance packs that it exports.\n\n\
          Add the parameter, and for an automatic remediation the role. Write the role as `automationRole`, not as the \
          parameter `AutomationAssumeRole`.",
};

pub(super) fn check(source: &SourceItem<'_>, found: &mut Vec<Diagnostic>) {
    let Some(remediation) = source.node.get("remediation") else { return };
    let parameters = remediation.get("parameters").map(Node::entries).unwrap_or_default();
    let is_resource = |node: &Node| node.as_str() == Some("RESOURCE_ID");
    let names_resource = |node: &Node| is_resource(node) || node.items().iter().any(is_resource);
    if !parameters.iter().any(|entry| names_resource(&entry.value)) {
        let message =
            "no parameter of the remediation is `RESOURCE_ID`: the document does not learn which resource it is for";
        let help = "give the parameter for the resource the value `RESOURCE_ID`";
        found.push(source.finding_at_key(&RULE, "remediation", message).help(help));
    }
    let automatic = remediation.get("automatic").is_some_and(|automatic| matches!(automatic.value, Value::Bool(true)));
    let role = parameters.iter().find(|entry| entry.key == "AutomationAssumeRole");
    if let Some(role) = role {
        let message = "the role of a remediation is `automationRole`, not a parameter";
        let path = pointer_to("remediation/parameters", &role.key);
        found.push(source.finding_at_key(&RULE, &path, message).help("move it to `automationRole` of the remediation"));
    } else if automatic && remediation.entry("automationRole").is_none() {
        let message = "an automatic remediation has no role";
        let help = "add `automationRole`, the ARN of the role that runs the document";
        found.push(source.finding(&RULE, "remediation/automatic", message).help(help));
    }
}
