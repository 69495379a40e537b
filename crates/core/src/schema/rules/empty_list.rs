use crate::diagnostic::{Level, Rule};

pub(crate) static RULE: Rule = Rule {
    id: "empty-list",
    level: Level::Error,
    hard: true,
    since: "0.1.0",
    summary: "A list is empty where the service wants at least one item.",
    why: "The API takes no empty list for [the sources of a control](\
          https://docs.aws.amazon.com/audit-manager/latest/APIReference/API_CreateControl.html), [the sets of a \
          framework](https://docs.aws.amazon.com/audit-manager/latest/APIReference/API_CreateAssessmentFramework.html) \
          or the controls of a set: each has at least one item. Sent as it is, the change would fail.\n\n\
          Add an item. `datasources` may also be left out: the control then has one manual source called `Manual \
          Attestation`. A control set without controls goes altogether.",
};
