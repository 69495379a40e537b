use crate::diagnostic::{Level, Rule};

pub(crate) static RULE: Rule = Rule {
    id: "nested-control",
    level: Level::Error,
    hard: true,
    since: "0.1.0",
    summary: "A framework contains the definition of a control.",
    why: "A framework refers to controls by name. Each control is a file of its own, because several frameworks can use it, and \
          because it has its own history and its own place in active assessments. A response of the API contains [the \
          complete controls](\
          https://docs.aws.amazon.com/audit-manager/latest/APIReference/API_ControlSet.html) in their sets.\n\n\
          Move the definition to a file under `controls/`, and leave its name in the framework. For a control that only the \
          account has, leave `id: …`. `controlsync pull` writes both.",
};
