use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::identifiers::control_id;
use crate::rules::AllFiles;

pub(crate) static RULE: Rule = Rule {
    id: "control-id-as-name",
    level: Level::Error,
    hard: false,
    since: "0.1.0",
    summary: "A framework lists the ID or the ARN of a control as if it were a name.",
    why: "A string in `controls` is the name of a control. An ID needs the key `id`, which refers to [any control of the \
          account](https://docs.aws.amazon.com/audit-manager/latest/APIReference/API_CreateAssessmentFrameworkControl.html). \
          A control with this name is neither in the catalog nor, most likely, in the account.\n\n\
          Write `id: …`. The fix does that. For a control of the catalog, write its name: IDs differ between accounts.",
};

pub(super) fn check(all: &AllFiles<'_>, found: &mut Vec<Diagnostic>) {
    for reference in all.references() {
        let Some(name) = reference.name().filter(|name| !all.catalog.defines_control(name)) else { continue };
        let Some(id) = control_id(name) else { continue };
        let pointer = reference.pointer();
        let message = format!("`{name}` is the ID of a control, not a name");
        let fix = all.editor(reference.file).and_then(|editor| editor.wrap_string(&pointer, "id", &id, true));
        found.push(
            all.finding(&RULE, reference.file, &pointer, message)
                .help(format!("write `{}`", all.sources.get(reference.file).entry("id", &id)))
                .fix(fix),
        );
    }
}
