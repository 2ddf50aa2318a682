//! Items of a list.

use std::ops::Range;

use ocr_core::model::Line;

use super::MAX_LEVELS;
use super::marker::{Found, Marker, markers};

/// How much farther from the margin an item begins than the one that it is a part of, as a share of the page's width. On
/// A4 that is 3 mm: more than the width of a digit, by which numbers that end at one place begin apart.
const MIN_INDENT: f32 = 0.015;

/// An item of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListItem {
    /// What marks it, where something does.
    pub marker: Option<Marker>,
    /// In how many lists the list stands that it is in; 0 for one that stands alone. An item is a part of the nearest
    /// one before it of a lower level.
    pub level: usize,
    /// Which of the lines are its own.
    pub lines: Range<usize>,
    /// Where its text begins in the first of them, in bytes.
    start: usize,
}

impl ListItem {
    /// What marks it, as it stands in `lines`, those that it was found in; empty where nothing does.
    pub fn sign<'a>(&self, lines: &'a [Line]) -> &'a str {
        let first = lines.get(self.lines.start);
        first
            .and_then(|line| line.text.get(..self.start))
            .unwrap_or_default()
            .trim()
    }

    /// Its text, line by line, without the marker and without lines that have none. `lines` are those that it was found
    /// in.
    pub fn texts<'a>(&self, lines: &'a [Line]) -> impl Iterator<Item = &'a str> {
        let own = lines.get(self.lines.clone()).unwrap_or_default();
        let start = self.start;
        own.iter().enumerate().filter_map(move |(index, line)| {
            let text = if index == 0 {
                line.text.get(start..)?
            } else {
                &line.text
            };
            Some(text.trim()).filter(|text| !text.is_empty())
        })
    }
}

/// The items that `lines`, those of a list, are. A line without a marker goes on with the item before it; where there is
/// none before it, it is an item of its own.
pub fn list_items(lines: &[Line]) -> Vec<ListItem> {
    let mut items: Vec<ListItem> = Vec::new();
    let mut open = Levels::default();
    for (index, line) in lines.iter().enumerate() {
        let found = open.likeliest(&markers(&line.text));
        let is_empty = line.text.trim().is_empty();
        match (found, items.last_mut()) {
            (Some(found), _) => {
                let level = open.place(found.marker, line.polygon.bounds().left);
                items.push(ListItem {
                    marker: Some(found.marker),
                    level,
                    lines: index..index + 1,
                    start: found.text,
                });
            }
            (None, Some(item)) if item.marker.is_some() || is_empty => item.lines.end = index + 1,
            (None, _) if is_empty => {}
            (None, _) => items.push(ListItem {
                marker: None,
                level: 0,
                lines: index..index + 1,
                start: 0,
            }),
        }
    }
    items
}

/// The lists that are open, the outermost first: where their last item begins, and its marker.
#[derive(Debug, Default)]
struct Levels(Vec<(f32, Marker)>);

impl Levels {
    /// Of what a line may be marked with, what goes on with an open list, or else the likeliest.
    fn likeliest(&self, found: &[Found]) -> Option<Found> {
        let goes_on = |found: &&Found| self.0.iter().any(|(_, last)| found.marker.follows(last));
        found.iter().find(goes_on).or(found.first()).copied()
    }

    /// The level of an item that begins at `left`.
    fn place(&mut self, marker: Marker, left: f32) -> usize {
        while self.0.len() > 1 && self.0.last().is_some_and(|(last, _)| left < last - MIN_INDENT) {
            self.0.pop();
        }
        let is_deeper = self
            .0
            .last()
            .is_none_or(|(last, before)| left > last + MIN_INDENT && !marker.follows(before));
        if is_deeper && self.0.len() < MAX_LEVELS {
            self.0.push((left, marker));
        } else if let Some(last) = self.0.last_mut() {
            *last = (left, marker);
        }
        self.0.len().saturating_sub(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lists::MarkerStyle;
    use ocr_core::model::Polygon;

    fn lines(texts: &[(&str, f32)]) -> Vec<Line> {
        let line = |(text, left): &(&str, f32)| {
            Line::new(*text, Polygon::from_box(*left, 0.1, 0.9, 0.12), 1.0, vec![])
        };
        texts.iter().map(line).collect()
    }

    fn texts(all: &[(&str, f32)]) -> Vec<(usize, String)> {
        let lines = lines(all);
        let items = list_items(&lines).into_iter();
        items
            .map(|item| (item.level, item.texts(&lines).collect::<Vec<_>>().join("|")))
            .collect()
    }

    fn flat(all: &[&str]) -> Vec<String> {
        let all: Vec<(&str, f32)> = all.iter().map(|text| (*text, 0.1)).collect();
        texts(&all).into_iter().map(|(_, text)| text).collect()
    }

    #[test]
    fn markers_are_taken_off_and_lines_without_one_go_on() {
        let found = flat(&[
            "3. three",
            " goes on ",
            "",
            "4. four",
            "• dot",
            "•tight",
            "- dash",
        ]);
        assert_eq!(found, ["three|goes on", "four", "dot", "tight", "dash"]);
    }

    #[test]
    fn lines_without_any_marker_are_items() {
        assert_eq!(flat(&["first", "", "second"]), ["first", "second"]);
        assert_eq!(flat(&["intro", "1. one", "more"]), ["intro", "one|more"]);
        assert_eq!(flat(&["1999 was", "e.g. this", "Mr. X"]).len(), 3);
    }

    #[test]
    fn indentation_nests() {
        let found = texts(&[
            ("1. one", 0.1),
            ("a) first", 0.14),
            ("more of it", 0.16),
            ("b) second", 0.14),
            ("• dot", 0.18),
            ("2. two", 0.1),
        ]);
        let levels: Vec<usize> = found.iter().map(|(level, _)| *level).collect();
        assert_eq!(levels, [0, 1, 1, 2, 0]);
        assert_eq!(found[1].1, "first|more of it");
    }

    #[test]
    fn numbers_that_end_at_one_place_are_of_one_level() {
        let found = texts(&[
            ("9. nine", 0.12),
            ("10. ten", 0.1),
            ("• dot", 0.2),
            ("100. far", 0.08),
        ]);
        assert_eq!(
            found.iter().map(|(level, _)| *level).collect::<Vec<_>>(),
            [0, 0, 1, 0]
        );
        assert_eq!(texts(&[("9. x", 0.1), ("10. y", 0.13)])[1].0, 0);
    }

    #[test]
    fn letters_and_roman_numbers_are_told_apart_by_what_they_follow() {
        let style = |all: &[&str]| {
            let all: Vec<(&str, f32)> = all.iter().map(|text| (*text, 0.1)).collect();
            list_items(&lines(&all)).last().unwrap().marker.unwrap()
        };
        assert_eq!(
            style(&["h. x", "i. y"]).style,
            MarkerStyle::Letter { upper: false }
        );
        assert_eq!(
            style(&["(i) x", "(ii) y"]).style,
            MarkerStyle::Roman { upper: false }
        );
        assert_eq!(style(&["IV) x", "V) y"]).number, 5);
        assert_eq!(style(&["C. x"]).number, 3);
    }
}
