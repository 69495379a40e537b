//! What a path in the catalog is for. The same in a directory and in a bucket.

use std::path::Path;

use crate::config::FILE_NAME;
use crate::keywords;
use crate::source::FileKind;

/// Directories of definitions and what they contain.
pub const DIRECTORIES: [(&str, FileKind); 2] = [("controls", FileKind::Control), ("frameworks", FileKind::Framework)];
/// Directory of exceptions.
pub const EXCEPTIONS: &str = "exceptions";
/// Directory of rules in the language of AWS CloudFormation Guard.
pub const GUARD_RULES: &str = "rules";
/// All other directories of a catalog; it may have none of them.
pub const OTHER_DIRECTORIES: [&str; 3] = [EXCEPTIONS, GUARD_RULES, keywords::FOLDER];
/// File extensions of definitions, case-insensitive.
pub const EXTENSIONS: [&str; 3] = ["yaml", "yml", "json"];

/// Returns where a catalog has files: directories, which end with `/`, and the configuration. Policies and the rule for uploads in
/// `cdk` are made of them.
pub fn places() -> Vec<String> {
    let directories = DIRECTORIES.iter().map(|(folder, _)| *folder).chain(OTHER_DIRECTORIES);
    directories.map(|folder| format!("{folder}/")).chain([FILE_NAME.to_owned()]).collect()
}

/// Whether a file is outside the catalog: its path is absolute.
pub fn is_outside(path: &str) -> bool {
    Path::new(path).has_root()
}

/// Returns the kind of a path in the catalog, with `/` separators; `None` if it is not part of the catalog. A file that
/// is ignored but looks like a part of the catalog is [`FileKind::Ignored`].
pub fn kind_of(path: &str) -> Option<FileKind> {
    if path.split('/').any(|part| part.starts_with('.')) {
        return None;
    }
    let Some((folder, rest)) = path.split_once('/') else {
        return (path == FILE_NAME).then_some(FileKind::Config);
    };
    if folder == keywords::FOLDER {
        return (!rest.contains('/') && extension(rest).is_some_and(|of| of.eq_ignore_ascii_case("txt")))
            .then_some(FileKind::Keywords);
    }
    if folder == GUARD_RULES {
        return extension(rest).is_some_and(|of| of.eq_ignore_ascii_case("guard")).then_some(FileKind::GuardRule);
    }
    if folder == EXCEPTIONS {
        return match () {
            () if is_definition(rest) => Some(FileKind::Exception),
            () if looks_like_definition(rest) => Some(FileKind::Ignored),
            () => None,
        };
    }
    if let Some((_, kind)) = DIRECTORIES.iter().find(|(name, _)| *name == folder) {
        return match () {
            () if is_definition(rest) => Some(*kind),
            () if looks_like_definition(rest) || is_of_another_format(rest) => Some(FileKind::Ignored),
            () => None,
        };
    }
    (similar_directory(folder).is_some() && is_definition(rest)).then_some(FileKind::Ignored)
}

/// Returns the prefix of the keys of a catalog's objects: no `/` at the start, and one at the end unless it is empty.
pub fn key_prefix(given: &str) -> String {
    let parts = given.trim_matches('/');
    if parts.is_empty() { String::new() } else { format!("{parts}/") }
}

/// Whether a file name has the extension of a definition.
pub fn is_definition(name: &str) -> bool {
    extension(name).is_some_and(|found| EXTENSIONS.iter().any(|known| found.eq_ignore_ascii_case(known)))
}

/// Returns the intended directory of a misspelled name: `Controls`, `control`, `framework`.
pub fn similar_directory(name: &str) -> Option<&'static str> {
    let plural =
        |folder: &str| name.eq_ignore_ascii_case(folder) || name.eq_ignore_ascii_case(&folder[..folder.len() - 1]);
    let mut folders = DIRECTORIES.iter().map(|(folder, _)| *folder).chain([EXCEPTIONS]);
    folders.find(|folder| name != *folder && plural(folder))
}

/// Whether a name is that of a backup, a template or a typo: `control.yaml.bak`, `control.yaml~`, `control.yalm`.
fn looks_like_definition(name: &str) -> bool {
    const TYPOS: [&str; 10] = ["yalm", "ymal", "yam", "yaml~", "yml~", "yaaml", "ylm", "jsn", "jsonc", "json5"];
    let name = name.rsplit('/').next().unwrap_or(name).to_ascii_lowercase();
    let within = [".yaml.", ".yml.", ".json.", ".yaml~", ".yml~", ".json~", ".yaml_", ".yml_"];
    within.iter().any(|part| name.contains(part)) || extension(&name).is_some_and(|found| TYPOS.contains(&found))
}

/// Whether a file can contain definitions in a format that is not read, such as a table or Terraform's resources.
pub(crate) fn is_of_another_format(name: &str) -> bool {
    const FORMATS: [&str; 9] = ["csv", "hcl", "ods", "tf", "toml", "tsv", "xls", "xlsx", "xml"];
    extension(name).is_some_and(|found| FORMATS.iter().any(|format| found.eq_ignore_ascii_case(format)))
}

fn extension(name: &str) -> Option<&str> {
    let name = name.rsplit('/').next().unwrap_or(name);
    name.rsplit_once('.').map(|(_, extension)| extension)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_are_normalized() {
        for (given, expected) in
            [("", ""), ("/", ""), ("a", "a/"), ("/a/b", "a/b/"), ("a b//", "a b/"), ("//a//b/", "a//b/")]
        {
            assert_eq!(key_prefix(given), expected, "{given:?}");
        }
    }

    #[test]
    fn every_file_of_a_catalog_is_in_one_of_its_places() {
        let places = places();
        let in_a_place =
            |path: &str| places.iter().any(|place| path == place || place.ends_with('/') && path.starts_with(place));
        for path in ["controls/a/b.yaml", "frameworks/a.json", "exceptions/a.yml", "rules/a.guard", "keywords/A.txt"] {
            assert!(kind_of(path).is_some() && in_a_place(path), "{path}");
        }
        assert!(in_a_place(FILE_NAME) && !in_a_place(".controlsync/state.json") && !in_a_place("controlsync.toml.bak"));
        assert_eq!(places.len(), 6);
    }

    #[test]
    fn paths_have_their_kind() {
        for (path, expected) in [
            ("controls/a.yaml", Some(FileKind::Control)),
            ("controls/a/b/c.YML", Some(FileKind::Control)),
            ("frameworks/f.json", Some(FileKind::Framework)),
            ("controlsync.toml", Some(FileKind::Config)),
            ("keywords/AWS_Config.txt", Some(FileKind::Keywords)),
            ("controls/a.yaml.bak", Some(FileKind::Ignored)),
            ("controls/a.yaml~", Some(FileKind::Ignored)),
            ("controls/a.yalm", Some(FileKind::Ignored)),
            ("Controls/a.yaml", Some(FileKind::Ignored)),
            ("framework/a.yaml", Some(FileKind::Ignored)),
            ("controls/README.md", None),
            ("controls/main.tf", Some(FileKind::Ignored)),
            ("controls/list.CSV", Some(FileKind::Ignored)),
            ("controls/.a.yaml", None),
            ("controls/.git/a.yaml", None),
            ("controls/yaml", None),
            ("exceptions/a.yaml", Some(FileKind::Exception)),
            ("exceptions/team/a.json", Some(FileKind::Exception)),
            ("exceptions/a.yaml.bak", Some(FileKind::Ignored)),
            ("exception/a.yaml", Some(FileKind::Ignored)),
            ("exceptions/README.md", None),
            ("rules/house.guard", Some(FileKind::GuardRule)),
            ("rules/team/house.guard", Some(FileKind::GuardRule)),
            ("rules/a.yaml", None),
            ("docs/a.yaml", None),
            ("a.yaml", None),
            ("keywords/old/AWS_Config.txt", None),
        ] {
            assert_eq!(kind_of(path), expected, "{path}");
        }
    }
}
