use crate::diagnostic::{Level, Rule};

pub(crate) static RULE: Rule = Rule {
    id: "string-too-long",
    level: Level::Error,
    hard: true,
    since: "0.1.0",
    summary: "A text is longer than the service takes.",
    why: "Each text has a greatest length in the API, for instance 300 characters for [the name of a control](\
          https://docs.aws.amazon.com/audit-manager/latest/APIReference/API_CreateControl.html), 1,000 for its \
          description, and 100 for a keyword or a `complianceType`. The service refuses the whole change if one text \
          is longer; it shortens nothing. Characters are counted as Unicode code points, line breaks among them.\n\n\
          Shorten the text. Details fit into another member, such as `testingInformation`, or into a document that the \
          text names. Where a custom AWS Config rule does not fit into a keyword, the rule itself needs a shorter \
          name.",
};
