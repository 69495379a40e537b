//! What the account holds of an object, in one word.

use crate::plan::{Change, DRIFT, Kind, Moved, rules};

/// What the account holds of an object of the catalog.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// What the file says.
    InStep,
    /// Nothing yet.
    ToCreate,
    /// What the file said before.
    Pending,
    /// What somebody made of it.
    Drift,
    /// The same, made by no catalog: it would be taken over.
    ToAdopt,
    /// Something of this name that is somebody else's.
    NotOurs,
    /// Whatever it is, nothing can be done about it.
    Blocked,
}

impl State {
    /// All of them, in the order in which they are counted.
    pub const ALL: &[Self] =
        &[Self::InStep, Self::ToCreate, Self::Pending, Self::Drift, Self::ToAdopt, Self::NotOurs, Self::Blocked];

    /// The state that a change of the plan speaks of.
    pub fn of(change: &Change) -> Self {
        let blocked = |by: &str| change.blocked_by.iter().any(|blocked| blocked == by);
        let foreign = [&rules::owned_by_another_catalog::RULE, &rules::unmanaged_object::RULE];
        if foreign.iter().any(|rule| blocked(rule.id)) {
            return Self::NotOurs;
        }
        // Drift that is only reported is blocked by nothing else.
        if change.blocked_by.iter().any(|by| by != DRIFT) {
            return Self::Blocked;
        }
        match (change.kind, change.moved) {
            (Kind::Unchanged, _) => Self::InStep,
            (Kind::Create, _) => Self::ToCreate,
            (Kind::Adopt, _) => Self::ToAdopt,
            (_, Some(Moved::Account)) => Self::Drift,
            (Kind::Delete | Kind::Rename | Kind::Update | Kind::Retag, _) => Self::Pending,
        }
    }

    /// The word for people.
    pub const fn word(self) -> &'static str {
        match self {
            Self::InStep => "in step",
            Self::ToCreate => "to be created",
            Self::Pending => "pending",
            Self::Drift => "drift",
            Self::ToAdopt => "to be adopted",
            Self::NotOurs => "not ours",
            Self::Blocked => "blocked",
        }
    }

    /// The same without blanks, for pages.
    pub const fn key(self) -> &'static str {
        match self {
            Self::InStep => "in-step",
            Self::ToCreate => "to-create",
            Self::Pending => "pending",
            Self::Drift => "drift",
            Self::ToAdopt => "to-adopt",
            Self::NotOurs => "not-ours",
            Self::Blocked => "blocked",
        }
    }

    /// What it means.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::InStep => "The account holds what the file says.",
            Self::ToCreate => "The account does not hold it yet.",
            Self::Pending => "The file changed, and the account does not hold that yet.",
            Self::Drift => "Somebody changed the account; the file is as it was applied.",
            Self::ToAdopt => "The account holds the same, made by no catalog; the next apply takes it over.",
            Self::NotOurs => "The account holds an object of this name that is not this catalog's. It is not touched.",
            Self::Blocked => "Something stands in the way; nothing is done about it.",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{ObjectType, TagChange};

    fn change(kind: Kind, moved: Option<Moved>, blocked_by: &[&str]) -> Change {
        Change {
            kind,
            object: ObjectType::Control,
            name: "A".to_owned(),
            id: None,
            arn: None,
            source: String::new(),
            moved,
            fields: Vec::new(),
            tags: TagChange::default(),
            touches: None,
            blocked_by: blocked_by.iter().map(|by| (*by).to_owned()).collect(),
            body: None,
        }
    }

    #[test]
    fn every_change_has_one_state() {
        for (kind, moved, blocked_by, expected) in [
            (Kind::Unchanged, None, &[][..], State::InStep),
            (Kind::Create, None, &[], State::ToCreate),
            (Kind::Create, None, &["missing-control"], State::Blocked),
            (Kind::Update, Some(Moved::File), &[], State::Pending),
            (Kind::Retag, Some(Moved::File), &[], State::Pending),
            (Kind::Rename, None, &[], State::Pending),
            (Kind::Update, Some(Moved::Account), &[], State::Drift),
            (Kind::Update, Some(Moved::Account), &[DRIFT], State::Drift),
            (Kind::Update, Some(Moved::Account), &["missing-control"], State::Blocked),
            (Kind::Adopt, None, &[], State::ToAdopt),
            (Kind::Adopt, None, &["unmanaged-object"], State::NotOurs),
            (Kind::Update, None, &["owned-by-another-catalog"], State::NotOurs),
        ] {
            assert_eq!(State::of(&change(kind, moved, blocked_by)), expected, "{kind:?} {moved:?} {blocked_by:?}");
        }
    }
}
