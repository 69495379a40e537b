//! Which resource types AWS Config records in an account.

use super::facts::{Recorder, Strategy};

/// The types of IAM, which a recorder of all supported types records only if it includes global types
/// (<https://docs.aws.amazon.com/config/latest/developerguide/select-resources.html>).
const GLOBAL_TYPES: [&str; 4] = ["AWS::IAM::Group", "AWS::IAM::Policy", "AWS::IAM::Role", "AWS::IAM::User"];

/// Returns the recorder of the account itself. Those of services record for their service alone
/// (<https://docs.aws.amazon.com/config/latest/developerguide/stop-start-recorder.html>).
pub(crate) fn own(recorders: &[Recorder]) -> Option<&Recorder> {
    let mut own = recorders.iter().filter(|recorder| recorder.service_principal.is_none());
    // An account has one; if a service shows more, the one that records counts.
    own.clone().find(|recorder| recorder.recording).or_else(|| own.next())
}

/// Why a type is not recorded, in words; `None` if it is.
pub(crate) fn gap(recorder: &Recorder, of: &str) -> Option<&'static str> {
    let listed = recorder.resource_types.iter().any(|listed| listed == of);
    let global = GLOBAL_TYPES.contains(&of);
    match recorder.strategy {
        Strategy::All if global && !recorder.includes_global_types => Some("it records no global types"),
        Strategy::Inclusion if !listed => Some("its list does not have it"),
        Strategy::Exclusion if listed => Some("it excludes it"),
        Strategy::All | Strategy::Inclusion | Strategy::Exclusion => None,
    }
}

/// Whether AWS Control Tower manages a recorder, which nothing else should change.
pub(crate) fn is_of_control_tower(recorder: &Recorder) -> bool {
    recorder.name.starts_with("aws-controltower-")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recorder(strategy: Strategy, types: &[&str]) -> Recorder {
        let resource_types = types.iter().map(|of| (*of).to_owned()).collect();
        Recorder { strategy, resource_types, recording: true, ..Recorder::default() }
    }

    #[test]
    fn a_strategy_decides_what_is_recorded() {
        let all = recorder(Strategy::All, &[]);
        let global = Recorder { includes_global_types: true, ..all.clone() };
        let some = recorder(Strategy::Inclusion, &["AWS::IAM::User"]);
        let others = recorder(Strategy::Exclusion, &["AWS::IAM::User"]);
        let recorded = |recorder, of| gap(recorder, of).is_none();
        for (recorder, user, bucket) in
            [(&all, false, true), (&global, true, true), (&some, true, false), (&others, false, true)]
        {
            assert_eq!(recorded(recorder, "AWS::IAM::User"), user, "{recorder:?}");
            assert_eq!(recorded(recorder, "AWS::S3::Bucket"), bucket, "{recorder:?}");
        }
        // With exclusions, global types are recorded unless they are excluded.
        assert!(recorded(&others, "AWS::IAM::Role"));
    }

    #[test]
    fn recorders_of_services_do_not_count() {
        let of_service = Recorder { service_principal: Some("a".to_owned()), ..recorder(Strategy::All, &[]) };
        assert_eq!(own(std::slice::from_ref(&of_service)), None);
        let stopped = Recorder { recording: false, ..recorder(Strategy::All, &[]) };
        assert_eq!(own(&[of_service, stopped.clone()]), Some(&stopped));
    }
}
