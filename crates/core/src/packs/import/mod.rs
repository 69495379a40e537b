//! From conformance packs to controls and frameworks.
//!
//! Pure. [`import`] returns the files to write. It changes no existing file, and lists everything in a pack that does not
//! come, with its line.
//!
//! In reading order: [`Options`] and [`Imported`] are what is asked for and what results, `log` collects what does not come, `template`
//! has the sections of a pack, `evaluate` evaluates its functions, `rule` and `remediation` read its resources, `controls` has
//! one control for each check, `framework` groups them, `pack` reads all of a pack, `finish` checks the files with the catalog.

mod imported;
mod log;
mod template;
mod evaluate;
mod rule;
mod remediation;
mod controls;
mod framework;
mod pack;
mod finish;

use std::collections::BTreeMap;

use crate::diagnostic::Level;
use crate::document::{self, Document};
use crate::pull::Target;
use crate::source::{FileId, Source, Span};
use controls::Controls;
use finish::Finish;
use log::Log;
use pack::Pack;
use template::Template;

pub use imported::{Extent, Imported, LeftOut, NewFile, Options};

/// A file that is not a conformance pack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejected {
    /// Path of the file.
    pub path: String,
    /// Line, 1-based.
    pub line: usize,
    /// Why.
    pub reason: String,
}

/// Returns the files to write for packs.
///
/// # Errors
///
/// A file is not a conformance pack: nothing is imported.
///
/// ```
/// use controlsync_core::check::{self, check};
/// use controlsync_core::packs::import::{Options, import};
/// use controlsync_core::pull::Target;
/// use controlsync_core::source::{Content, FileKind, Source, Sources};
///
/// let pack = "Resources:\n  Keys:\n    Type: AWS::Config::ConfigRule\n    Properties:\n      \
///             Source: {Owner: AWS, SourceIdentifier: ACCESS_KEYS_ROTATED}\n      InputParameters: {maxAccessKeyAge: 90}\n";
/// let pack = Source::new("Keys.yaml", FileKind::Ignored, Content::Bytes(pack.into()));
/// let checked = check(Sources::new(Vec::new()), &check::Options::default());
/// let target = Target { checked, files: [].into(), folders: [].into() };
/// let imported = import(&target, &[pack], &Options::default()).unwrap();
/// let paths: Vec<&str> = imported.files.iter().map(|file| file.path.as_str()).collect();
/// assert_eq!(paths, ["controls/access-keys-rotated.yaml", "frameworks/keys.yaml"]);
/// ```
pub fn import(target: &Target, packs: &[Source], options: &Options) -> Result<Imported, Vec<Rejected>> {
    let mut imported = Imported { catalog: target.checked.catalog.name.clone(), ..Imported::default() };
    let documents = parse(packs)?;
    let mut rejected = Vec::new();
    let mut controls = Controls::new(target);
    let mut read: Vec<Pack> = Vec::new();
    let mut first: Vec<(&Source, &Document)> = Vec::new();
    for (source, document) in packs.iter().zip(&documents) {
        if let Some((same, _)) = first.iter().find(|(_, other)| other.root.same(&document.root)) {
            imported.repeated.push((source.path().to_owned(), same.path().to_owned()));
            continue;
        }
        first.push((source, document));
        let mut log = Log::new(source);
        let template = match Template::read(document, &mut log) {
            Ok(template) => template,
            Err(reason) => {
                let reason = format!("not a conformance pack: {reason}");
                rejected.push(Rejected { path: source.path().to_owned(), line: 1, reason });
                continue;
            }
        };
        let name = options.framework.clone().unwrap_or_else(|| framework::name_of(source.path()));
        if let Some(other) = read.iter().find(|other| other.name == name) {
            let reason = format!("`{}` gives a framework with the same name; import them one by one", other.path);
            log.whole(Span::default(), &name, reason);
            imported.left_out.extend(log.left_out);
            continue;
        }
        let (pack, left_out) = Pack::read(read.len(), name, &template, log, &mut controls);
        imported.left_out.extend(left_out);
        read.push(pack);
    }
    if !rejected.is_empty() {
        return Err(rejected);
    }
    let order: BTreeMap<&str, usize> = packs.iter().enumerate().map(|(at, pack)| (pack.path(), at)).collect();
    let finish = Finish { target, options, packs: &read, needed: &controls.needed, imported };
    let mut imported = finish.run();
    imported.left_out.sort_by_key(|one| (order.get(one.path.as_str()).copied(), one.line));
    Ok(imported)
}

/// Parses all files.
fn parse(packs: &[Source]) -> Result<Vec<Document>, Vec<Rejected>> {
    let (mut documents, mut rejected) = (Vec::new(), Vec::new());
    for source in packs {
        let (document, found) = document::parse_template(FileId::default(), source);
        let errors = found.iter().filter(|found| found.level == Level::Error);
        let before = rejected.len();
        rejected.extend(errors.map(|found| {
            let empty = found.rule.id == "empty-file";
            let reason = if empty { "not a conformance pack: it is empty".to_owned() } else { found.message.clone() };
            Rejected { path: source.path().to_owned(), line: source.position(found.span.start).line, reason }
        }));
        match document {
            Some(document) if rejected.len() == before => documents.push(document),
            _ => {}
        }
    }
    if rejected.is_empty() { Ok(documents) } else { Err(rejected) }
}
