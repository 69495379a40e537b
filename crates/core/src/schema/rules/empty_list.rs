use crate::diagnostic::{Level, Rule};

pub(crate) static RULE: Rule = Rule {
    id: "empty-list",
    level: Level::Error,
    hard: true,
    since: "0.1.0",
    summary: "A list is empty, but the service requires at least one item.",
    why: "The API does not accept an empty list for [the data sources of a control](\
          https://docs.aws.amazon.com/audit-manager/latest/APIReference/API_CreateControl.html), [the control sets of \
          a framework](\
          https://docs.aws.amazon.com/audit-manager/latest/APIReference/API_CreateAssessmentFramework.html) or the \
          controls of a control set. Each requires at least one item, and the service would reject the change.\n\n\
          Add an item. You can also leave out `datasources`: the control then gets one manual data source named \
          `Manual Attestation`. Remove a control set that has no controls.",
};
