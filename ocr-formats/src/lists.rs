//! Lists as they lie inside one another.

use ocr_core::model::Line;
use ocr_layout::{ListItem, Marker, MarkerStyle, list_items};

/// Items that are marked alike, one after the other.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct List<'a> {
    /// What marks the first of them; `None` where nothing does.
    pub(crate) marker: Option<Marker>,
    pub(crate) items: Vec<Item<'a>>,
}

impl List<'_> {
    /// Whether its items have numbers or letters.
    pub(crate) fn is_ordered(&self) -> bool {
        self.marker
            .is_some_and(|marker| marker.style != MarkerStyle::Bullet)
    }
}

/// An item of a list.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Item<'a> {
    pub(crate) marker: Option<Marker>,
    /// What marks it, as it is on the page.
    pub(crate) sign: &'a str,
    /// Its text, lines joined, without what marks it.
    pub(crate) text: String,
    /// Which of the lines of the block it has, without those of inner lists.
    pub(crate) lines: std::ops::Range<usize>,
    /// The lists inside it.
    pub(crate) inner: Vec<List<'a>>,
}

/// The lists that `lines`, those of a block, are. Where their markers change, another list begins.
pub(crate) fn lists(lines: &[Line]) -> Vec<List<'_>> {
    nested(&list_items(lines), lines, 0)
}

/// The lists of `items`, none of which is of a lower level than this.
fn nested<'a>(items: &[ListItem], lines: &'a [Line], level: usize) -> Vec<List<'a>> {
    let mut lists: Vec<List> = Vec::new();
    let mut rest = items;
    while let Some((first, after)) = rest.split_first() {
        let inner = after.iter().take_while(|item| item.level > level).count();
        let item = Item {
            marker: first.marker,
            sign: first.sign(lines),
            text: first.texts(lines).collect::<Vec<_>>().join(" "),
            lines: first.lines.clone(),
            inner: nested(&after[..inner], lines, level + 1),
        };
        rest = &after[inner..];
        match lists.last_mut() {
            Some(list) if is_alike(list.marker, item.marker) => list.items.push(item),
            _ => lists.push(List {
                marker: item.marker,
                items: vec![item],
            }),
        }
    }
    lists
}

fn is_alike(list: Option<Marker>, item: Option<Marker>) -> bool {
    match (list, item) {
        (Some(list), Some(item)) => item.is_like(&list),
        (None, None) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ocr_core::model::Polygon;

    fn lines(texts: &[(&str, f32)]) -> Vec<Line> {
        let line = |(text, left): &(&str, f32)| {
            Line::new(*text, Polygon::from_box(*left, 0.1, 0.9, 0.12), 1.0, vec![])
        };
        texts.iter().map(line).collect()
    }

    #[test]
    fn lists_hold_those_inside_them_and_end_where_markers_change() {
        let lines = lines(&[
            ("1. one", 0.1),
            ("more", 0.1),
            ("- dash", 0.15),
            ("2. two", 0.1),
            ("a) letter", 0.1),
        ]);
        let lists = lists(&lines);
        assert_eq!(lists.len(), 2);
        assert!(lists[0].is_ordered() && lists[1].is_ordered());
        let [one, two] = &lists[0].items[..] else {
            panic!("two items");
        };
        assert_eq!(
            (one.sign, one.text.as_str(), one.lines.clone()),
            ("1.", "one more", 0..2)
        );
        assert_eq!(one.inner[0].items[0].text, "dash");
        assert_eq!(two.text, "two");
        assert_eq!(lists[1].items[0].sign, "a)");
    }
}
