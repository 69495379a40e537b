use std::fmt::Write as _;
use std::io::IsTerminal as _;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context as _, Result, anyhow, bail};
use clap::ValueEnum;
use controlsync_core::config::{is_bucket_name, is_catalog_name};
use controlsync_core::schema::CATALOG_NAME;

use crate::ask;
use crate::atomic::{self, Existing};
use crate::exit::Exit;
use crate::files::repository_of;
use crate::options::Global;
use crate::output;

/// Begin a catalog: configuration, an example of each kind, and files for git, editors and CI.
///
/// Asks for what is not said by flags, where there is a terminal. A file that is there already is never touched.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The bucket to which `push` uploads the catalog.
    #[arg(long, value_name = "NAME")]
    bucket: Option<String>,

    /// The CI for which a file is written.
    #[arg(long, value_name = "CI")]
    ci: Option<Ci>,

    /// Ask nothing: what no flag says is left out.
    #[arg(long)]
    yes: bool,
}

/// A CI.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Ci {
    /// GitHub Actions.
    Github,
    /// GitLab CI.
    Gitlab,
    /// None.
    None,
}

const CONTROL: &str = include_str!("init/control.yaml");
const FRAMEWORK: &str = include_str!("init/framework.yaml");
const GITIGNORE: &str = include_str!("init/gitignore");
const VSCODE: &str = include_str!("init/vscode.json");
const PRE_COMMIT: &str = include_str!("init/pre-commit.yaml");
const GITHUB: &str = include_str!("init/github.yaml");
const GITLAB: &str = include_str!("../../../../integrations/gitlab-ci.yml");
const SCHEMAS: [(&str, &str); 3] = [
    ("config", include_str!("../../../../schemas/editor/config.schema.json")),
    ("control", include_str!("../../../../schemas/editor/control.schema.json")),
    ("framework", include_str!("../../../../schemas/editor/framework.schema.json")),
];

/// What was decided.
struct Decided {
    catalog: String,
    region: Option<String>,
    bucket: Option<String>,
    ci: Ci,
}

impl Args {
    pub fn run(self, global: &Global) -> Result<Exit> {
        let root = &global.catalog_dir;
        std::fs::create_dir_all(root).map_err(|error| {
            anyhow!("cannot make the folder {}: {error}; choose another with --catalog-dir", root.display())
        })?;
        let root = std::fs::canonicalize(root).with_context(|| format!("cannot read {}", root.display()))?;
        // Where git, editors and CI look for their files.
        let repository = repository_of(&root).unwrap_or(&root).to_owned();
        let decided = self.decide(global, &root, &repository)?;
        let mut shown = String::new();
        if repository != root {
            let _ = writeln!(shown, "in {}:", repository.display());
        }
        for (path, text) in files(&decided, &root, &repository) {
            let name = path.strip_prefix(&repository).unwrap_or(&path).display().to_string();
            if path.symlink_metadata().is_ok() {
                let _ = writeln!(shown, "kept  {name}, which was there{}", advice(&path));
                continue;
            }
            let folder = path.parent().unwrap_or(&root);
            std::fs::create_dir_all(folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
            atomic::write(&path, &text, Existing::Keep)?;
            let _ = writeln!(shown, "wrote {name}");
        }
        if !global.quiet {
            let flag = match global.catalog_dir.as_os_str().to_str() {
                Some(".") => String::new(),
                _ => format!(" --catalog-dir {}", global.catalog_dir.display()),
            };
            let _ = write!(
                shown,
                "\nNext:\n  controlsync lint{flag}\n  controlsync plan --local{flag}    what it would do, in an Audit Manager on \
                 this machine\n  controlsync pull --unmanaged --out DIR    the controls that an account has already, as files\n"
            );
        }
        output::print(&shown)?;
        Ok(Exit::Done)
    }

    fn decide(&self, global: &Global, root: &Path, repository: &Path) -> Result<Decided> {
        let asks = !self.yes && std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
        let question = |asked: &str, otherwise: &str| {
            if asks { ask::answered(asked, otherwise) } else { Ok(otherwise.to_owned()) }
        };
        let catalog = match global.catalog()? {
            Some(catalog) => catalog,
            None => question("The name of the catalog, which its objects bear as a tag", &name_of(root))?,
        };
        if !is_catalog_name(&catalog) {
            bail!("{catalog:?} cannot be a catalog's name: {CATALOG_NAME}");
        }
        let region = match &global.region {
            Some(region) => region.clone(),
            None => question("The Region of Audit Manager; nothing: that of the AWS settings", "")?,
        };
        if !region.chars().all(|character| character.is_ascii_alphanumeric() || character == '-') {
            bail!("{region:?} is no Region: use one such as eu-west-1");
        }
        let bucket = match &self.bucket {
            Some(bucket) => bucket.clone(),
            None => question("The bucket for `push`; nothing: none", "")?,
        };
        if !bucket.is_empty() && !is_bucket_name(&bucket) {
            bail!("{bucket:?} cannot be the name of a bucket: use 3 to 63 of a-z, 0-9, . and -");
        }
        let ci = if let Some(ci) = self.ci {
            ci
        } else {
            let answer = question("CI: github, gitlab or none", ci_of(repository))?;
            let Ok(ci) = Ci::from_str(&answer, true) else { bail!("{answer:?} is no CI: use github, gitlab or none") };
            ci
        };
        let stated = |text: String| (!text.is_empty()).then_some(text);
        Ok(Decided { catalog, region: stated(region), bucket: stated(bucket), ci })
    }
}

/// The name of the folder, as far as a catalog can have it.
fn name_of(root: &Path) -> String {
    let name = root.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    let name: String = name.chars().map(|c| if is_catalog_name(&c.to_string()) { c } else { '-' }).take(100).collect();
    let name = name.trim_matches('-');
    // Nothing is ever deleted under this name.
    if name.is_empty() { "default".to_owned() } else { name.to_owned() }
}

/// The CI of which the repository has files.
fn ci_of(repository: &Path) -> &'static str {
    if repository.join(".github").is_dir() {
        "github"
    } else if repository.join(".gitlab-ci.yml").is_file() {
        "gitlab"
    } else {
        "none"
    }
}

/// Whether there is anything in a folder.
fn is_used(folder: &Path) -> bool {
    std::fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some())
}

/// What to see to in a file that was there.
fn advice(path: &Path) -> &'static str {
    match path.file_name().and_then(|name| name.to_str()) {
        Some("controlsync.toml") => ": its `catalog` holds",
        Some(".gitignore") => "; see that it has the line .controlsync/",
        Some("settings.json") => "; see that it has the schemas of this folder",
        Some(".pre-commit-config.yaml") => "; see that it has the hook controlsync-lint for this folder",
        Some("controlsync.yml" | ".gitlab-ci.yml") => "; see that it checks this folder",
        _ => "",
    }
}

/// All files, in the order in which they are written.
fn files(decided: &Decided, root: &Path, repository: &Path) -> Vec<(PathBuf, String)> {
    let below = root.strip_prefix(repository).unwrap_or(Path::new(""));
    let parts = below.components().filter_map(|part| match part {
        Component::Normal(part) => part.to_str(),
        _ => None,
    });
    let folder: String = parts.flat_map(|part| [part, "/"]).collect();
    let catalog_dir = if folder.is_empty() { "." } else { folder.trim_end_matches('/') };
    let escaped = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"");
    let catalog_dir = escaped(catalog_dir);
    let filled = |text: &str| {
        let text = text.replace("{folder}", &escaped(&folder)).replace("{catalog_dir}", &catalog_dir);
        text.replace("{version}", env!("CARGO_PKG_VERSION"))
    };
    let mut files = vec![(root.join("controlsync.toml"), configuration(decided))];
    // An example would be one definition too many beside those that are there.
    if !is_used(&root.join("controls")) && !is_used(&root.join("frameworks")) {
        files.push((root.join("controls/example.yaml"), CONTROL.to_owned()));
        files.push((root.join("frameworks/example.yaml"), FRAMEWORK.to_owned()));
    }
    for (name, text) in SCHEMAS {
        files.push((root.join(format!("schemas/editor/{name}.schema.json")), text.to_owned()));
    }
    files.push((root.join(".gitignore"), GITIGNORE.to_owned()));
    files.push((repository.join(".vscode/settings.json"), filled(VSCODE)));
    files.push((repository.join(".pre-commit-config.yaml"), filled(PRE_COMMIT)));
    match decided.ci {
        Ci::Github => files.push((repository.join(".github/workflows/controlsync.yml"), filled(GITHUB))),
        Ci::Gitlab => {
            let text = GITLAB.replace("CATALOG_DIR: \".\"", &format!("CATALOG_DIR: \"{catalog_dir}\""));
            files.push((repository.join(".gitlab-ci.yml"), text));
        }
        Ci::None => {}
    }
    files
}

/// `controlsync.toml`. None of the values has a character that TOML would want escaped.
fn configuration(decided: &Decided) -> String {
    let mut text = format!(
        "#:schema ./schemas/editor/config.schema.json\n\n# Every object in Audit Manager bears this name as a tag; what \
         bears another one is never touched.\ncatalog = \"{}\"\n",
        decided.catalog
    );
    if let Some(region) = &decided.region {
        let _ = write!(text, "\n[target]\nregion = \"{region}\"\n");
    }
    if let Some(bucket) = &decided.bucket {
        let _ = write!(text, "\n# Where `controlsync push` uploads the files.\n[bucket]\nname = \"{bucket}\"\n");
    }
    text
}
