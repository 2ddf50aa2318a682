//! Lists out of what lines begin with and where: bullets, numbers and letters that go on from line to line.

mod items;
mod marker;

use ocr_core::model::{BlockKind, Line, PageText};

use crate::regroup::{Found, regroup};
use marker::markers;

pub use items::{ListItem, list_items};
pub use marker::{Marker, MarkerStyle};

/// Maximum number of lines of a list; a page has fewer.
const MAX_LINES: usize = 400;
/// Maximum number of lists inside one another.
const MAX_LEVELS: usize = 6;
/// Minimum indentation of what belongs to an item, in heights of a line.
const MIN_INDENT: f32 = 0.4;
/// Maximum empty space between lines of a list, in heights of a line.
const MAX_GAP: f32 = 2.5;
/// Minimum number of items.
const MIN_ITEMS: usize = 2;
/// Minimum number of items where a single one may be something else, such as the initials of a name, or where only the
/// first is not inside another.
const MIN_DOUBTFUL: usize = 3;

/// Makes lists of the lines of paragraphs that are marked as items, and splits their paragraphs there. An item is marked
/// by a bullet, or by a number or letter that goes on with the one before it; lines that are indented below it are its
/// own. What stands alone is no list: a year, the initials of a name, a date at the beginning of a line.
///
/// Lines keep their order, each is in one block still. [`list_items`] tells the items of the list.
pub fn find_lists(page: &mut PageText) {
    let aspect = page.width.max(1) as f32 / page.height.max(1) as f32;
    let lines: Vec<Option<Entry>> = page
        .blocks
        .iter()
        .enumerate()
        .flat_map(|(index, block)| {
            let is_text = block.kind == BlockKind::Paragraph && block.table.is_none();
            let entry = move |line| is_text.then(|| Entry::of(line, index, aspect));
            block.lines.iter().map(entry)
        })
        .collect();
    let (mut found, mut at) = (Vec::new(), 0);
    while at < lines.len() {
        let count = Run::at(&lines[at..]);
        found.extend(count.map(|count| Found {
            start: at,
            count,
            kind: BlockKind::List,
            table: None,
        }));
        at += count.unwrap_or(1);
    }
    regroup(page, found);
}

/// A line of a paragraph.
#[derive(Debug)]
struct Entry {
    block: usize,
    left: f32,
    top: f32,
    bottom: f32,
    /// What it may be marked with.
    markers: Vec<Marker>,
    /// An indentation of the size of its text, as a share of the page's width.
    indent: f32,
}

impl Entry {
    fn of(line: &Line, block: usize, aspect: f32) -> Self {
        let bounds = line.polygon.bounds();
        let says_something = |found: &marker::Found| {
            let rest = &line.text[found.text..];
            // A dash before an amount, or in a dialogue, is none.
            !found.is_weak || (rest.contains(char::is_alphabetic) && !line.text.starts_with('\u{2014}'))
        };
        let found = markers(&line.text).into_iter().filter(says_something);
        Self {
            block,
            left: bounds.left,
            top: bounds.top,
            bottom: bounds.bottom,
            markers: found.map(|found| found.marker).collect(),
            indent: MIN_INDENT * bounds.height() / aspect,
        }
    }

    /// Whether it stands right below `above`.
    fn is_below(&self, above: &Self) -> bool {
        let height = (self.bottom - self.top).max(above.bottom - above.top);
        let gap = self.top - above.bottom;
        self.top > above.top && gap <= MAX_GAP * height
    }
}

/// A list whose last item is not known yet.
#[derive(Debug)]
struct Open {
    left: f32,
    block: usize,
    /// What the last item may be marked with: letters and Roman numbers are told apart by what follows.
    markers: Vec<Marker>,
}

/// What a line is to a list.
enum Role {
    /// An item of the list of this level.
    Item(usize),
    /// The first item of a list inside the last item of the list of this level.
    Inner(usize),
    /// The item before it goes on, farther from the margin than its marker.
    Indented,
    /// The item before it may go on: the line begins where its marker does.
    Flush,
}

/// Items one after the other.
#[derive(Debug, Default)]
struct Run {
    open: Vec<Open>,
    /// How many items there are, and how many of them are in no other.
    items: usize,
    outer: usize,
    /// How many lines are in it for sure.
    end: usize,
    /// Whether lines of an item begin where its marker does, as an item after them shows.
    is_flush: bool,
    was_flush: bool,
}

impl Run {
    /// How many of `lines` the list has that begins with the first of them; `None` where none does.
    fn at(lines: &[Option<Entry>]) -> Option<usize> {
        let first = lines
            .first()?
            .as_ref()
            .filter(|first| !first.markers.is_empty())?;
        let mut run = Self::default();
        run.enter(first, 0, 0);
        let mut above = first;
        let rest = lines.iter().map_while(Option::as_ref).take(MAX_LINES);
        for (index, line) in rest.enumerate().skip(1) {
            let Some(role) = run.role(line).filter(|_| line.is_below(above)) else {
                break;
            };
            match role {
                Role::Item(level) => run.enter(line, level, index),
                Role::Inner(level) => run.enter(line, level + 1, index),
                Role::Indented => {
                    // After a flush line, it is the first line of a paragraph.
                    if run.was_flush {
                        break;
                    }
                    run.end = index + 1;
                }
                Role::Flush => {
                    run.was_flush = true;
                    if run.is_flush {
                        run.end = index + 1;
                    }
                }
            }
            above = line;
        }
        run.is_list(first).then_some(run.end)
    }

    /// Takes in an item of the list of this level, which is one that is open or the next one.
    fn enter(&mut self, line: &Entry, level: usize, index: usize) {
        let before = self.open.get(level);
        // Only what goes on with the one before; of the first item, all that it may be.
        let goes_on = |marker: &&Marker| {
            before.is_none_or(|before| before.markers.iter().any(|before| goes_on(before, marker)))
        };
        let markers = line.markers.iter().filter(goes_on).copied().collect();
        self.open.truncate(level);
        self.open.push(Open {
            left: line.left,
            block: line.block,
            markers,
        });
        self.items += 1;
        self.outer += usize::from(level == 0);
        self.end = index + 1;
        self.is_flush |= self.was_flush;
        self.was_flush = false;
    }

    /// What a line is to the list; `None` where the list ends before it.
    fn role(&self, line: &Entry) -> Option<Role> {
        let nearest = self
            .open
            .iter()
            .rposition(|open| line.left >= open.left - line.indent);
        // Numbers that end at one place begin apart.
        let follows = |open: &Open| {
            open.markers
                .iter()
                .any(|before| line.markers.iter().any(|m| m.follows(before)))
        };
        if let Some(level) = self.open.iter().rposition(follows)
            && (line.left - self.open[level].left).abs() <= 3.0 * line.indent
        {
            return Some(Role::Item(level));
        }
        let level = nearest?;
        let open = &self.open[level];
        let is_deeper = line.left > open.left + line.indent;
        let continues = |marker: &Marker| open.markers.iter().any(|before| goes_on(before, marker));
        let begins = |marker: &Marker| marker.style == MarkerStyle::Bullet || marker.number == 1;
        if is_deeper {
            let is_inner = line.markers.iter().any(begins) && level + 1 < MAX_LEVELS;
            return Some(if is_inner {
                Role::Inner(level)
            } else {
                Role::Indented
            });
        }
        if line.markers.iter().any(continues) {
            return Some(Role::Item(level));
        }
        // Another marker is another list.
        let may_go_on = line.markers.is_empty() && open.block == line.block && level + 1 == self.open.len();
        may_go_on.then_some(Role::Flush)
    }

    fn is_list(&self, first: &Entry) -> bool {
        let is_sure = |marker: &Marker| match marker.style {
            MarkerStyle::Bullet | MarkerStyle::Decimal => true,
            // Names begin with letters and a full stop too.
            MarkerStyle::Letter { .. } | MarkerStyle::Roman { .. } => marker.around.1 == ")",
        };
        let begins = |marker: &Marker| marker.number == 1;
        if first.markers.iter().any(is_sure) {
            return self.outer >= MIN_ITEMS || self.items >= MIN_DOUBTFUL;
        }
        self.outer >= MIN_DOUBTFUL && first.markers.iter().any(begins)
    }
}

/// Whether an item of `marker` goes on with one of `before`: bullets always, numbers also where one was not read.
fn goes_on(before: &Marker, marker: &Marker) -> bool {
    let is_next = marker.style == MarkerStyle::Bullet
        || (before.number + 1..=before.number + 2).contains(&marker.number);
    marker.is_like(before) && is_next
}

#[cfg(test)]
mod tests;
