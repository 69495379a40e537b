//! What a user can do about what a plan does not do.

/// What a user can do about what a plan does not do, in the words of the program that shows it: a flag of a command, or a setting
/// of the function. A plan states facts and takes the remedies from here.
#[derive(Clone, Copy, Debug)]
pub struct Remedies {
    /// What adopts objects of which only tags would change, such as a flag.
    pub adopt_identical: &'static str,
    /// What adopts all objects.
    pub adopt_all: &'static str,
    /// What takes over the objects of another catalog.
    pub take_over: fn(owner: &str) -> String,
    /// What deletes objects without a file.
    pub delete: &'static str,
    /// What allows a number of deletions.
    pub max_deletes: fn(count: usize) -> String,
}

/// Without a program that shows the plan.
impl Default for Remedies {
    fn default() -> Self {
        Self {
            adopt_identical: "adopting identical objects",
            adopt_all: "adopting all objects",
            take_over: |owner| format!("taking over the objects of `{owner}`"),
            delete: "deleting objects without a file",
            max_deletes: |count| format!("a limit of {count}"),
        }
    }
}
