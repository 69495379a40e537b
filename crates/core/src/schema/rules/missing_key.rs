use crate::diagnostic::{Level, Rule};

pub(crate) static RULE: Rule = Rule {
    id: "missing-key",
    level: Level::Error,
    hard: true,
    since: "0.1.0",
    summary: "A required key is missing.",
    why: "Some keys are required: `name` in a control and a framework, `controlSets` in a framework, `controls` in a \
          control set, `sourceName` and `sourceType` in a data source. [The API](\
          https://docs.aws.amazon.com/audit-manager/latest/APIReference/API_ControlMappingSource.html) accepts a data \
          source without a name or type, but does not document what it does with one; controlsync matches data sources \
          by name, and checks keywords by type.\n\n\
          Add the key. If it seems to be there, check its spelling and indentation: at another level it belongs to \
          another object.",
};
