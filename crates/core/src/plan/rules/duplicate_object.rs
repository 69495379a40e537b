use crate::diagnostic::{Level, Rule};

pub(crate) static RULE: Rule = Rule {
    id: "duplicate-object",
    level: Level::Warning,
    hard: false,
    since: "0.1.0",
    summary: "The account has several objects of this catalog with the same name.",
    why: "A request to create an object has no way to say that it is a repetition. If the response to one is lost, and the \
          object does not appear in the lists of the service for a while, the request is sent again, and two objects have \
          the same name and content. Two runs at the same time can do the same.\n\n\
          Both belong to this catalog. The plan continues with the one that a framework uses, or else with the older one, \
          and changes nothing about the other. To delete that one, use `--prune` or the Audit Manager console. If you \
          added it to an assessment or a framework in the meantime, remove it from there first: deleting a control [removes \
          it from all frameworks and assessments](\
          https://docs.aws.amazon.com/audit-manager/latest/userguide/delete-controls.html).",
};
