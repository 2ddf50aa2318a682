//! Which module a path leads to, through imports and re-exports.

use super::modules::{Module, ROOT};

/// Re-exports followed one after the other; more are a re-export of itself.
const MAXIMUM_STEPS: usize = 32;

/// What a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Found {
    Module(usize),
    /// Something that this module declares.
    ItemOf(usize),
    /// Something of another crate.
    Foreign,
}

/// The module that `path`, written in the module `from`, leads to: the one it names, or the one that
/// declares what it names. `None` for what is not in this crate.
pub(super) fn target(modules: &[Module], from: usize, path: &[String]) -> Option<usize> {
    match resolve(modules, from, path, MAXIMUM_STEPS)? {
        Found::Module(module) | Found::ItemOf(module) => Some(module),
        Found::Foreign => None,
    }
}

fn resolve(modules: &[Module], from: usize, path: &[String], steps: usize) -> Option<Found> {
    let steps = steps.checked_sub(1)?;
    let (first, mut rest) = path.split_first()?;
    let (mut place, is_certain) = match first.as_str() {
        "crate" => (Found::Module(ROOT), true),
        "self" => (Found::Module(from), true),
        "super" => (Found::Module(modules[from].parent?), true),
        name => (lookup(modules, from, name, steps)?, false),
    };
    while let (Found::Module(module), Some((name, after))) = (place, rest.split_first()) {
        rest = after;
        place = match name.as_str() {
            "super" => Found::Module(modules[module].parent?),
            "self" => place,
            // What a macro declares is not seen, but it is declared there.
            name => lookup(modules, module, name, steps)
                .or_else(|| is_certain.then_some(Found::ItemOf(module)))?,
        };
    }
    Some(place)
}

/// What `name` stands for in the scope of `module`.
fn lookup(modules: &[Module], module: usize, name: &str, steps: usize) -> Option<Found> {
    let steps = steps.checked_sub(1)?;
    let scope = &modules[module];
    if let Some(child) = scope.children.get(name) {
        return Some(Found::Module(*child));
    }
    if scope.items.contains(name) {
        return Some(Found::ItemOf(module));
    }
    if let Some(path) = scope.imports.get(name) {
        // `use redis;` and the like name another crate by the very name they bring into scope.
        let is_itself = path.len() == 1 && path[0] == name;
        let found = if is_itself {
            None
        } else {
            resolve(modules, module, path, steps)
        };
        return Some(found.unwrap_or(Found::Foreign));
    }
    scope
        .globs
        .iter()
        .find_map(|path| match resolve(modules, module, path, steps)? {
            Found::Module(all) if all != module => lookup(modules, all, name, steps),
            _ => None,
        })
}

#[cfg(test)]
mod tests {
    use super::{super::modules::read_text, *};

    const CRATE: &str = "
        mod ports { pub mod store { pub struct Scope; } pub use self::store::Scope as Whose; }
        pub use ports::store;
        pub use other::thing;
        mod all { pub use super::ports::*; }
        mod user { use crate::all; use redis::Client; }
        mod redis {}
    ";

    fn leads_to(from: &str, path: &str) -> Option<String> {
        let modules = read_text(CRATE);
        let from = modules.iter().position(|module| module.name == from).unwrap();
        let path: Vec<String> = path.split("::").map(str::to_owned).collect();
        target(&modules, from, &path).map(|module| modules[module].name.clone())
    }

    #[test]
    fn a_path_is_followed_through_re_exports() {
        for (path, module) in [
            ("crate::ports::store::Scope", "store"),
            ("crate::store::Scope::owner", "store"),
            ("crate::store", "store"),
            ("crate::ports::Whose", "store"),
            ("all::Whose", "store"),
            ("super::all::store::Scope", "store"),
            ("crate::ports::made_by_a_macro", "ports"),
            ("super::redis", "redis"),
        ] {
            assert_eq!(leads_to("user", path).as_deref(), Some(module), "{path}");
        }
    }

    #[test]
    fn other_crates_are_told_apart() {
        for path in ["std::fmt", "redis::Client", "crate::thing", "Client", "variable"] {
            assert_eq!(leads_to("user", path), None, "{path}");
        }
    }
}
