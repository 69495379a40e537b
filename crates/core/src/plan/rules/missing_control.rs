use crate::diagnostic::{Level, Rule};

pub(crate) static RULE: Rule = Rule {
    id: "missing-control",
    level: Level::Error,
    hard: true,
    since: "0.1.0",
    summary: "A framework uses a control that does not exist in the catalog, the account or AWS.",
    why: "The framework lists a control that is neither in the catalog nor a custom control in the account, or a \
          standard or core control that AWS does not have or no longer supports. The service requires controls [by \
          ID](\
          https://docs.aws.amazon.com/audit-manager/latest/APIReference/API_CreateAssessmentFrameworkControl.html), \
          and there is none. No change to the framework is applied: without the control it would look complete \
          although it is not.\n\n\
          Fix the name, add the control under `controls/`, or remove the line. If the catalog renames the control, use \
          its new name. To keep a control that AWS no longer supports, use its `id`.",
};
