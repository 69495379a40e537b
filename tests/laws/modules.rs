//! The reading order of modules, by what the code uses: a module uses only those that its parent declares above it, and no two
//! files of a crate use each other.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Item, UseTree};

use crate::architecture::root;

/// A path of names from the root of a crate.
type ModulePath = Vec<String>;

/// A module: what it declares and imports. Modules within a file count as that file.
#[derive(Default)]
struct Module {
    file: PathBuf,
    /// Modules in files of their own, in the order of their declarations.
    children: Vec<String>,
    items: BTreeSet<String>,
    /// Imported paths, by the name that they have here; globs have the name `*`.
    imports: Vec<(String, ModulePath)>,
    /// All paths that the code names, imports included.
    uses: Vec<ModulePath>,
}

/// All modules of a crate.
struct Crate {
    name: String,
    modules: BTreeMap<ModulePath, Module>,
}

impl Crate {
    fn parse(directory: &Path) -> Self {
        let name = directory.file_name().unwrap().to_string_lossy().into_owned();
        let source = directory.join("src");
        let mut parsed = Self { name, modules: BTreeMap::new() };
        for start in ["lib.rs", "main.rs"].map(|name| source.join(name)) {
            if start.exists() {
                parsed.module(&Vec::new(), start, &source);
            }
        }
        parsed
    }

    fn module(&mut self, path: &ModulePath, file: PathBuf, directory: &Path) {
        let text = std::fs::read_to_string(&file).unwrap();
        let parsed = syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let mut module = Module { file, ..Module::default() };
        module.read(&parsed.items);
        let children = module.children.clone();
        self.modules.insert(path.clone(), module);
        for child in children {
            let path: ModulePath = path.iter().cloned().chain([child.clone()]).collect();
            let own = directory.join(format!("{child}.rs"));
            let file = if own.exists() { own } else { directory.join(&child).join("mod.rs") };
            self.module(&path, file, &directory.join(child));
        }
    }

    /// Returns the module that declares what a path in a module names; `None` if that is not in this crate.
    fn declaring(&self, from: &ModulePath, path: &[String], depth: usize) -> Option<ModulePath> {
        if depth > 16 {
            return None;
        }
        let (mut at, mut rest) = (from.clone(), path);
        let mut relative = false;
        while let Some((first, after)) = rest.split_first() {
            match first.as_str() {
                "crate" => at.clear(),
                "self" => {}
                "super" => drop(at.pop()),
                _ => break,
            }
            (rest, relative) = (after, true);
        }
        loop {
            let Some((first, after)) = rest.split_first() else { return Some(at) };
            let module = self.modules.get(&at)?;
            if module.children.contains(first) {
                at.push(first.clone());
                rest = after;
                relative = true;
                continue;
            }
            if module.items.contains(first) {
                return Some(at);
            }
            let named = module.imports.iter().filter(|(name, path)| {
                // An import of a name from itself, as in `use a::a`, must not be followed twice.
                (name == first || name == "*") && (relative || path.as_slice() != rest)
            });
            return named.into_iter().find_map(|(name, path)| {
                let path: ModulePath = if name == "*" {
                    path.iter().chain(rest).cloned().collect()
                } else {
                    path.iter().chain(after).cloned().collect()
                };
                self.declaring(&at, &path, depth + 1)
            });
        }
    }

    /// Returns all uses of one module by another, with a path that shows it.
    fn edges(&self) -> BTreeMap<(ModulePath, ModulePath), String> {
        let mut edges = BTreeMap::new();
        for (from, module) in &self.modules {
            for path in &module.uses {
                if let Some(to) = self.declaring(from, path, 0).filter(|to| to != from) {
                    edges.entry((from.clone(), to)).or_insert_with(|| path.join("::"));
                }
            }
        }
        edges
    }

    fn shown(&self, path: &ModulePath) -> String {
        self.modules[path].file.strip_prefix(root()).unwrap_or(&self.modules[path].file).display().to_string()
    }
}

impl Module {
    fn read(&mut self, items: &[Item]) {
        for item in items.iter().filter(|item| !is_for_tests(item)) {
            match item {
                Item::Mod(module) if module.content.is_none() => self.children.push(module.ident.to_string()),
                Item::Mod(module) => {
                    let (_, items) = module.content.as_ref().unwrap();
                    self.items.insert(module.ident.to_string());
                    self.read(items);
                }
                Item::Use(import) => self.import(&import.tree, &mut Vec::new()),
                item => {
                    self.items.extend(declared(item));
                    self.visit_item(item);
                }
            }
        }
    }

    fn import(&mut self, tree: &UseTree, prefix: &mut ModulePath) {
        match tree {
            UseTree::Path(path) => {
                prefix.push(path.ident.to_string());
                self.import(&path.tree, prefix);
                prefix.pop();
            }
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.import(tree, prefix)),
            UseTree::Glob(_) => self.imported("*".to_owned(), prefix.clone()),
            UseTree::Name(name) if name.ident == "self" => {
                self.imported(prefix.last().unwrap().clone(), prefix.clone());
            }
            UseTree::Name(name) => {
                let path = prefix.iter().cloned().chain([name.ident.to_string()]).collect();
                self.imported(name.ident.to_string(), path);
            }
            UseTree::Rename(rename) => {
                let path = prefix.iter().cloned().chain([rename.ident.to_string()]).collect();
                self.imported(rename.rename.to_string(), path);
            }
        }
    }

    fn imported(&mut self, name: String, path: ModulePath) {
        self.uses.push(path.clone());
        self.imports.push((name, path));
    }

    /// Reads the paths in the arguments of a macro, which are only tokens.
    fn tokens(&mut self, tokens: TokenStream) {
        let mut path: ModulePath = Vec::new();
        let mut colons = 0;
        for token in tokens {
            match &token {
                TokenTree::Ident(name) => {
                    if colons < 2 {
                        self.uses.push(std::mem::take(&mut path));
                    }
                    path.push(name.to_string());
                    colons = 0;
                    continue;
                }
                TokenTree::Punct(punct) if punct.as_char() == ':' => {
                    colons += 1;
                    continue;
                }
                TokenTree::Group(group) => self.tokens(group.stream()),
                _ => {}
            }
            self.uses.push(std::mem::take(&mut path));
            colons = 0;
        }
        self.uses.push(path);
        self.uses.retain(|path| !path.is_empty());
    }
}

impl<'ast> Visit<'ast> for Module {
    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.uses.push(path.segments.iter().map(|segment| segment.ident.to_string()).collect());
        visit::visit_path(self, path);
    }

    // `pub(crate)` and `pub(super)` use nothing.
    fn visit_visibility(&mut self, _: &'ast syn::Visibility) {}

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        self.tokens(call.tokens.clone());
        visit::visit_macro(self, call);
    }

    fn visit_item_use(&mut self, import: &'ast syn::ItemUse) {
        self.import(&import.tree, &mut Vec::new());
    }
}

/// Whether an item is compiled only for tests.
fn is_for_tests(item: &Item) -> bool {
    let attributes = match item {
        Item::Mod(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        _ => return false,
    };
    attributes.iter().any(|attribute| {
        let Ok(list) = attribute.meta.require_list() else { return false };
        list.path.is_ident("cfg") && list.tokens.to_string() == "test"
    })
}

/// Returns the names that an item declares.
fn declared(item: &Item) -> Option<String> {
    Some(match item {
        Item::Const(item) => item.ident.to_string(),
        Item::Enum(item) => item.ident.to_string(),
        Item::Fn(item) => item.sig.ident.to_string(),
        Item::Macro(item) => item.ident.as_ref()?.to_string(),
        Item::Static(item) => item.ident.to_string(),
        Item::Struct(item) => item.ident.to_string(),
        Item::Trait(item) => item.ident.to_string(),
        Item::Type(item) => item.ident.to_string(),
        _ => return None,
    })
}

fn crates() -> Vec<Crate> {
    let directories = std::fs::read_dir(root().join("crates")).unwrap().map(|entry| entry.unwrap().path());
    let mut crates: Vec<Crate> = directories.map(|directory| Crate::parse(&directory)).collect();
    crates.sort_by(|a, b| a.name.cmp(&b.name));
    assert!(crates.len() >= 5 && crates.iter().all(|one| one.modules.len() > 5));
    crates
}

/// Returns what is wrong with an edge between two modules, if anything: seen from their nearest common parent, the used one must be
/// declared first, and nothing below a module uses what that module declares itself.
fn violation(of: &Crate, from: &ModulePath, to: &ModulePath) -> Option<&'static str> {
    let common = from.iter().zip(to).take_while(|(a, b)| a == b).count();
    let parent = &of.modules[&from[..common].to_vec()];
    let at = |path: &ModulePath| {
        let child = path.get(common)?;
        parent.children.iter().position(|declared| declared == child)
    };
    match (at(from), at(to)) {
        (Some(_), None) => Some("is above it"),
        (Some(from), Some(to)) if from < to => Some("comes later in reading order"),
        _ => None,
    }
}

#[test]
fn a_module_uses_only_what_is_declared_above_it() {
    let mut wrong = Vec::new();
    let mut edges = 0;
    for of in crates() {
        for ((from, to), path) in of.edges() {
            edges += 1;
            if let Some(why) = violation(&of, &from, &to) {
                wrong.push(format!("{} uses {path} of {}, which {why}", of.shown(&from), of.shown(&to)));
            }
        }
    }
    assert!(edges > 300, "{edges} uses were found");
    assert!(wrong.is_empty(), "{} of {edges} uses are wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// Finds code that compares or matches a variant of an enum.
struct Variants<'a> {
    of: &'a str,
    found: usize,
}

impl Variants<'_> {
    fn is_variant(&self, path: &syn::Path) -> bool {
        path.segments.len() > 1 && path.segments.iter().rev().nth(1).is_some_and(|segment| segment.ident == self.of)
    }

    fn compares(&self, expression: &syn::Expr) -> bool {
        match expression {
            syn::Expr::Path(path) => self.is_variant(&path.path),
            syn::Expr::Call(call) => call.args.iter().any(|argument| self.compares(argument)),
            syn::Expr::Reference(reference) => self.compares(&reference.expr),
            _ => false,
        }
    }
}

impl<'ast> Visit<'ast> for Variants<'_> {
    fn visit_pat(&mut self, pattern: &'ast syn::Pat) {
        match pattern {
            syn::Pat::Path(path) => self.found += usize::from(self.is_variant(&path.path)),
            syn::Pat::TupleStruct(pattern) => self.found += usize::from(self.is_variant(&pattern.path)),
            _ => {}
        }
        visit::visit_pat(self, pattern);
    }

    fn visit_expr_binary(&mut self, binary: &'ast syn::ExprBinary) {
        if matches!(binary.op, syn::BinOp::Eq(_) | syn::BinOp::Ne(_)) {
            self.found += usize::from(self.compares(&binary.left) || self.compares(&binary.right));
        }
        visit::visit_expr_binary(self, binary);
    }

    fn visit_item(&mut self, item: &'ast Item) {
        if !is_for_tests(item) {
            visit::visit_item(self, item);
        }
    }
}

#[test]
fn source_types_are_matched_in_their_own_module_only() {
    for of in crates() {
        for module in of.modules.values().filter(|module| !module.file.ends_with("core/src/source_type.rs")) {
            let text = std::fs::read_to_string(&module.file).unwrap();
            let mut variants = Variants { of: "SourceType", found: 0 };
            variants.visit_file(&syn::parse_file(&text).unwrap());
            let in_macros = text
                .split("matches!(")
                .skip(1)
                .any(|call| call.split(')').next().is_some_and(|arguments| arguments.contains("SourceType::")));
            assert!(variants.found == 0 && !in_macros, "{} matches a source type", module.file.display());
        }
    }
}
