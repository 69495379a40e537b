use std::fmt::Write as _;
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use clap::ValueEnum;
use controlsync_core::config::{is_bucket_name, is_catalog_name};
use controlsync_core::regions::{self, is_region};
use controlsync_core::schema::CATALOG_NAME;

use crate::ask;
use crate::atomic::{self, Existing};
use crate::error::{bail, error};
use crate::exit::Exit;
use crate::options::Global;
use crate::output;
use crate::paths::{self, repository_of};

/// Create a catalog: configuration, examples, and files for git, editors and CI.
///
/// On a terminal, prompts for values that no flag sets. Existing files are never changed.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// S3 bucket that `push` uploads the catalog to.
    #[arg(long, value_name = "NAME")]
    bucket: Option<String>,

    /// CI system to write a configuration for [default: detected from the repository]
    #[arg(long, value_name = "CI")]
    ci: Option<Ci>,

    /// Do not prompt; use defaults for values that no flag sets.
    #[arg(long)]
    yes: bool,
}

/// A CI system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Ci {
    /// GitHub Actions.
    Github,
    /// GitLab CI.
    Gitlab,
    /// No CI.
    None,
}

const CONTROL: &str = include_str!("init/control.yaml");
const FRAMEWORK: &str = include_str!("init/framework.yaml");
const GITIGNORE: &str = include_str!("init/gitignore");
const VSCODE: &str = include_str!("init/vscode.json");
const PRE_COMMIT: &str = include_str!("init/pre-commit.yaml");
const GITHUB: &str = include_str!("init/github.yaml");
const GITLAB: &str = include_str!("../../../../integrations/gitlab-ci.yml");
const SCHEMAS: [(&str, &str); 4] = [
    ("config", include_str!("../../../../schemas/editor/config.schema.json")),
    ("control", include_str!("../../../../schemas/editor/control.schema.json")),
    ("exception", include_str!("../../../../schemas/editor/exception.schema.json")),
    ("framework", include_str!("../../../../schemas/editor/framework.schema.json")),
];

/// The values from flags and answers.
struct Answers {
    catalog: String,
    region: Option<String>,
    bucket: Option<String>,
    ci: Ci,
}

impl Args {
    pub fn run(self, global: &Global) -> Result<Exit> {
        let root = &global.catalog_dir;
        std::fs::create_dir_all(root).map_err(|error| {
            error!(
                File,
                "cannot create the directory {}: {error}; choose another one with --catalog-dir",
                root.display()
            )
        })?;
        let root = paths::resolved(root).with_context(|| format!("cannot read {}", root.display()))?;
        // Git, editors and CI look for their files in this directory.
        let repository = repository_of(&root).unwrap_or(&root).to_owned();
        let answers = self.answers(global, &root, &repository)?;
        let mut shown = String::new();
        if repository != root {
            let _ = writeln!(shown, "in {}:", repository.display());
        }
        for (path, text) in files(&answers, &root, &repository) {
            let name = paths::name(path.strip_prefix(&repository).unwrap_or(&path));
            if path.symlink_metadata().is_ok() {
                let _ = writeln!(shown, "kept  {name}, which already exists{}", advice(&path));
                continue;
            }
            let directory = path.parent().unwrap_or(&root);
            std::fs::create_dir_all(directory).with_context(|| format!("cannot create {}", directory.display()))?;
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
                "\nNext:\n  controlsync lint{flag}\n  controlsync plan --local{flag}    show the changes, using the \
                 embedded emulator\n  controlsync pull --unmanaged --out DIR    export the existing controls of \
                 an account\n"
            );
        }
        output::print(&shown)?;
        Ok(Exit::Done)
    }

    fn answers(&self, global: &Global, root: &Path, repository: &Path) -> Result<Answers> {
        let prompts = !self.yes && std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
        let question = |question: &str, default: &str| {
            if prompts { ask::answered(question, default) } else { Ok(default.to_owned()) }
        };
        let catalog = match global.catalog()? {
            Some(catalog) => catalog,
            None => question("Catalog name, set as a tag on its objects", &name_of(root))?,
        };
        if !is_catalog_name(&catalog) {
            bail!(Usage, "invalid catalog name {catalog:?}: {CATALOG_NAME}");
        }
        let region = match &global.region {
            Some(region) => region.clone(),
            None => question("Region of Audit Manager (empty for the AWS default)", "")?,
        };
        if !region.is_empty() && !is_region(&region) {
            let meant = regions::meant(&region).unwrap_or("eu-west-1");
            bail!(Usage, "{region:?} is not a valid Region: use a name such as {meant}");
        }
        let bucket = match &self.bucket {
            Some(bucket) => bucket.clone(),
            None => question("S3 bucket for `push` (empty for none)", "")?,
        };
        if !bucket.is_empty() && !is_bucket_name(&bucket) {
            bail!(Usage, "{bucket:?} is not a valid bucket name: use 3 to 63 lowercase letters, digits, - and .");
        }
        let ci = if let Some(ci) = self.ci {
            ci
        } else {
            let answer = question("CI system: github, gitlab or none", ci_of(repository))?;
            let Ok(ci) = Ci::from_str(&answer, true) else {
                bail!(Usage, "{answer:?} is not a supported CI system: use github, gitlab or none")
            };
            ci
        };
        let non_empty = |text: String| (!text.is_empty()).then_some(text);
        Ok(Answers { catalog, region: non_empty(region), bucket: non_empty(bucket), ci })
    }
}

/// A valid catalog name from the name of the directory.
fn name_of(root: &Path) -> String {
    let name = root.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    let name: String = name.chars().map(|c| if is_catalog_name(&c.to_string()) { c } else { '-' }).take(100).collect();
    let name = name.trim_matches('-');
    // `--prune` deletes nothing in a catalog with this name.
    if name.is_empty() { "default".to_owned() } else { name.to_owned() }
}

/// The CI system that the repository has files for.
fn ci_of(repository: &Path) -> &'static str {
    if repository.join(".github").is_dir() {
        "github"
    } else if repository.join(".gitlab-ci.yml").is_file() {
        "gitlab"
    } else {
        "none"
    }
}

/// Whether a directory exists and is not empty.
fn is_used(directory: &Path) -> bool {
    std::fs::read_dir(directory).is_ok_and(|mut entries| entries.next().is_some())
}

/// What to check in an existing file.
fn advice(path: &Path) -> &'static str {
    match path.file_name().and_then(|name| name.to_str()) {
        Some("controlsync.toml") => "; its `catalog` is used",
        Some(".gitignore") => "; make sure it has the line .controlsync/",
        Some("settings.json") => "; make sure it has the schemas of this directory",
        Some(".pre-commit-config.yaml") => "; make sure it has the hook controlsync-lint for this directory",
        Some("controlsync.yml" | ".gitlab-ci.yml") => "; make sure it checks this directory",
        _ => "",
    }
}

/// All files, in the order in which they are written.
fn files(answers: &Answers, root: &Path, repository: &Path) -> Vec<(PathBuf, String)> {
    let relative = root.strip_prefix(repository).unwrap_or(Path::new(""));
    let name = paths::name(relative);
    let (catalog_dir, folder) = if name.is_empty() { (".", String::new()) } else { (&*name, format!("{name}/")) };
    let escaped = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"");
    let catalog_dir = escaped(catalog_dir);
    let filled = |text: &str| {
        let text = text.replace("{folder}", &escaped(&folder)).replace("{catalog_dir}", &catalog_dir);
        text.replace("{version}", env!("CARGO_PKG_VERSION"))
    };
    let mut files = vec![(root.join("controlsync.toml"), configuration(answers))];
    // A catalog with definitions needs no examples.
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
    match answers.ci {
        Ci::Github => files.push((repository.join(".github/workflows/controlsync.yml"), filled(GITHUB))),
        Ci::Gitlab => {
            let text = GITLAB.replace("CATALOG_DIR: \".\"", &format!("CATALOG_DIR: \"{catalog_dir}\""));
            files.push((repository.join(".gitlab-ci.yml"), text));
        }
        Ci::None => {}
    }
    files
}

/// The content of `controlsync.toml`. No value has a character that TOML requires to be escaped.
fn configuration(answers: &Answers) -> String {
    let mut text = format!(
        "#:schema ./schemas/editor/config.schema.json\n\n# The owner of the objects in Audit Manager, set as a tag. \
         Objects of other catalogs are not changed.\ncatalog = \"{}\"\n",
        answers.catalog
    );
    if let Some(region) = &answers.region {
        let _ = write!(text, "\n[target]\nregion = \"{region}\"\n");
    }
    if let Some(bucket) = &answers.bucket {
        let comment = "# `controlsync push` uploads the files to this bucket.";
        let _ = write!(text, "\n{comment}\n[bucket]\nname = \"{bucket}\"\n");
    }
    text
}
