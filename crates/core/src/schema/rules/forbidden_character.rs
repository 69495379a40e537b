use crate::diagnostic::{Level, Rule};

pub(crate) static RULE: Rule = Rule {
    id: "forbidden-character",
    level: Level::Error,
    hard: true,
    since: "0.1.0",
    summary: "A string contains a character that the service does not allow.",
    why: "The service allows only certain characters and rejects a change that contains any other. Names cannot \
          contain a backslash, and the names of [control sets](\
          https://docs.aws.amazon.com/audit-manager/latest/APIReference/API_CreateAssessmentFrameworkControlSet.html) \
          cannot contain an underscore either. [Keywords](\
          https://docs.aws.amazon.com/audit-manager/latest/APIReference/API_SourceKeyword.html) can contain English \
          letters, digits, spaces and `_ - ( ) . : /`. [Tag values](\
          https://docs.aws.amazon.com/audit-manager/latest/APIReference/API_TagResource.html) cannot contain line \
          breaks. In `controlsync.toml`, the account ID, the Region, the endpoint URL, the bucket name and the catalog \
          name each have their own format.\n\n\
          Choose another name, and replace the old one everywhere it is used. An AWS Config rule with other characters \
          in its name cannot be a keyword: deploy it under another name.",
};
