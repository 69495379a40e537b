//! Keywords of each source type, and suggestions for misspelled ones.
//!
//! The service accepts any string as a keyword, but collects no evidence for an unknown one
//! (<https://docs.aws.amazon.com/audit-manager/latest/APIReference/API_SourceKeyword.html>).

mod list;
mod typo;
mod action;
pub(crate) mod security_hub;
pub(crate) mod config;
pub(crate) mod api_call;
pub(crate) mod cloudtrail;
pub(crate) mod intended;
mod managed_rules;
pub(crate) mod page;

use std::collections::BTreeMap;

use crate::source::{FileKind, Sources};
use crate::source_type::{KeywordForm, SourceType};

pub(crate) use list::lines;
pub use list::{List, ListOrigin};
pub use managed_rules::{ManagedRule, Parameter, Trigger, managed_rule, managed_rules, managed_rules_date};

/// Directory of keyword lists in a catalog.
pub const FOLDER: &str = "keywords";

/// Source types with a list; a file in the catalog that replaces a list has the name of the type.
pub const TYPES: [SourceType; 4] =
    [SourceType::ApiCall, SourceType::Cloudtrail, SourceType::Config, SourceType::SecurityHub];

/// A built-in table that no file of the catalog replaces.
#[derive(Clone, Copy, Debug)]
pub struct Table {
    /// What it has.
    pub about: &'static str,
    /// Number of its entries.
    pub entries: usize,
    /// The document that it was taken from.
    pub source: &'static str,
    /// The date of that document, `YYYY-MM-DD`.
    pub date: &'static str,
}

/// Returns the built-in tables.
pub fn tables() -> [Table; 3] {
    let table = |about, data, more| {
        let (source, date, body) = list::with_header(data);
        Table { about, entries: body.lines().count() + more, source, date }
    };
    [
        table("managed rules", config::UNLISTED_DATA, config::LIST.iter().len()),
        table("parameters of rules", managed_rules::DATA, 0),
        table("rules of Security Hub", security_hub::RULE_DATA, 0),
    ]
}

/// Keyword lists for a check.
#[derive(Clone, Debug, Default)]
pub struct Keywords {
    /// Lists of the catalog, which replace the built-in ones.
    own: BTreeMap<SourceType, List>,
}

/// Returns the source type of a list file; `None` if the file has another name.
pub(crate) fn type_of_file(path: &str) -> Option<SourceType> {
    let name = path.rsplit('/').next()?.strip_suffix(".txt")?;
    TYPES.into_iter().find(|of| of.name() == name)
}

impl Keywords {
    /// Returns the lists of a catalog, and the built-in ones that it does not replace.
    pub fn of(sources: &Sources) -> Self {
        let mut keywords = Self::default();
        for (_, source) in
            sources.iter().filter(|(_, source)| matches!(source.kind(), FileKind::Keywords | FileKind::Ignored))
        {
            if let (Some(of), Ok(text)) = (type_of_file(source.path()), source.text()) {
                keywords.replace(of, source.path(), text);
            }
        }
        keywords
    }

    /// Replaces a built-in list, unless the new one is empty.
    fn replace(&mut self, source_type: SourceType, path: &str, text: &str) {
        let list = List::from_file(path, text);
        if list.iter().len() > 0 {
            self.own.insert(source_type, list);
        }
    }

    /// Returns the list of a type; `None` for types without one.
    pub fn list(&self, source_type: SourceType) -> Option<&List> {
        let built_in: &List = match source_type.keyword().form {
            KeywordForm::ConfigRule => &config::LIST,
            KeywordForm::SecurityHubControl => &security_hub::LIST,
            KeywordForm::ApiCall => &api_call::LIST,
            KeywordForm::CloudtrailEvent => &cloudtrail::LIST,
            KeywordForm::CommonControlArn | KeywordForm::CoreControlId | KeywordForm::Unused => return None,
        };
        Some(self.own.get(&source_type).unwrap_or(built_in))
    }

    /// Whether the catalog replaces the list of a type.
    pub fn is_own(&self, source_type: SourceType) -> bool {
        self.own.contains_key(&source_type)
    }

    /// Whether a data source most likely collects nothing, because its keyword is missing or is none that Audit Manager lists. An event
    /// that is not in the built-in list, which is not from AWS, may be right.
    pub fn collects_nothing(&self, source_type: SourceType, keyword: Option<&str>) -> bool {
        if source_type.keyword().form == KeywordForm::Unused {
            return false;
        }
        let Some(keyword) = keyword.filter(|keyword| !keyword.trim().is_empty()) else { return true };
        match self.verdict(source_type, keyword) {
            None => false,
            Some(KeywordMatch::Cloudtrail(cloudtrail::CloudtrailMatch::Unknown)) => self.is_own(source_type),
            Some(verdict) => !verdict.is_known(),
        }
    }

    /// Looks up a keyword; `None` for types without a list.
    pub(crate) fn verdict<'k>(&'k self, source_type: SourceType, keyword: &str) -> Option<KeywordMatch<'k>> {
        let list = self.list(source_type)?;
        Some(match source_type.keyword().form {
            KeywordForm::ConfigRule => KeywordMatch::Config(config::look_up(list, keyword)),
            KeywordForm::SecurityHubControl => KeywordMatch::SecurityHub(security_hub::look_up(list, keyword)),
            KeywordForm::ApiCall => KeywordMatch::ApiCall(api_call::look_up(list, keyword)),
            KeywordForm::CloudtrailEvent => KeywordMatch::Cloudtrail(cloudtrail::look_up(list, keyword)),
            KeywordForm::CommonControlArn | KeywordForm::CoreControlId | KeywordForm::Unused => return None,
        })
    }

    /// Returns the keywords in a string that contains several, as they are written in the list, if all of them are known.
    pub(crate) fn several(&self, source_type: SourceType, text: &str) -> Vec<String> {
        let parts: Vec<&str> = text
            .split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '|' | '+'))
            .filter(|part| !part.is_empty() && *part != "and" && *part != "or")
            .collect();
        let meant = |part: &&str| Some(self.verdict(source_type, part)?.meant(part)?.to_owned());
        let meant: Vec<String> = parts.iter().filter_map(meant).collect();
        if parts.len() > 1 && parts.len() == meant.len() { meant } else { Vec::new() }
    }
}

/// Result of looking up a keyword.
#[derive(Debug)]
pub(crate) enum KeywordMatch<'k> {
    Config(config::ConfigMatch<'k>),
    SecurityHub(security_hub::SecurityHubMatch<'k>),
    ApiCall(api_call::ApiCallMatch<'k>),
    Cloudtrail(cloudtrail::CloudtrailMatch<'k>),
}

impl KeywordMatch<'_> {
    /// Whether Audit Manager supports the keyword.
    pub(crate) const fn is_known(&self) -> bool {
        matches!(
            self,
            Self::Config(config::ConfigMatch::Known)
                | Self::SecurityHub(security_hub::SecurityHubMatch::Known)
                | Self::ApiCall(api_call::ApiCallMatch::Known)
                | Self::Cloudtrail(cloudtrail::CloudtrailMatch::Known)
        )
    }

    /// Returns the keyword that is certainly meant by a written one, if that is clear.
    fn meant<'s>(&'s self, written: &'s str) -> Option<&'s str> {
        match self {
            Self::Config(config::ConfigMatch::RuleName(meant) | config::ConfigMatch::Misspelled(meant)) => Some(meant),
            Self::Config(config::ConfigMatch::MisspelledCustom(meant)) => Some(meant),
            Self::SecurityHub(security_hub::SecurityHubMatch::Misspelled(meant))
            | Self::ApiCall(api_call::ApiCallMatch::Misspelled(meant))
            | Self::Cloudtrail(cloudtrail::CloudtrailMatch::Misspelled(meant)) => Some(meant),
            Self::Config(config::ConfigMatch::Unlisted) => Some(written),
            _ => self.is_known().then_some(written),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn built_in_lists_are_complete_and_valid_by_the_schema() {
        let keywords = Keywords::default();
        let counts = TYPES.map(|source_type| (source_type.name(), keywords.list(source_type).unwrap().iter().len()));
        assert_eq!(
            counts,
            [("AWS_API_Call", 108), ("AWS_Cloudtrail", 13_022), ("AWS_Config", 326), ("AWS_Security_Hub", 392)]
        );
        for source_type in TYPES {
            for word in keywords.list(source_type).unwrap().iter() {
                assert!(word.len() <= 100 && !word.contains(char::is_whitespace), "{word}");
                let verdict = keywords.verdict(source_type, word).unwrap();
                // The list of events is derived from names of IAM actions, some of which are none that Audit Manager collects.
                let is_other_event = matches!(
                    verdict,
                    KeywordMatch::Cloudtrail(
                        cloudtrail::CloudtrailMatch::Data | cloudtrail::CloudtrailMatch::Renamed(_)
                    )
                );
                assert!(!word.is_empty() && (is_other_event || verdict.meant(word) == Some(word)), "{word}");
            }
        }
    }

    #[test]
    fn several_keywords_in_one_string_are_recognized() {
        let keywords = Keywords::default();
        let several = |text| keywords.several(SourceType::Config, text);
        assert_eq!(several("ENCRYPTED_VOLUMES, iam-user-mfa-enabled"), ["ENCRYPTED_VOLUMES", "IAM_USER_MFA_ENABLED"]);
        assert_eq!(several("ENCRYPTED_VOLUMES nonsense"), [""; 0]);
        assert_eq!(several("Custom_my rule"), [""; 0]);
        assert_eq!(several("ENCRYPTED_VOLUMES"), [""; 0]);
    }

    #[test]
    fn lists_of_the_catalog_replace_built_in_ones() {
        let mut keywords = Keywords::default();
        keywords.replace(SourceType::Config, "keywords/AWS_Config.txt", "MY_NEW_RULE\n");
        keywords.replace(SourceType::ApiCall, "keywords/AWS_API_Call.txt", "# nothing\n");
        let list = keywords.list(SourceType::Config).unwrap();
        assert!(list.contains("MY_NEW_RULE") && !list.contains("ENCRYPTED_VOLUMES"));
        assert_eq!(*list.origin(), ListOrigin::File("keywords/AWS_Config.txt".to_owned()));
        assert!(!keywords.is_own(SourceType::ApiCall));
    }
}
