//! What a user can do about what a plan does not do.

use std::borrow::Cow;

/// What a user can do about what a plan does not do, in the words of the program that shows it: a flag of a command, or a setting
/// of the function. A plan states facts and takes the remedies from here.
#[derive(Clone, Debug)]
pub struct Remedies {
    /// What adopts objects of which only tags would change, such as a flag.
    pub adopt_identical: Cow<'static, str>,
    /// What adopts all objects.
    pub adopt_all: Cow<'static, str>,
    /// What takes over the objects of another catalog, with `{owner}` for its name.
    pub take_over: Cow<'static, str>,
    /// What deletes objects without a file.
    pub delete: Cow<'static, str>,
    /// What allows a number of deletions, with `{count}` for the number.
    pub max_deletes: Cow<'static, str>,
}

impl Remedies {
    pub(super) fn take_over(&self, owner: &str) -> String {
        self.take_over.replace("{owner}", owner)
    }

    pub(super) fn max_deletes(&self, count: usize) -> String {
        self.max_deletes.replace("{count}", &count.to_string())
    }
}

/// Without a program that shows the plan.
impl Default for Remedies {
    fn default() -> Self {
        Self {
            adopt_identical: Cow::Borrowed("adopting identical objects"),
            adopt_all: Cow::Borrowed("adopting all objects"),
            take_over: Cow::Borrowed("taking over the objects of `{owner}`"),
            delete: Cow::Borrowed("deleting objects without a file"),
            max_deletes: Cow::Borrowed("a limit of {count}"),
        }
    }
}
