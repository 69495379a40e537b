use crate::diagnostic::{Level, Rule};

pub(crate) static RULE: Rule = Rule {
    id: "unreadable-file",
    level: Level::Error,
    hard: true,
    since: "0.1.0",
    summary: "The function cannot read a file in the bucket.",
    why: "The function reads the catalog from a bucket, and may not have access to every object in it: for example, if \
          one is encrypted with [another key](\
          https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html) or was written by another \
          account. The contents of the file are unknown: it is skipped, its object in the account does not change, and \
          nothing is deleted while the file exists.\n\n\
          Upload the file with the bucket's default encryption (`controlsync push` does), give the role of the \
          function permission to use the key, or remove the file from the bucket.",
};
