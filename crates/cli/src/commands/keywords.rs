use anyhow::{Context as _, Result, bail};
use controlsync_aws::keywords::read;
use controlsync_core::check::check;
use controlsync_core::diagnostic::counted;
use controlsync_core::keywords::{FOLDER, Keywords, List, TYPES};
use controlsync_core::model::SourceType;
use controlsync_core::report::keyword_lists;

use crate::atomic::{self, Existing};
use crate::exit::Exit;
use crate::files;
use crate::options::Global;
use crate::output::{self, Format};
use crate::session::{Session, failed};

/// Show the lists that keywords are held against, or read them from the account.
///
/// A list below `keywords/` in the catalog wins over the one that controlsync has.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Write what the account's Audit Manager knows to `keywords/` in the catalog's folder.
    #[arg(long)]
    refresh: bool,

    /// How the lists are shown.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
}

impl Args {
    pub fn run(self, global: &Global) -> Result<Exit> {
        let sources = files::read_if_any(&global.catalog_dir, global.config.as_deref())?;
        let (keywords, config) = (Keywords::of(&sources), check(sources, &global.check_options()?).config);
        if !self.refresh {
            return self.show(&keywords);
        }
        let lists = Session::run(global, &config, refreshed)?;
        let mut exit = Exit::Done;
        for (source_type, words) in lists {
            if words.is_empty() {
                anstream::eprintln!("error: the account knows no keyword of {}; the list stays", source_type.name());
                exit = Exit::Findings;
                continue;
            }
            let told = replace(global, &keywords, source_type, &words)?;
            if !global.quiet {
                anstream::eprintln!("{told}");
            }
        }
        let sources = files::read_if_any(&global.catalog_dir, global.config.as_deref())?;
        self.show(&Keywords::of(&sources))?;
        Ok(exit)
    }

    fn show(&self, keywords: &Keywords) -> Result<Exit> {
        output::print(&match self.format {
            Format::Text => keyword_lists::text(keywords),
            Format::Json => keyword_lists::json(keywords),
        })?;
        Ok(Exit::Done)
    }
}

async fn refreshed(session: &Session) -> Result<Vec<(SourceType, Vec<String>)>> {
    let mut lists = Vec::new();
    for source_type in TYPES {
        let words = read(&session.client, source_type).await;
        lists.push((source_type, words.map_err(|failure| failed("cannot read the keywords", failure))?));
    }
    Ok(lists)
}

/// Writes a list, and says how it differs from the one that was in use.
fn replace(global: &Global, keywords: &Keywords, source_type: SourceType, words: &[String]) -> Result<String> {
    let mut words: Vec<&str> = words.iter().map(String::as_str).collect();
    words.sort_unstable();
    words.dedup();
    if let Some(word) = words.iter().find(|word| word.trim().is_empty() || word.starts_with('#') || word.contains('\n'))
    {
        bail!(
            "the account has the keyword {word:?} of {}, which no list can hold; that list stays, please report it",
            source_type.name()
        );
    }
    let known = keywords.list(source_type);
    let added = words.iter().filter(|word| !known.is_some_and(|list| list.contains(word))).count();
    let held = known.map_or(0, |list: &List| list.iter().len());
    let removed = held + added - words.len();
    let path = format!("{FOLDER}/{}.txt", source_type.name());
    let file = global.catalog_dir.join(&path);
    let text = format!(
        "# Keywords of {} as Audit Manager lists them (ListKeywordsForDataSource).\n{}\n",
        source_type.name(),
        words.join("\n")
    );
    if std::fs::read_to_string(&file).is_ok_and(|before| before == text) {
        return Ok(format!("{path}: nothing differs"));
    }
    let folder = global.catalog_dir.join(FOLDER);
    std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    atomic::write(&file, &text, Existing::Replace)?;
    Ok(format!("{path}: {}, {added} new and {removed} gone", counted(words.len(), "keyword")))
}
