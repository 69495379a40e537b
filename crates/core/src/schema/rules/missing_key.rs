use crate::diagnostic::{Level, Rule};

pub(crate) static RULE: Rule = Rule {
    id: "missing-key",
    level: Level::Error,
    hard: true,
    since: "0.1.0",
    summary: "A required member is missing.",
    why: "Some members are needed: `name` in a control and a framework, `controlSets` in a framework, `controls` in a \
          set, `sourceName` and `sourceType` in a data source. [The API](\
          https://docs.aws.amazon.com/audit-manager/latest/APIReference/API_ControlMappingSource.html) takes a source \
          without name or type, but does not say what it makes of one; controlsync finds sources again by their names, \
          and checks keywords by the type.\n\n\
          Add the member. If it seems to be there, look at its indentation and spelling: further in or out it belongs \
          to something else.",
};
