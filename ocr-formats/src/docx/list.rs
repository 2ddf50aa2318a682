//! Lists whose markers are Word's own.

use docx_rs::{
    AbstractNumbering, Docx, IndentLevel, Level, LevelJc, LevelText, NumberFormat, Numbering, NumberingId,
    Paragraph, SpecialIndentType, Start,
};
use ocr_core::model::Line;
use ocr_layout::{ListItem, Marker, MarkerStyle, list_items};

/// The library's own list has the first number.
const FIRST_ID: usize = 2;

/// Indent of items, in twips; those of inner lists have it once more for each list that they are in.
const INDENT: i32 = 420;

/// What stands before items that have a bullet, or nothing.
const BULLET: &str = "\u{2022}";

/// What a style is called in the format.
fn name(marker: Option<Marker>) -> &'static str {
    match marker.map(|marker| marker.style) {
        Some(MarkerStyle::Decimal) => "decimal",
        Some(MarkerStyle::Letter { upper: false }) => "lowerLetter",
        Some(MarkerStyle::Letter { upper: true }) => "upperLetter",
        Some(MarkerStyle::Roman { upper: false }) => "lowerRoman",
        Some(MarkerStyle::Roman { upper: true }) => "upperRoman",
        _ => "bullet",
    }
}

/// Where an item is: the number of its list, and in how many lists that is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    list: usize,
    level: usize,
}

/// A list: what marks its first item, and its level.
#[derive(Debug)]
struct List {
    marker: Option<Marker>,
    level: usize,
}

/// The lists of a document.
#[derive(Debug, Default)]
pub(super) struct Lists {
    lists: Vec<List>,
    /// For each level, the list that is open there and the marker of its last item.
    open: Vec<Option<(usize, Option<Marker>)>>,
}

impl Lists {
    /// The items of a block with these lines, each with its lines.
    pub(super) fn items<'a>(&mut self, lines: &'a [Line]) -> Vec<(Place, Vec<&'a str>)> {
        self.open.clear();
        let items = list_items(lines).into_iter();
        items
            .map(|item| (self.place(&item), item.texts(lines).collect()))
            .collect()
    }

    /// The list that `item` goes on with or begins.
    fn place(&mut self, item: &ListItem) -> Place {
        let level = item.level;
        self.open.resize(level + 1, None);
        let known = self.open[level].filter(|(_, last)| match (last, item.marker) {
            (Some(last), Some(marker)) if marker.style == MarkerStyle::Bullet => marker.is_like(last),
            (Some(last), Some(marker)) => marker.follows(last),
            (None, None) => true,
            _ => false,
        });
        let list = known.map_or(self.lists.len(), |(list, _)| list);
        if known.is_none() {
            self.lists.push(List {
                marker: item.marker,
                level,
            });
        }
        self.open[level] = Some((list, item.marker));
        Place { list, level }
    }

    /// Defines the lists in a document.
    pub(super) fn define(self, docx: Docx) -> Docx {
        let lists = self.lists.into_iter().enumerate();
        lists.fold(docx, |docx, (index, List { marker, level })| {
            let id = FIRST_ID + index;
            let numbered = marker.filter(|marker| marker.style != MarkerStyle::Bullet);
            let text = numbered.map_or_else(
                || BULLET.to_owned(),
                |Marker {
                     around: (before, behind),
                     ..
                 }| format!("{before}%{}{behind}", level + 1),
            );
            let start = numbered.map_or(1, |marker| marker.number as usize);
            let definition = Level::new(
                level,
                Start::new(start),
                NumberFormat::new(name(marker)),
                LevelText::new(text),
                LevelJc::new("left"),
            );
            let indent = INDENT * (level as i32 + 1);
            let hanging = Some(SpecialIndentType::Hanging(INDENT));
            let definition = definition.indent(Some(indent), hanging, None, None);
            docx.add_abstract_numbering(AbstractNumbering::new(id).add_level(definition))
                .add_numbering(Numbering::new(id, id))
        })
    }
}

/// `paragraph` as an item at this place.
pub(super) fn item(paragraph: Paragraph, place: Place) -> Paragraph {
    let id = NumberingId::new(FIRST_ID + place.list);
    paragraph.numbering(id, IndentLevel::new(place.level))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ocr_core::model::Polygon;

    fn places(lists: &mut Lists, lines: &[(&str, f32)]) -> Vec<(usize, usize)> {
        let line = |(text, left): &(&str, f32)| {
            Line::new(*text, Polygon::from_box(*left, 0.1, 0.9, 0.12), 1.0, vec![])
        };
        let lines: Vec<Line> = lines.iter().map(line).collect();
        let items = lists.items(&lines).into_iter();
        items.map(|(place, _)| (place.list, place.level)).collect()
    }

    #[test]
    fn a_list_goes_on_while_its_numbers_do() {
        let mut lists = Lists::default();
        let lines = [
            ("1. a", 0.1),
            ("2. b", 0.1),
            ("4. c", 0.1),
            ("a) d", 0.1),
            ("e", 0.1),
        ];
        assert_eq!(places(&mut lists, &lines), [(0, 0), (0, 0), (1, 0), (2, 0)]);
        assert_eq!(lists.lists[1].marker.unwrap().number, 4);
        // Another block is another list.
        assert_eq!(places(&mut lists, &[("5. f", 0.1)]), [(3, 0)]);
    }

    #[test]
    fn a_list_goes_on_after_one_inside_it() {
        let mut lists = Lists::default();
        let lines = [
            ("1. a", 0.1),
            ("• b", 0.2),
            ("• c", 0.2),
            ("2. d", 0.1),
            ("• e", 0.2),
        ];
        assert_eq!(
            places(&mut lists, &lines),
            [(0, 0), (1, 1), (1, 1), (0, 0), (2, 1)]
        );
    }
}
