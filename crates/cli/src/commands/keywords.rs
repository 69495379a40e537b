use anyhow::{Context as _, Result};
use controlsync_aws::audit_manager::keywords::read;
use controlsync_core::check::check;
use controlsync_core::diagnostic::counted;
use controlsync_core::keywords::{FOLDER, Keywords, List, TYPES};
use controlsync_core::report::keyword_lists;
use controlsync_core::source_type::SourceType;

use crate::atomic::{self, Existing};
use crate::error::{Error, bail};
use crate::exit::Exit;
use crate::files;
use crate::options::{Global, today};
use crate::output::{self, Format};
use crate::session::Session;

/// Show the keyword lists, or update them from the account.
///
/// A list in `keywords/` of the catalog overrides the built-in one.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Write the keywords that the account supports to `keywords/` in the catalog's root directory.
    #[arg(long)]
    refresh: bool,

    /// Output format.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
}

impl Args {
    pub fn run(self, global: &Global) -> Result<Exit> {
        let sources = files::read_if_any(&global.catalog_dir, global.config.as_deref())?;
        let (keywords, config) = (Keywords::of(&sources), check(sources, &global.check_options()?).config);
        if !self.refresh {
            self.show(&keywords)?;
            for hint in keyword_lists::hints(&keywords, &today()) {
                anstream::eprintln!("hint: {hint}");
            }
            return Ok(Exit::Done);
        }
        let lists = Session::run(global, &config, read_lists)?;
        let mut exit = Exit::Done;
        for (source_type, words) in lists {
            if words.is_empty() {
                anstream::eprintln!(
                    "error: the account has no keywords for {}; the list is unchanged",
                    source_type.name()
                );
                exit = Exit::Findings;
                continue;
            }
            let summary = replace(global, &keywords, source_type, &words)?;
            if !global.quiet {
                anstream::eprintln!("{summary}");
            }
        }
        let sources = files::read_if_any(&global.catalog_dir, global.config.as_deref())?;
        self.show(&Keywords::of(&sources))?;
        Ok(exit)
    }

    fn show(&self, keywords: &Keywords) -> Result<()> {
        output::print(&match self.format {
            Format::Text => keyword_lists::text(keywords),
            Format::Json => keyword_lists::json(keywords),
        })
    }
}

async fn read_lists(session: &Session) -> Result<Vec<(SourceType, Vec<String>)>> {
    let mut lists = Vec::new();
    for source_type in TYPES {
        let words = read(&session.client, source_type).await;
        lists.push((source_type, words.map_err(|failure| Error::request("cannot read the keywords", failure))?));
    }
    Ok(lists)
}

/// Writes a list, and returns a summary of the changes to the list that was in use.
fn replace(global: &Global, keywords: &Keywords, source_type: SourceType, words: &[String]) -> Result<String> {
    let mut words: Vec<&str> = words.iter().map(String::as_str).collect();
    words.sort_unstable();
    words.dedup();
    if let Some(word) = words.iter().find(|word| word.trim().is_empty() || word.starts_with('#') || word.contains('\n'))
    {
        bail!(
            Service,
            "the account has the keyword {word:?} for {}, which cannot be written to a list; the list is unchanged; \
             please report this",
            source_type.name()
        );
    }
    let known = keywords.list(source_type);
    let added = words.iter().filter(|word| !known.is_some_and(|list| list.contains(word))).count();
    let before = known.map_or(0, |list: &List| list.iter().len());
    let removed = before + added - words.len();
    let path = format!("{FOLDER}/{}.txt", source_type.name());
    let file = global.catalog_dir.join(&path);
    let text = format!(
        "# Keywords of {} as Audit Manager lists them (ListKeywordsForDataSource).\n{}\n",
        source_type.name(),
        words.join("\n")
    );
    if std::fs::read_to_string(&file).is_ok_and(|before| before == text) {
        return Ok(format!("{path}: no changes"));
    }
    let directory = global.catalog_dir.join(FOLDER);
    std::fs::create_dir_all(&directory).with_context(|| format!("cannot create {}", directory.display()))?;
    atomic::write(&file, &text, Existing::Replace)?;
    Ok(format!("{path}: {}, {added} added and {removed} removed", counted(words.len(), "keyword")))
}
