//! XML 1.0 (Fifth Edition, W3C) as the formats built on it write it: streamed, indented, escaped, and without the
//! characters that XML forbids.

use std::{collections::BTreeMap, fmt::Display, io};

use quick_xml::{
    Writer,
    events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event},
};

use crate::printable::printable;

/// Writes elements one by one. An element that is opened is closed by [`Xml::close`].
pub(crate) struct Xml<'a> {
    writer: Writer<&'a mut dyn io::Write>,
    /// Names of the open elements, the innermost last.
    open: Vec<&'static str>,
}

impl<'a> Xml<'a> {
    /// Begins with nothing.
    pub(crate) fn new(output: &'a mut dyn io::Write) -> Self {
        Self {
            writer: Writer::new_with_indent(output, b' ', 1),
            open: Vec::new(),
        }
    }

    /// Writes the declaration of XML in UTF-8.
    pub(crate) fn declaration(&mut self) -> io::Result<()> {
        let declaration = BytesDecl::new("1.0", Some("UTF-8"), None);
        self.writer.write_event(Event::Decl(declaration))
    }

    /// Writes the document type of HTML.
    pub(crate) fn html_doctype(&mut self) -> io::Result<()> {
        self.writer.write_event(Event::DocType(BytesText::new("html")))
    }

    /// Opens an element.
    pub(crate) fn open(&mut self, tag: Tag) -> io::Result<()> {
        self.open.push(tag.name);
        self.writer.write_event(Event::Start(tag.start))
    }

    /// Closes the element that was opened last.
    pub(crate) fn close(&mut self) -> io::Result<()> {
        match self.open.pop() {
            Some(name) => self.writer.write_event(Event::End(BytesEnd::new(name))),
            None => Ok(()),
        }
    }

    /// Writes an element without content, as `<br/>`.
    pub(crate) fn empty(&mut self, tag: Tag) -> io::Result<()> {
        self.writer.write_event(Event::Empty(tag.start))
    }

    /// Writes an element that holds text.
    pub(crate) fn leaf(&mut self, tag: Tag, text: &str) -> io::Result<()> {
        self.open(tag)?;
        self.text(text)?;
        self.close()
    }

    /// Writes text. No white space is put between it and what follows, so that an empty text keeps two elements
    /// together.
    pub(crate) fn text(&mut self, text: &str) -> io::Result<()> {
        let text = printable(text);
        self.writer.write_event(Event::Text(BytesText::new(&text)))
    }

    /// Ends the last line.
    pub(crate) fn finish(mut self) -> io::Result<()> {
        self.writer.get_mut().write_all(b"\n")
    }
}

/// The beginning of an element, with its attributes.
pub(crate) struct Tag {
    name: &'static str,
    start: BytesStart<'static>,
}

impl Tag {
    /// Without attributes.
    pub(crate) fn new(name: &'static str) -> Self {
        let start = BytesStart::new(name);
        Self { name, start }
    }

    /// The same with one attribute more.
    pub(crate) fn with(mut self, name: &str, value: impl Display) -> Self {
        let value = value.to_string();
        self.start.push_attribute((name, printable(&value)));
        self
    }

    /// The same with one attribute more, if there is a value for it.
    pub(crate) fn with_some(self, name: &str, value: Option<impl Display>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }
}

/// Names of the parts of a document, no two alike.
#[derive(Default)]
pub(crate) struct Ids {
    /// Position of the page, from 1. Not its number, which a careless writer of the model may use twice.
    page: usize,
    /// How many parts of a sort the page has so far.
    counts: BTreeMap<&'static str, usize>,
}

impl Ids {
    /// Begins the next page; its name.
    pub(crate) fn next_page(&mut self) -> String {
        self.page += 1;
        self.counts.clear();
        format!("page_{}", self.page)
    }

    /// The name of the next part of this sort, as `line_1_2`: the second line of the first page.
    pub(crate) fn next(&mut self, sort: &'static str) -> String {
        let count = self.counts.entry(sort).or_default();
        *count += 1;
        format!("{sort}_{}_{count}", self.page)
    }
}

/// A confidence as a number in 0..=1 of at most three decimals, whatever the model holds.
pub(crate) fn fraction(confidence: f32) -> f32 {
    let confidence = if confidence.is_finite() { confidence } else { 0.0 };
    (confidence.clamp(0.0, 1.0) * 1000.0).round() / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(write: impl FnOnce(&mut Xml<'_>) -> io::Result<()>) -> String {
        let mut output = Vec::new();
        let mut xml = Xml::new(&mut output);
        write(&mut xml).unwrap();
        xml.finish().unwrap();
        String::from_utf8(output).unwrap()
    }

    #[test]
    fn hostile_text_stays_text() {
        let hostile =
            "</a><script>x()</script> ]]> &amp; \" ' <!-- \0\u{1}\u{8}\u{b}\u{1f}\u{fffe}\u{ffff}\t";
        let written = written(|xml| xml.leaf(Tag::new("a").with("b", hostile), hostile));
        assert_eq!(
            written,
            "<a b=\"&lt;/a&gt;&lt;script&gt;x()&lt;/script&gt; ]]&gt; &amp;amp; &quot; &apos; &lt;!-- \t\">\
             &lt;/a&gt;&lt;script&gt;x()&lt;/script&gt; ]]&gt; &amp;amp; &quot; &apos; &lt;!-- \t</a>\n"
        );
    }

    #[test]
    fn no_white_space_is_put_around_text() {
        let written = written(|xml| {
            xml.open(Tag::new("a"))?;
            xml.text("")?;
            xml.leaf(Tag::new("b"), "1")?;
            xml.text("")?;
            xml.leaf(Tag::new("b"), "")?;
            xml.text("")?;
            xml.close()?;
            xml.empty(Tag::new("c"))
        });
        assert_eq!(written, "<a><b>1</b><b></b></a>\n<c/>\n");
    }

    #[test]
    fn a_confidence_is_always_a_fraction() {
        let odd = [f32::NAN, f32::INFINITY, -1.0, 2.0, 0.987_654_3];
        let shown = odd.map(|confidence| fraction(confidence).to_string());
        assert_eq!(shown, ["0", "0", "0", "1", "0.988"]);
    }
}
