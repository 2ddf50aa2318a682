//! The modules of a crate, read from its sources: what each declares, imports and uses.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::{Attribute, Ident, Item, ItemUse, UseTree, visit::Visit};

/// The root of a crate among its modules.
pub(super) const ROOT: usize = 0;

/// The segments of a path, `crate`, `self` and `super` included.
pub(super) type Segments = Vec<String>;

/// A module.
#[derive(Debug)]
pub(super) struct Module {
    /// Its name, or that of the crate for the root.
    pub(super) name: String,
    pub(super) parent: Option<usize>,
    /// The module whose file holds this one: itself unless it is written inside another.
    pub(super) owner: usize,
    pub(super) file: PathBuf,
    pub(super) children: BTreeMap<String, usize>,
    /// Names of what it declares, modules and imports excepted.
    pub(super) items: BTreeSet<String>,
    /// What `use` brings into scope, by the name it has here.
    pub(super) imports: BTreeMap<String, Segments>,
    /// Paths of which everything is brought into scope.
    pub(super) globs: Vec<Segments>,
    /// Every path that is written in it.
    pub(super) uses: Vec<Use>,
}

/// A path where it is written.
#[derive(Debug)]
pub(super) struct Use {
    pub(super) path: Segments,
    pub(super) line: usize,
}

/// Reads the crate `name` from its root file. What only tests compile is left out.
pub(super) fn read(name: &str, root: &Path) -> Result<Vec<Module>> {
    let mut crate_ = Reader { modules: Vec::new() };
    crate_.file(name, None, root)?;
    Ok(crate_.modules)
}

/// The same from one text, whose modules are all written inside it.
#[cfg(test)]
pub(super) fn read_text(text: &str) -> Vec<Module> {
    let mut crate_ = Reader { modules: Vec::new() };
    crate_.text("example", None, Path::new("lib.rs"), text).unwrap();
    for number in 0..crate_.modules.len() {
        crate_.modules[number].owner = number;
    }
    crate_.modules
}

struct Reader {
    modules: Vec<Module>,
}

impl Reader {
    fn file(&mut self, name: &str, parent: Option<usize>, file: &Path) -> Result<usize> {
        let text = fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
        self.text(name, parent, file, &text)
    }

    fn text(&mut self, name: &str, parent: Option<usize>, file: &Path, text: &str) -> Result<usize> {
        let parsed = syn::parse_file(text).with_context(|| format!("{} cannot be parsed", file.display()))?;
        let stem = file.file_stem().unwrap_or_default();
        let folder = file.parent().unwrap_or(file);
        let has_folder = ["lib", "main", "mod"].iter().any(|known| stem == *known);
        let children = if parent.is_none() || has_folder {
            folder.to_owned()
        } else {
            folder.join(stem)
        };
        let number = self.add(name, parent, None, file);
        self.items(number, &children, &parsed.items)?;
        Ok(number)
    }

    fn add(&mut self, name: &str, parent: Option<usize>, owner: Option<usize>, file: &Path) -> usize {
        let number = self.modules.len();
        self.modules.push(Module {
            name: name.to_owned(),
            parent,
            owner: owner.unwrap_or(number),
            file: file.to_owned(),
            children: BTreeMap::new(),
            items: BTreeSet::new(),
            imports: BTreeMap::new(),
            globs: Vec::new(),
            uses: Vec::new(),
        });
        if let Some(parent) = parent {
            self.modules[parent].children.insert(name.to_owned(), number);
        }
        number
    }

    /// Reads `items` of the module `number`, whose children have their files in `folder`.
    fn items(&mut self, number: usize, folder: &Path, items: &[Item]) -> Result<()> {
        for item in items.iter().filter(|item| !is_for_tests(attributes(item))) {
            let Item::Mod(module) = item else {
                Paths(&mut self.modules[number]).visit_item(item);
                if let Some(name) = declared(item) {
                    self.modules[number].items.insert(name.to_string());
                }
                continue;
            };
            let name = module.ident.to_string();
            if let Some((_, items)) = &module.content {
                let (owner, file) = (self.modules[number].owner, self.modules[number].file.clone());
                let inner = self.add(&name, Some(number), Some(owner), &file);
                self.items(inner, &folder.join(&name), items)?;
            } else {
                if module
                    .attrs
                    .iter()
                    .any(|attribute| attribute.path().is_ident("path"))
                {
                    bail!("module {name} is at a path of its own, which is not understood here");
                }
                let flat = folder.join(format!("{name}.rs"));
                let file = if flat.is_file() {
                    flat
                } else {
                    folder.join(&name).join("mod.rs")
                };
                self.file(&name, Some(number), &file)?;
            }
        }
        Ok(())
    }
}

/// Collects the paths of items into a module.
struct Paths<'a>(&'a mut Module);

impl Paths<'_> {
    fn import(&mut self, before: &[String], tree: &UseTree, line: usize) {
        let with = |name: &Ident| [before, &[name.to_string()]].concat();
        match tree {
            UseTree::Path(path) => self.import(&with(&path.ident), &path.tree, line),
            UseTree::Group(group) => group
                .items
                .iter()
                .for_each(|tree| self.import(before, tree, line)),
            UseTree::Glob(_) => {
                self.used(before.to_vec(), line);
                self.0.globs.push(before.to_vec());
            }
            UseTree::Name(name) => self.import_as(before, &name.ident, &name.ident, line),
            UseTree::Rename(rename) => self.import_as(before, &rename.ident, &rename.rename, line),
        }
    }

    fn import_as(&mut self, before: &[String], name: &Ident, known_as: &Ident, line: usize) {
        // `use a::b::{self}` imports `b`.
        let is_itself = name == "self" && !before.is_empty();
        let mut path = before.to_vec();
        if !is_itself {
            path.push(name.to_string());
        }
        let local = match path.last() {
            Some(last) if is_itself && known_as == "self" => last.clone(),
            _ => known_as.to_string(),
        };
        self.used(path.clone(), line);
        self.0.imports.insert(local, path);
    }

    fn used(&mut self, path: Segments, line: usize) {
        self.0.uses.push(Use { path, line });
    }

    /// Paths in what a macro is given, which is not parsed.
    fn tokens(&mut self, tokens: TokenStream) {
        let mut path: Segments = Vec::new();
        let mut line = 0;
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Ident(name) => {
                    if colons != 2 {
                        self.end(&mut path, line);
                        line = name.span().start().line;
                    }
                    path.push(name.to_string());
                    colons = 0;
                }
                TokenTree::Punct(sign) if sign.as_char() == ':' => colons += 1,
                TokenTree::Group(group) => {
                    if group.delimiter() != Delimiter::None {
                        self.end(&mut path, line);
                        colons = 0;
                    }
                    self.tokens(group.stream());
                }
                _ => {
                    self.end(&mut path, line);
                    colons = 0;
                }
            }
        }
        self.end(&mut path, line);
    }

    fn end(&mut self, path: &mut Segments, line: usize) {
        // One name alone is a variable as often as anything else.
        if path.len() > 1 {
            self.used(std::mem::take(path), line);
        }
        path.clear();
    }
}

impl<'ast> Visit<'ast> for Paths<'_> {
    fn visit_item(&mut self, item: &'ast Item) {
        if !is_for_tests(attributes(item)) {
            syn::visit::visit_item(self, item);
        }
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        if !is_for_tests(&function.attrs) {
            syn::visit::visit_impl_item_fn(self, function);
        }
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        // With `::` in front it is another crate for certain.
        if item.leading_colon.is_none() {
            self.import(&[], &item.tree, item.use_token.span.start().line);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if let (None, Some(first)) = (&path.leading_colon, path.segments.first()) {
            let segments = path.segments.iter().map(|segment| segment.ident.to_string());
            self.used(segments.collect(), first.ident.span().start().line);
        }
        syn::visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, called: &'ast syn::Macro) {
        self.visit_path(&called.path);
        self.tokens(called.tokens.clone());
    }
}

/// Whether only tests compile what has these attributes.
fn is_for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let syn::Meta::List(list) = &attribute.meta else {
            return false;
        };
        let condition = list.tokens.to_string();
        list.path.is_ident("cfg") && (condition == "test" || condition.starts_with("all (test"))
    })
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

/// The name of what an item declares.
fn declared(item: &Item) -> Option<&Ident> {
    match item {
        Item::Const(item) => Some(&item.ident),
        Item::Enum(item) => Some(&item.ident),
        Item::Fn(item) => Some(&item.sig.ident),
        Item::Macro(item) => item.ident.as_ref(),
        Item::Static(item) => Some(&item.ident),
        Item::Struct(item) => Some(&item.ident),
        Item::Trait(item) => Some(&item.ident),
        Item::Type(item) => Some(&item.ident),
        Item::Union(item) => Some(&item.ident),
        _ => None,
    }
}
