use crate::diagnostic::{Level, Rule};

pub(crate) static RULE: Rule = Rule {
    id: "forbidden-character",
    level: Level::Error,
    hard: true,
    since: "0.1.0",
    summary: "A text has a character that the service refuses.",
    why: "The service takes certain characters only, and refuses a change with any other. Names have no backslash, \
          names of [control sets](\
          https://docs.aws.amazon.com/audit-manager/latest/APIReference/API_CreateAssessmentFrameworkControlSet.html) \
          also no underscore. [Keywords](\
          https://docs.aws.amazon.com/audit-manager/latest/APIReference/API_SourceKeyword.html) have letters of the \
          English alphabet, digits, blanks and `_ - ( ) . : /`. [Values of tags](\
          https://docs.aws.amazon.com/audit-manager/latest/APIReference/API_TagResource.html) have no line breaks. In \
          `controlsync.toml` the account id, the Region, the address, the bucket's name and the catalog's name have \
          forms of their own.\n\n\
          Choose another name, and use it wherever the old one stands. An AWS Config rule whose name has other \
          characters cannot be a keyword: it has to be deployed under another name.",
};
