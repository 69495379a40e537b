use crate::diagnostic::{Level, Rule};

pub(crate) static RULE: Rule = Rule {
    id: "string-too-long",
    level: Level::Error,
    hard: true,
    since: "0.1.0",
    summary: "A string is longer than the service allows.",
    why: "The API limits the length of each string: for example, 300 characters for [the name of a control](\
          https://docs.aws.amazon.com/audit-manager/latest/APIReference/API_CreateControl.html), 1,000 for its \
          description, and 100 for a keyword or a `complianceType`. The service does not truncate: it rejects the \
          complete change if one string is too long. Characters are counted as Unicode code points, including line \
          breaks.\n\n\
          Shorten the string. Move details to another key, such as `testingInformation`, or to a document that the \
          string refers to. If the name of a custom AWS Config rule does not fit into a keyword, rename the rule.",
};
