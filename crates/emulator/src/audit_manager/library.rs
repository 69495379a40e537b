//! Resources that AWS provides in every account: a few standard frameworks, standard controls and core controls.
//!
//! Names, texts and IDs are not those of AWS. The IDs are stable, and every kind of resource that matters to a client
//! is included: core controls, standard controls that use them, and a control that is superseded by another of the same
//! name.

use std::collections::BTreeMap;

use crate::audit_manager::seed::AccountSeed;
use crate::audit_manager::state::AccountState;
use crate::protocol::time::Time;

/// Creation time of all of them.
pub(crate) const PUBLISHED: Time = Time(1_717_200_000_000);

/// Returns a new account: only resources of AWS.
pub(crate) fn new_account(account: &str, region: &str) -> AccountState {
    let mut state = empty(account, region);
    add(&mut state);
    state
}

/// Adds or updates the resources of AWS to those of this version.
pub(crate) fn add(state: &mut AccountState) {
    let mut aws = empty(&state.account, &state.region);
    if library().add_to(&mut aws, Some(PUBLISHED)).is_ok() {
        state.controls.extend(aws.controls);
        state.frameworks.extend(aws.frameworks);
    }
}

fn empty(account: &str, region: &str) -> AccountState {
    AccountState {
        account: account.to_owned(),
        region: region.to_owned(),
        clock: PUBLISHED,
        controls: BTreeMap::new(),
        frameworks: BTreeMap::new(),
        assessments: BTreeMap::new(),
        organization_admin: None,
    }
}

#[expect(clippy::expect_used, reason = "the file is part of the program, and a test parses it")]
fn library() -> AccountSeed {
    serde_json::from_str(include_str!("data/library.json")).expect("the library is a valid seed")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit_manager::state::{ControlState, ObjectKind};

    #[test]
    fn the_library_is_complete_and_consistent() {
        let state = new_account("000000000000", "us-east-1");
        let count = |kind| state.controls.values().filter(|control| control.kind == kind).count();
        assert!(count(ObjectKind::Standard) >= 5 && count(ObjectKind::Core) >= 5);
        assert_eq!(count(ObjectKind::Custom), 0);
        assert!(state.frameworks.len() >= 2);
        assert!(state.controls.values().any(|control| control.state == ControlState::EndOfSupport));
        for source in state.controls.values().flat_map(|control| &control.sources) {
            if source.source_type.as_deref() == Some("Core_Control") {
                let keyword = source.source_keyword.as_ref().unwrap().keyword_value.as_ref().unwrap();
                let core = &state.controls[&keyword.parse().unwrap()];
                assert_eq!(core.kind, ObjectKind::Core);
            }
        }
        let mut again = state.clone();
        add(&mut again);
        assert_eq!(again, state);
    }
}
