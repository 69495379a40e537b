//! Names of packs, rules and logical IDs. A name is chosen once; the lock keeps it.

use std::collections::BTreeSet;

use super::check::{PROCESS_CHECK, fixed_name};
use crate::pack_limits::{MAX_PACK_NAME, MAX_RULE_NAME};

/// Characters of a logical ID; with the name of a parameter it stays below the 255 of CloudFormation.
const MAX_LOGICAL_ID: usize = 120;
/// Room for a number at the end of the name of a pack.
const NUMBER: usize = 8;

/// Logical ID of the remediation of a rule.
pub(crate) fn remediation_id(logical_id: &str) -> String {
    format!("{logical_id}Remediation")
}

/// Name of the pack's parameter for a parameter of a rule.
pub(crate) fn parameter_id(logical_id: &str, parameter: &str) -> String {
    let id: String = format!("{logical_id}Param{}", camel(parameter)).chars().take(255).collect();
    id
}

/// The names that the rules of a group of packs have.
#[derive(Debug, Default)]
pub(crate) struct Names {
    rules: BTreeSet<String>,
    ids: BTreeSet<String>,
}

impl Names {
    /// Takes the names of a rule that has some already.
    pub(crate) fn keep(&mut self, rule_name: &str, logical_id: &str) {
        self.rules.insert(rule_name.to_lowercase());
        self.ids.insert(logical_id.to_owned());
    }

    /// Chooses a rule name and a logical ID for a check, and takes them.
    pub(crate) fn choose(&mut self, check: &str) -> (String, String) {
        let fixed = fixed_name(check);
        let words = words_of(check);
        let rule_name = fixed
            .map_or_else(|| numbered(&slug(&words), MAX_RULE_NAME, |name| !self.rules.contains(name)), str::to_owned);
        let base: String = camel(fixed.unwrap_or(&words)).chars().take(MAX_LOGICAL_ID).collect();
        let base = if base.is_empty() { "Rule".to_owned() } else { base };
        let mut candidates = std::iter::once(base.clone()).chain((2..).map(|number| format!("{base}{number}")));
        let logical_id = candidates.find(|id| self.is_free_id(id)).unwrap_or(base);
        self.keep(&rule_name, &logical_id);
        (rule_name, logical_id)
    }

    /// Whether neither a logical ID nor one that is made of it is that of another rule.
    fn is_free_id(&self, id: &str) -> bool {
        let made_of = |longer: &str, shorter: &str| {
            longer.strip_prefix(shorter).is_some_and(|rest| rest == "Remediation" || rest.starts_with("Param"))
        };
        !self.ids.iter().any(|other| other == id || made_of(other, id) || made_of(id, other))
    }
}

/// What the names of a check are made of.
fn words_of(check: &str) -> String {
    let of_source = check.strip_prefix(PROCESS_CHECK).filter(|rest| rest.starts_with(' '));
    match of_source.and_then(|json| serde_json::from_str::<Vec<String>>(json).ok()) {
        Some(names) => names.join(" "),
        None => check.to_ascii_lowercase(),
    }
}

/// Returns a text in lowercase letters, digits and single hyphens.
fn slug(text: &str) -> String {
    let text = text.to_ascii_lowercase();
    let words: Vec<&str> = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    if words.is_empty() { "check".to_owned() } else { words.join("-") }
}

/// Returns the words of a text without what is between them, each with a capital letter.
fn camel(text: &str) -> String {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.map(|word| word[..1].to_ascii_uppercase() + &word[1..]).collect()
}

/// Returns the first of `base`, `base-2`, `base-3` that is free and not too long. Names are ASCII, and are given to `is_free` in lowercase.
fn numbered(base: &str, most: usize, is_free: impl Fn(&str) -> bool) -> String {
    let cut = |room: usize| base[..base.len().min(room)].trim_end_matches('-');
    let numbers = (2..).map(|number: u64| format!("{}-{number}", cut(most - NUMBER)));
    let mut candidates = std::iter::once(cut(most).to_owned()).chain(numbers);
    candidates.find(|name| is_free(&name.to_ascii_lowercase())).unwrap_or_default()
}

/// Returns a free name for a pack.
pub(crate) fn pack_name(base: &str, taken: &BTreeSet<String>) -> String {
    numbered(base, MAX_PACK_NAME, |name| !taken.contains(name))
}

/// Returns the start of the names of packs: of all, of a framework, or of process checks.
pub(crate) fn pack_base(name: &str, framework: Option<&str>, manual: bool) -> String {
    let suffix = if manual { Some("manual".to_owned()) } else { framework.map(slug) };
    // The suffix stays, even if the name is as long as it can be.
    let short = &name[..name.len().min(MAX_PACK_NAME - "-manual".len() - NUMBER)];
    suffix.map_or_else(|| name.to_owned(), |suffix| format!("{short}-{suffix}"))
}

/// Returns the name of packs for a catalog.
pub(crate) fn name_for_catalog(catalog: &str) -> String {
    let name: String = catalog.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let name = name.trim_matches('-');
    let name = if name.starts_with(|c: char| c.is_ascii_alphabetic()) { name.to_owned() } else { format!("c-{name}") };
    let end = name.len().min(MAX_PACK_NAME / 2);
    name[..end].trim_end_matches('-').to_owned()
}
