//! What the blocks of a page are in the structure of a PDF (ISO 32000-1, 14.8.4).

use lopdf::{Dictionary, dictionary};
use ocr_core::model::{Block, BlockKind, Cell, CellKind, Line, PageText, Table, Word};
use ocr_layout::MarkerStyle;

use super::headings::Headings;
use crate::{
    cells::{Place, rows, table_of},
    lists::{Item, List, lists},
};

/// A part of a page.
#[derive(Debug)]
pub(super) enum Node<'a> {
    Element(Element<'a>),
    /// Words of the element that it is in.
    Words(Vec<&'a Word>),
    /// Words that are no part of the text, but of the page.
    Artifact(Vec<&'a Word>),
}

/// A part of the structure.
#[derive(Debug)]
pub(super) struct Element<'a> {
    /// Its standard type.
    pub(super) role: &'static str,
    pub(super) kids: Vec<Node<'a>>,
    pub(super) attributes: Option<Dictionary>,
    /// What says the same for those who do not see it.
    pub(super) alternative: Option<String>,
}

impl<'a> Element<'a> {
    fn new(role: &'static str, kids: Vec<Node<'a>>) -> Self {
        Self {
            role,
            kids,
            attributes: None,
            alternative: None,
        }
    }

    fn of_words(role: &'static str, words: Vec<&'a Word>) -> Self {
        Self::new(role, vec![Node::Words(words)])
    }

    /// Whether it has a place in the structure without any words: what is left out of a row moves the others.
    pub(super) fn may_be_empty(&self) -> bool {
        matches!(self.role, "TR" | "TH" | "TD")
    }
}

/// The parts of a page in reading order. Each word of the page is in one of them.
pub(super) fn nodes<'a>(page: &'a PageText, headings: &mut Headings) -> Vec<Node<'a>> {
    let mut nodes = Vec::new();
    for block in &page.blocks {
        if let Some(cells) = table_of(block) {
            nodes.extend(table(block, cells));
            continue;
        }
        let words = || words(&block.lines);
        let element = match block.kind {
            BlockKind::List => {
                let lists = lists(&block.lines);
                nodes.extend(lists.iter().map(|each| Node::Element(list(each, block))));
                continue;
            }
            // Their lines are rows.
            BlockKind::Table | BlockKind::KeyValue => {
                let paragraph = |line: &'a Line| Element::of_words("P", line.words.iter().collect());
                nodes.extend(block.lines.iter().map(paragraph).map(Node::Element));
                continue;
            }
            BlockKind::Header | BlockKind::Footer | BlockKind::PageNumber => {
                nodes.push(Node::Artifact(words()));
                continue;
            }
            BlockKind::Title | BlockKind::Heading => Element::of_words(headings.role(page, block), words()),
            BlockKind::Figure => Element {
                alternative: Some(block.plain_text()),
                ..Element::of_words("Figure", words())
            },
            _ => Element::of_words("P", words()),
        };
        nodes.push(Node::Element(element));
    }
    nodes
}

fn words(lines: &[Line]) -> Vec<&Word> {
    lines.iter().flat_map(|line| &line.words).collect()
}

fn list<'a>(list: &List<'_>, block: &'a Block) -> Element<'a> {
    let items = list.items.iter().map(|each| Node::Element(item(each, block)));
    let numbering = match list.marker.map(|marker| marker.style) {
        None => "None",
        Some(MarkerStyle::Decimal) => "Decimal",
        Some(MarkerStyle::Letter { upper: false }) => "LowerAlpha",
        Some(MarkerStyle::Letter { upper: true }) => "UpperAlpha",
        Some(MarkerStyle::Roman { upper: false }) => "LowerRoman",
        Some(MarkerStyle::Roman { upper: true }) => "UpperRoman",
        Some(_) => "Disc",
    };
    Element {
        attributes: Some(dictionary! { "O" => "List", "ListNumbering" => numbering }),
        ..Element::new("L", items.collect())
    }
}

fn item<'a>(item: &Item<'_>, block: &'a Block) -> Element<'a> {
    let mut words = words(block.lines.get(item.lines.clone()).unwrap_or_default());
    let mut kids = Vec::new();
    // A bullet that was read together with the word after it is not parted from it.
    if !item.sign.is_empty() && words.first().is_some_and(|word| word.text == item.sign) {
        let label = words.remove(0);
        kids.push(Node::Element(Element::of_words("Lbl", vec![label])));
    }
    let mut body = vec![Node::Words(words)];
    body.extend(item.inner.iter().map(|inner| Node::Element(list(inner, block))));
    kids.push(Node::Element(Element::new("LBody", body)));
    Element::new("LI", kids)
}

/// A table by its cells. Words before the first word of a cell are its caption; other words that are in no cell stand
/// after it.
fn table<'a>(block: &'a Block, table: &'a Table) -> Vec<Node<'a>> {
    let mut of_cells: Vec<Vec<&Word>> = vec![Vec::new(); table.cells.len()];
    let (mut before, mut after) = (Vec::new(), Vec::new());
    let mut has_begun = false;
    for word in words(&block.lines) {
        let place = word.polygon.bounds();
        let cell = table
            .cells
            .iter()
            .position(|cell| cell.polygon.bounds().holds_middle_of(&place));
        has_begun |= cell.is_some();
        match cell {
            Some(index) => of_cells[index].push(word),
            None if has_begun => after.push(word),
            None => before.push(word),
        }
    }
    let mut kids = Vec::new();
    if !before.is_empty() {
        kids.push(Node::Element(Element::of_words("Caption", before)));
    }
    let mut of_cell = |cell: &Cell| {
        let index = table.cells.iter().position(|known| std::ptr::eq(known, cell));
        index
            .map(|index| std::mem::take(&mut of_cells[index]))
            .unwrap_or_default()
    };
    for row in rows(table) {
        let cells = row
            .into_iter()
            .map(|place| Node::Element(place_in_row(&place, &mut of_cell)));
        kids.push(Node::Element(Element::new("TR", cells.collect())));
    }
    let mut nodes = vec![Node::Element(Element::new("Table", kids))];
    if !after.is_empty() {
        nodes.push(Node::Element(Element::of_words("P", after)));
    }
    nodes
}

fn place_in_row<'a>(place: &Place<'_>, words: &mut impl FnMut(&Cell) -> Vec<&'a Word>) -> Element<'a> {
    let (role, kids, rows, columns) = match place {
        Place::Gap(columns) => ("TD", Vec::new(), 1, *columns),
        Place::Cell(cell) => {
            let role = if cell.kind == CellKind::ColumnHeader {
                "TH"
            } else {
                "TD"
            };
            (
                role,
                vec![Node::Words(words(cell))],
                cell.row_span,
                cell.column_span,
            )
        }
    };
    let mut attributes = dictionary! { "O" => "Table" };
    for (name, span) in [("RowSpan", rows), ("ColSpan", columns)] {
        if span > 1 {
            attributes.set(name, i64::from(span));
        }
    }
    if role == "TH" {
        attributes.set("Scope", "Column");
    }
    Element {
        attributes: (attributes.len() > 1).then_some(attributes),
        ..Element::new(role, kids)
    }
}
