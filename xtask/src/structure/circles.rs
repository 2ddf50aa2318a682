//! Modules that use one another in a circle.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    fmt,
};

use super::{
    modules::{Module, ROOT},
    names,
};
use crate::process::root;

/// Modules with the same parent, each of which uses the next, and the last the first. What they hold
/// counts as theirs.
#[derive(Debug)]
pub(super) struct Circle(Vec<Arrow>);

/// One module uses another.
#[derive(Debug, Clone)]
struct Arrow {
    from: String,
    to: String,
    /// Where that can be seen first: file, line and what is written there.
    seen: String,
}

impl fmt::Display for Circle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.0.iter().map(|arrow| arrow.from.as_str());
        let names: Vec<&str> = names
            .chain(self.0.first().map(|arrow| arrow.from.as_str()))
            .collect();
        write!(f, "{}", names.join(" -> "))?;
        for arrow in &self.0 {
            write!(f, "\n    {} uses {}: {}", arrow.from, arrow.to, arrow.seen)?;
        }
        Ok(())
    }
}

/// The arrows between modules with the same parent.
type Graph = BTreeMap<usize, BTreeMap<usize, Arrow>>;

/// The circles between the modules of a crate: of each set of modules the shortest.
///
/// A parent and what is below it are one thing: that it uses and re-exports its children while they
/// use what it declares is no circle.
pub(super) fn find(modules: &[Module]) -> Vec<Circle> {
    let mut levels: BTreeMap<usize, Graph> = BTreeMap::new();
    for (number, module) in modules.iter().enumerate() {
        for used in &module.uses {
            let Some(target) = names::target(modules, number, &used.path) else {
                continue;
            };
            let Some((parent, from, to)) = siblings(modules, module.owner, modules[target].owner) else {
                continue;
            };
            let arrows = levels.entry(parent).or_default().entry(from).or_default();
            arrows.entry(to).or_insert_with(|| Arrow {
                from: path(modules, from),
                to: path(modules, to),
                seen: format!(
                    "{}:{}: {}",
                    module.file.strip_prefix(root()).unwrap_or(&module.file).display(),
                    used.line,
                    used.path.join("::")
                ),
            });
        }
    }
    levels.values().flat_map(in_graph).collect()
}

/// The modules side by side that hold `from` and `to`, and their parent; `None` when one of the two
/// holds the other.
fn siblings(modules: &[Module], from: usize, to: usize) -> Option<(usize, usize, usize)> {
    let (from, to) = (line_of(modules, from), line_of(modules, to));
    let shared = from
        .iter()
        .zip(&to)
        .take_while(|(one, other)| one == other)
        .count();
    Some((
        *from.get(shared.checked_sub(1)?)?,
        *from.get(shared)?,
        *to.get(shared)?,
    ))
}

/// A module and what it is in, from the root down.
fn line_of(modules: &[Module], module: usize) -> Vec<usize> {
    let mut line: Vec<usize> =
        std::iter::successors(Some(module), |module| modules[*module].parent).collect();
    line.reverse();
    line
}

fn path(modules: &[Module], module: usize) -> String {
    let line = line_of(modules, module);
    let names: Vec<&str> = line
        .iter()
        .filter(|module| **module != ROOT)
        .map(|module| modules[*module].name.as_str())
        .collect();
    names.join("::")
}

fn in_graph(graph: &Graph) -> Vec<Circle> {
    let mut known = BTreeSet::new();
    let mut circles = Vec::new();
    for start in graph.keys() {
        let Some(circle) = shortest(graph, *start) else {
            continue;
        };
        let members: BTreeSet<&str> = circle.iter().map(|arrow| arrow.from.as_str()).collect();
        let members: Vec<String> = members.into_iter().map(str::to_owned).collect();
        if known.insert(members) {
            circles.push(Circle(circle));
        }
    }
    circles
}

/// The shortest way from `start` back to it.
fn shortest(graph: &Graph, start: usize) -> Option<Vec<Arrow>> {
    let mut came_from: BTreeMap<usize, usize> = BTreeMap::new();
    let mut waiting = VecDeque::from([start]);
    while let Some(module) = waiting.pop_front() {
        for next in graph.get(&module).into_iter().flat_map(BTreeMap::keys) {
            if came_from.contains_key(next) {
                continue;
            }
            came_from.insert(*next, module);
            if *next != start {
                waiting.push_back(*next);
                continue;
            }
            let mut circle = Vec::new();
            let mut to = start;
            loop {
                let from = *came_from.get(&to)?;
                circle.push(graph.get(&from)?.get(&to)?.clone());
                to = from;
                if to == start {
                    circle.reverse();
                    return Some(circle);
                }
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{super::modules::read_text, *};

    fn circles(text: &str) -> Vec<String> {
        let found = find(&read_text(text));
        found
            .iter()
            .filter_map(|circle| circle.to_string().lines().next().map(str::to_owned))
            .collect()
    }

    #[test]
    fn two_that_use_one_another_are_a_circle() {
        let text = "
            mod notify { use crate::store::Scope; pub struct Topic; }
            mod store { pub struct Scope; fn tell() { crate::notify::Topic; } }
        ";
        assert_eq!(circles(text), ["notify -> store -> notify"]);
    }

    #[test]
    fn a_circle_by_way_of_re_exports_macros_and_children_is_found() {
        let text = "
            mod a { pub mod deep { use crate::Two; } pub struct One; }
            mod b { pub struct Two; mod deep { fn f() { println!(\"{}\", crate::c::three()); } } }
            mod c { use super::a; pub fn three() { a::One; } }
            pub use b::Two;
        ";
        assert_eq!(circles(text), ["a -> b -> c -> a"]);
    }

    #[test]
    fn a_parent_and_its_children_are_no_circle() {
        let text = "
            mod worker {
                mod process { use super::Config; use super::outcome::Outcome; }
                mod outcome { pub struct Outcome; }
                pub use process::run;
                pub struct Config;
            }
        ";
        assert_eq!(circles(text), Vec::<String>::new());
    }

    #[test]
    fn what_only_tests_use_does_not_count() {
        let text = "
            mod a { use super::b::B; pub struct A; }
            mod b { pub struct B; #[cfg(test)] mod tests { use crate::a::A; } #[cfg(test)] use crate::a; }
        ";
        assert_eq!(circles(text), Vec::<String>::new());
    }
}
