use crate::diagnostic::{Level, Rule};

pub(crate) static RULE: Rule = Rule {
    id: "missing-control",
    level: Level::Error,
    hard: true,
    since: "0.1.0",
    summary: "A framework names a control that neither the catalog, the account nor AWS has.",
    why: "The framework lists a control that is neither in the catalog nor among the controls of the account, or a \
          standard or core control that AWS does not have, or supports no more. \
          The service takes controls [by their ids](\
          https://docs.aws.amazon.com/audit-manager/latest/APIReference/API_CreateAssessmentFrameworkControl.html), \
          and there is none. The framework is left alone as a whole: without the control it would look complete and \
          would not be.\n\n\
          Mend the name, add the control below `controls/`, or remove the line. Where the catalog renames the \
          control, write its new name. A control that AWS supports no more can be kept by its `id`.",
};
