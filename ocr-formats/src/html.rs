//! HTML (<https://html.spec.whatwg.org/>) to read.

use std::io;

use ocr_core::{
    formats::{FormatInfo, FormatInput},
    model::{Block, BlockKind, DocumentText, Field, Line, PageText, Table},
};

use ocr_layout::MarkerStyle;

use crate::{
    Format, WriteError,
    cells::{Place, rows, table_of},
    language,
    lists::{List, lists},
    pairs::{pairs, value},
    xml::{Tag, Xml},
};

/// Nothing is loaded and nothing runs, whatever the text says.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'";

const STYLE: &str = "body{font-family:sans-serif;line-height:1.5;margin:auto;max-width:50em;padding:1em}\
section{border-bottom:1px solid #ccc;padding:1em 0}\
section::before{color:#666;content:attr(aria-label);font-size:.8em}\
table{border-collapse:collapse}\
td,th{border:1px solid #999;padding:.2em .5em;text-align:start;vertical-align:top}\
figure{border:1px dashed #999;margin:1em 0;min-height:2em;padding:1em}\
.furniture{color:#666;font-size:.85em}";

/// [HTML](https://html.spec.whatwg.org/): a document of its own for reading, a section for each page, with headings,
/// lists, forms, tables with merged cells, and paragraphs whose lines are joined. It has no script and loads nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Html;

impl Format for Html {
    fn info(&self) -> FormatInfo {
        FormatInfo::new("html", "text/html; charset=utf-8", "html").with_version(2)
    }

    fn write(&self, input: FormatInput<'_>, output: &mut dyn io::Write) -> Result<(), WriteError> {
        let mut xml = Xml::new(output);
        document(&mut xml, input.document)?;
        Ok(xml.finish()?)
    }
}

fn document(xml: &mut Xml<'_>, document: &DocumentText) -> io::Result<()> {
    let language = language::of_document(document);
    let direction = language.is_some_and(language::is_right_to_left).then_some("rtl");
    xml.html_doctype()?;
    xml.open(
        Tag::new("html")
            .with_some("lang", language)
            .with_some("dir", direction),
    )?;
    xml.open(Tag::new("head"))?;
    xml.empty(Tag::new("meta").with("charset", "utf-8"))?;
    xml.empty(
        Tag::new("meta")
            .with("http-equiv", "Content-Security-Policy")
            .with("content", POLICY),
    )?;
    let viewport = Tag::new("meta").with("name", "viewport");
    xml.empty(viewport.with("content", "width=device-width"))?;
    xml.leaf(Tag::new("title"), "Recognised document")?;
    xml.leaf(Tag::new("style"), STYLE)?;
    xml.close()?;
    xml.open(Tag::new("body"))?;
    for page in &document.pages {
        self::page(xml, page, language)?;
    }
    xml.close()?;
    xml.close()
}

fn page(xml: &mut Xml<'_>, page: &PageText, main_language: Option<&str>) -> io::Result<()> {
    let language = language::of_page(page).filter(|tag| Some(*tag) != main_language);
    let direction = language.map(|tag| {
        if language::is_right_to_left(tag) {
            "rtl"
        } else {
            "ltr"
        }
    });
    xml.open(
        Tag::new("section")
            .with("aria-label", format_args!("Page {}", page.number))
            .with_some("lang", language)
            .with_some("dir", direction),
    )?;
    for block in &page.blocks {
        self::block(xml, page, block)?;
    }
    xml.close()
}

fn block(xml: &mut Xml<'_>, page: &PageText, block: &Block) -> io::Result<()> {
    if let Some(table) = table_of(block) {
        return self::table(xml, table);
    }
    if let Some(fields) = pairs(page, block) {
        return form(xml, &fields);
    }
    let text = joined(&block.lines);
    if block.kind == BlockKind::Figure {
        return figure(xml, &text);
    }
    if text.is_empty() {
        return Ok(());
    }
    match block.kind {
        BlockKind::Title => xml.leaf(Tag::new("h1"), &text),
        BlockKind::Heading => xml.leaf(Tag::new("h2"), &text),
        BlockKind::List => lists(&block.lines).iter().try_for_each(|each| list(xml, each)),
        BlockKind::Header | BlockKind::Footer | BlockKind::PageNumber => {
            xml.leaf(Tag::new("p").with("class", "furniture"), &text)
        }
        // Where lines are rows, they would be lost in a paragraph.
        BlockKind::Table | BlockKind::KeyValue => broken(xml, &block.lines),
        _ => xml.leaf(Tag::new("p"), &text),
    }
}

/// Lines as one. A hyphen at the end of a line stays: it may belong to the word.
fn joined(lines: &[Line]) -> String {
    let texts: Vec<&str> = lines.iter().map(|line| line.text.trim()).collect();
    texts.join(" ").trim().to_owned()
}

fn broken(xml: &mut Xml<'_>, lines: &[Line]) -> io::Result<()> {
    xml.open(Tag::new("p"))?;
    for (index, line) in lines.iter().enumerate() {
        if index > 0 {
            xml.empty(Tag::new("br"))?;
        }
        xml.text(&line.text)?;
    }
    xml.close()
}

/// Keys with their values.
fn form(xml: &mut Xml<'_>, fields: &[&Field]) -> io::Result<()> {
    xml.open(Tag::new("dl"))?;
    for field in fields {
        xml.leaf(Tag::new("dt"), &field.key)?;
        xml.leaf(Tag::new("dd"), &value(field))?;
    }
    xml.close()
}

fn figure(xml: &mut Xml<'_>, caption: &str) -> io::Result<()> {
    xml.open(Tag::new("figure"))?;
    if !caption.is_empty() {
        xml.leaf(Tag::new("figcaption"), caption)?;
    }
    xml.close()
}

fn list(xml: &mut Xml<'_>, list: &List<'_>) -> io::Result<()> {
    let ordered = list.marker.filter(|_| list.is_ordered());
    let (name, style) = match ordered.map(|marker| marker.style) {
        None => ("ul", None),
        Some(MarkerStyle::Letter { upper: false }) => ("ol", Some("a")),
        Some(MarkerStyle::Letter { upper: true }) => ("ol", Some("A")),
        Some(MarkerStyle::Roman { upper: false }) => ("ol", Some("i")),
        Some(MarkerStyle::Roman { upper: true }) => ("ol", Some("I")),
        Some(_) => ("ol", None),
    };
    xml.open(Tag::new(name).with_some("type", style))?;
    for item in &list.items {
        let number = item
            .marker
            .filter(|_| list.is_ordered())
            .map(|marker| marker.number);
        let tag = Tag::new("li").with_some("value", number);
        if item.inner.is_empty() {
            xml.leaf(tag, &item.text)?;
            continue;
        }
        xml.open(tag)?;
        xml.text(&item.text)?;
        for inner in &item.inner {
            self::list(xml, inner)?;
        }
        xml.close()?;
    }
    xml.close()
}

fn table(xml: &mut Xml<'_>, table: &Table) -> io::Result<()> {
    xml.open(Tag::new("table"))?;
    if let Some(title) = &table.title {
        xml.leaf(Tag::new("caption"), title)?;
    }
    for row in rows(table) {
        xml.open(Tag::new("tr"))?;
        for place in row {
            let text = match place {
                Place::Cell(cell) => cell.text.as_str(),
                Place::Gap(_) => "",
            };
            xml.leaf(place.tag(), text)?;
        }
        xml.close()?;
    }
    xml.close()?;
    match &table.footer {
        Some(footer) => xml.leaf(Tag::new("p"), footer),
        None => Ok(()),
    }
}
