use crate::diagnostic::{Level, Rule};

pub(crate) static RULE: Rule = Rule {
    id: "quota-exceeded",
    level: Level::Error,
    hard: true,
    since: "0.1.0",
    summary: "The plan would pass a quota of the account.",
    why: "An account holds [500 custom controls and 100 custom frameworks](\
          https://docs.aws.amazon.com/audit-manager/latest/userguide/service-quotas.html) in a Region; frameworks that \
          were shared with it and are in its library count too. With what the plan would create there would be more. \
          Nothing of the kind is created, since a part of the files would be worse than none. Changes of what is \
          already there are carried out.\n\n\
          Delete in the console what nobody needs, or remove files. controlsync counts with the documented figures, \
          also where AWS has raised yours.",
};
