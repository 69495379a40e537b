use crate::diagnostic::{Level, Rule};

pub(crate) static RULE: Rule = Rule {
    id: "unreadable-file",
    level: Level::Error,
    hard: true,
    since: "0.1.0",
    summary: "A file in the bucket is not given to the function.",
    why: "The function reads the catalog from a bucket, where single objects can be out of its reach: encrypted with \
          [another key](https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html), or written by \
          another account. What such a file defines is not known: it is left out, its object in the account stays as \
          it is, and nothing is deleted while it is there.\n\n\
          Upload the file with the bucket's own encryption (`controlsync push` does), give the role of the function \
          permission to the key, or remove the object.",
};
