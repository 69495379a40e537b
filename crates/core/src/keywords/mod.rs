//! What Audit Manager can look for: the keywords of each type of data source, and what a wrong one was meant to be.
//!
//! The service takes any text for a keyword and collects no evidence where it does not know it
//! (<https://docs.aws.amazon.com/audit-manager/latest/APIReference/API_SourceKeyword.html>).

mod list;
pub(crate) mod config;
pub(crate) mod security_hub;
pub(crate) mod api_call;
pub(crate) mod cloudtrail;
pub(crate) mod page;

use std::collections::BTreeMap;

use crate::model::SourceType;
use crate::source::{FileKind, Sources};

pub(crate) use list::lines;
pub use list::{List, ListOrigin};

/// The folder of lists in a catalog.
pub const FOLDER: &str = "keywords";

/// The types that have a list; a file of the catalog that replaces one is called like the type.
pub const TYPES: [SourceType; 4] =
    [SourceType::ApiCall, SourceType::Cloudtrail, SourceType::Config, SourceType::SecurityHub];

/// The lists to hold keywords against.
#[derive(Clone, Debug, Default)]
pub struct Keywords {
    /// Lists of the catalog, which win over the built-in ones.
    own: BTreeMap<SourceType, List>,
}

/// The type that the list in a file is for; none where it is for none.
pub(crate) fn type_of_file(path: &str) -> Option<SourceType> {
    let name = path.rsplit('/').next()?.strip_suffix(".txt")?;
    TYPES.into_iter().find(|of| of.name() == name)
}

impl Keywords {
    /// The lists of a catalog, and built-in ones where it has none.
    pub fn of(sources: &Sources) -> Self {
        let mut keywords = Self::default();
        for (_, source) in
            sources.iter().filter(|(_, source)| matches!(source.kind(), FileKind::Keywords | FileKind::Stray))
        {
            if let (Some(of), Ok(text)) = (type_of_file(source.path()), source.text()) {
                keywords.replace(of, source.path(), text);
            }
        }
        keywords
    }

    /// Takes a list of the catalog. One without a keyword is none.
    fn replace(&mut self, source_type: SourceType, path: &str, text: &str) {
        let list = List::from_file(path, text);
        if list.iter().len() > 0 {
            self.own.insert(source_type, list);
        }
    }

    /// The list of a type; none for types without one.
    pub fn list(&self, source_type: SourceType) -> Option<&List> {
        let built_in: &List = match source_type {
            SourceType::Config => &config::LIST,
            SourceType::SecurityHub => &security_hub::LIST,
            SourceType::ApiCall => &api_call::LIST,
            SourceType::Cloudtrail => &cloudtrail::LIST,
            SourceType::Manual | SourceType::CommonControl | SourceType::CoreControl => return None,
        };
        Some(self.own.get(&source_type).unwrap_or(built_in))
    }

    /// Whether the list of a type is one of the catalog.
    pub fn is_own(&self, source_type: SourceType) -> bool {
        self.own.contains_key(&source_type)
    }

    /// What a keyword is to a type; none for types without a list.
    pub(crate) fn verdict<'k>(&'k self, source_type: SourceType, keyword: &str) -> Option<KeywordMatch<'k>> {
        let list = self.list(source_type)?;
        Some(match source_type {
            SourceType::Config => KeywordMatch::Config(config::look_up(list, keyword)),
            SourceType::SecurityHub => KeywordMatch::SecurityHub(security_hub::look_up(list, keyword)),
            SourceType::ApiCall => KeywordMatch::ApiCall(api_call::look_up(list, keyword)),
            SourceType::Cloudtrail => KeywordMatch::Cloudtrail(cloudtrail::look_up(list, keyword)),
            SourceType::Manual | SourceType::CommonControl | SourceType::CoreControl => return None,
        })
    }

    /// The keywords that a text holds instead of one, where all its parts are known.
    pub(crate) fn several<'t>(&self, source_type: SourceType, text: &'t str) -> Vec<&'t str> {
        let parts: Vec<&str> = text
            .split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '|' | '+'))
            .filter(|part| !part.is_empty() && *part != "and" && *part != "or")
            .collect();
        let known = |part: &&str| self.verdict(source_type, part).is_some_and(|verdict| verdict.is_recognised());
        if parts.len() > 1 && parts.iter().all(known) { parts } else { Vec::new() }
    }
}

/// What a keyword is to its type.
#[derive(Debug)]
pub(crate) enum KeywordMatch<'k> {
    Config(config::ConfigMatch<'k>),
    SecurityHub(security_hub::SecurityHubMatch<'k>),
    ApiCall(api_call::ApiCallMatch<'k>),
    Cloudtrail(cloudtrail::CloudtrailMatch<'k>),
}

impl KeywordMatch<'_> {
    /// Whether it is one that Audit Manager knows.
    pub(crate) const fn is_known(&self) -> bool {
        matches!(
            self,
            Self::Config(config::ConfigMatch::Known)
                | Self::SecurityHub(security_hub::SecurityHubMatch::Known)
                | Self::ApiCall(api_call::ApiCallMatch::Known)
                | Self::Cloudtrail(cloudtrail::CloudtrailMatch::Known)
        )
    }

    /// Whether it is clear what is meant.
    fn is_recognised(&self) -> bool {
        match self {
            Self::Config(verdict) => !matches!(verdict, config::ConfigMatch::Unknown),
            Self::SecurityHub(verdict) => !matches!(verdict, security_hub::SecurityHubMatch::Unknown),
            Self::ApiCall(verdict) => !matches!(verdict, api_call::ApiCallMatch::Unknown),
            Self::Cloudtrail(verdict) => {
                matches!(verdict, cloudtrail::CloudtrailMatch::Known | cloudtrail::CloudtrailMatch::Misspelled(_))
            }
        }
    }
}

/// Expands lines of a service and its actions to keywords: `iam ListGroups ListUsers`.
fn of_services(data: &'static str) -> std::borrow::Cow<'static, str> {
    let mut keywords = String::with_capacity(data.len() * 3 / 2);
    for line in data.lines() {
        let mut words = line.split(' ');
        let service = words.next().unwrap_or_default();
        for action in words {
            for part in [service, "_", action, "\n"] {
                keywords.push_str(part);
            }
        }
    }
    keywords.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_are_whole_and_the_schema_takes_every_keyword() {
        let keywords = Keywords::default();
        let counts = TYPES.map(|source_type| (source_type.name(), keywords.list(source_type).unwrap().iter().len()));
        assert_eq!(
            counts,
            [("AWS_API_Call", 108), ("AWS_Cloudtrail", 11_544), ("AWS_Config", 326), ("AWS_Security_Hub", 392)]
        );
        for source_type in TYPES {
            for word in keywords.list(source_type).unwrap().iter() {
                assert!(word.len() <= 100 && !word.contains(char::is_whitespace), "{word}");
                assert!(keywords.verdict(source_type, word).unwrap().is_recognised(), "{word}");
            }
        }
    }

    #[test]
    fn several_keywords_in_one_are_told_from_one() {
        let keywords = Keywords::default();
        let several = |text| keywords.several(SourceType::Config, text);
        assert_eq!(several("ENCRYPTED_VOLUMES, iam-user-mfa-enabled"), ["ENCRYPTED_VOLUMES", "iam-user-mfa-enabled"]);
        assert_eq!(several("ENCRYPTED_VOLUMES nonsense"), [""; 0]);
        assert_eq!(several("Custom_my rule"), [""; 0]);
        assert_eq!(several("ENCRYPTED_VOLUMES"), [""; 0]);
    }

    #[test]
    fn a_list_of_the_catalog_wins() {
        let mut keywords = Keywords::default();
        keywords.replace(SourceType::Config, "keywords/AWS_Config.txt", "MY_NEW_RULE\n");
        keywords.replace(SourceType::ApiCall, "keywords/AWS_API_Call.txt", "# nothing\n");
        let list = keywords.list(SourceType::Config).unwrap();
        assert!(list.contains("MY_NEW_RULE") && !list.contains("ENCRYPTED_VOLUMES"));
        assert_eq!(*list.origin(), ListOrigin::File("keywords/AWS_Config.txt".to_owned()));
        assert!(!keywords.is_own(SourceType::ApiCall));
    }
}
