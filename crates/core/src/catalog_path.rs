//! What a path of the catalog is for. The same in a folder and in a bucket.

use crate::config::FILE_NAME;
use crate::keywords;
use crate::source::FileKind;

/// The folders of definitions and what they hold.
pub const FOLDERS: [(&str, FileKind); 2] = [("controls", FileKind::Control), ("frameworks", FileKind::Framework)];
/// How the names of definitions end, in any case.
pub const EXTENSIONS: [&str; 3] = ["yaml", "yml", "json"];

/// What a path of the catalog, `/` between its parts, is for; none where it is nothing of ours. What is not read but
/// looks as if it was meant to be is [`FileKind::Stray`].
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
    if let Some((_, kind)) = FOLDERS.iter().find(|(name, _)| *name == folder) {
        return match () {
            () if is_definition(rest) => Some(*kind),
            () if looks_like_definition(rest) => Some(FileKind::Stray),
            () => None,
        };
    }
    (meant_folder(folder).is_some() && is_definition(rest)).then_some(FileKind::Stray)
}

/// What the keys of a catalog's objects begin with: no `/` at the start, and one at the end where it is not empty.
pub fn key_prefix(given: &str) -> String {
    let parts = given.trim_matches('/');
    if parts.is_empty() { String::new() } else { format!("{parts}/") }
}

/// Whether the name of a file ends like one of a definition.
pub fn is_definition(name: &str) -> bool {
    extension(name).is_some_and(|found| EXTENSIONS.iter().any(|known| found.eq_ignore_ascii_case(known)))
}

/// The folder that another one was meant to be: `Controls`, `control`, `framework`.
pub fn meant_folder(name: &str) -> Option<&'static str> {
    let plural =
        |folder: &str| name.eq_ignore_ascii_case(folder) || name.eq_ignore_ascii_case(&folder[..folder.len() - 1]);
    FOLDERS.iter().map(|(folder, _)| *folder).find(|folder| name != *folder && plural(folder))
}

/// Backups, templates and slips: `control.yaml.bak`, `control.yaml~`, `control.yalm`.
fn looks_like_definition(name: &str) -> bool {
    const SLIPS: [&str; 10] = ["yalm", "ymal", "yam", "yaml~", "yml~", "yaaml", "ylm", "jsn", "jsonc", "json5"];
    let name = name.rsplit('/').next().unwrap_or(name).to_ascii_lowercase();
    let within = [".yaml.", ".yml.", ".json.", ".yaml~", ".yml~", ".json~", ".yaml_", ".yml_"];
    within.iter().any(|part| name.contains(part)) || extension(&name).is_some_and(|found| SLIPS.contains(&found))
}

fn extension(name: &str) -> Option<&str> {
    let name = name.rsplit('/').next().unwrap_or(name);
    name.rsplit_once('.').map(|(_, extension)| extension)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_has_one_form() {
        for (given, expected) in
            [("", ""), ("/", ""), ("a", "a/"), ("/a/b", "a/b/"), ("a b//", "a b/"), ("//a//b/", "a//b/")]
        {
            assert_eq!(key_prefix(given), expected, "{given:?}");
        }
    }

    #[test]
    fn every_path_has_its_place() {
        for (path, expected) in [
            ("controls/a.yaml", Some(FileKind::Control)),
            ("controls/a/b/c.YML", Some(FileKind::Control)),
            ("frameworks/f.json", Some(FileKind::Framework)),
            ("controlsync.toml", Some(FileKind::Config)),
            ("keywords/AWS_Config.txt", Some(FileKind::Keywords)),
            ("controls/a.yaml.bak", Some(FileKind::Stray)),
            ("controls/a.yaml~", Some(FileKind::Stray)),
            ("controls/a.yalm", Some(FileKind::Stray)),
            ("Controls/a.yaml", Some(FileKind::Stray)),
            ("framework/a.yaml", Some(FileKind::Stray)),
            ("controls/README.md", None),
            ("controls/.a.yaml", None),
            ("controls/.git/a.yaml", None),
            ("controls/yaml", None),
            ("docs/a.yaml", None),
            ("a.yaml", None),
            ("keywords/old/AWS_Config.txt", None),
        ] {
            assert_eq!(kind_of(path), expected, "{path}");
        }
    }
}
