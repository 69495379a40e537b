use crate::diagnostic::{Level, Rule};
use crate::evidence::config_rules::ConfigSource;
use crate::evidence::recording;
use crate::evidence::setup::Found;
use crate::keywords::Trigger;

pub(crate) static RULE: Rule = Rule {
    id: "recorder-off",
    level: Level::Error,
    hard: false,
    since: "0.1.0",
    summary: "AWS Config does not record in an account, so that a rule on changes never evaluates.",
    why: "A rule that is triggered by changes of resources evaluates what the [configuration recorder](\
          https://docs.aws.amazon.com/config/latest/developerguide/stop-start-recorder.html) of the account records. Without one, \
          or while it is stopped or cannot deliver, the rule has no results, and Audit Manager collects nothing. Recorders that \
          belong to a service record for that service alone and do not count. Periodic rules run without a recorder; for rules \
          that do both, this is a warning.\n\n\
          Set up a recorder for the resource types of your rules in every account and Region of the assessment, and start it. If \
          AWS Control Tower or a central team manages recorders, ask them: a change by hand is overwritten or breaks their \
          baseline.",
};

pub(crate) fn check(subject: &ConfigSource<'_>, found: &mut Found) {
    let level = match subject.trigger() {
        Some(Trigger::Changes) => Level::Error,
        Some(Trigger::Both) => Level::Warning,
        Some(Trigger::Periodic) | None => return,
    };
    let Some(recorders) = found.known(&subject.account.recorders) else { return };
    let Some(recorder) = recording::own(recorders) else {
        let of_services = recorders.len();
        let note = if of_services == 0 { "" } else { "; those of services record for them alone" };
        let help = "set up a configuration recorder for the resource types of your rules, and start it";
        found.problem_at(&RULE, level, "", format!("there is no configuration recorder{note}"), help);
        return;
    };
    let help = if recording::is_of_control_tower(recorder) {
        "AWS Control Tower manages this recorder: ask its administrator to start it".to_owned()
    } else {
        format!(
            "start it: `aws configservice start-configuration-recorder --configuration-recorder-name {}`",
            recorder.name
        )
    };
    if !recorder.recording {
        let message = format!("the configuration recorder `{}` is stopped", recorder.name);
        found.problem_at(&RULE, level, "", message, help);
    } else if let Some(failure) = &recorder.failure {
        let message = format!("the configuration recorder `{}` cannot record: {failure}", recorder.name);
        let help = "fix what it reports: most often its role, or the bucket of the delivery channel";
        found.problem_at(&RULE, level, "", message, help);
    }
}
