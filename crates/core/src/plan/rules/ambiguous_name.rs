use crate::diagnostic::{Level, Rule};

pub(crate) static RULE: Rule = Rule {
    id: "ambiguous-name",
    level: Level::Error,
    hard: true,
    since: "0.1.0",
    summary: "A name stands for several objects of the account.",
    why: "The account holds two or more objects of the name. A name is all that says which object a file means, so a \
          plan cannot tell which of them to change, or which of the controls a framework shall have. What concerns \
          them is left alone; everything else is carried out.\n\n\
          Rename or delete all but one of them in the Audit Manager console. Look first at which one is in use: \
          deleting a control [takes it out of all custom frameworks and assessments](\
          https://docs.aws.amazon.com/audit-manager/latest/APIReference/API_DeleteControl.html), and cannot be undone. \
          AWS does not document whether names are unique.\n\n\
          Of AWS's own controls, too, several can have one name: say with `id:` which of them is meant.",
};
