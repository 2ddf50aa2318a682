//! The order of elements.
//!
//! The schema of the format (ECMA-376) fixes in which order the children of an element stand. The library writes some
//! in another order, which not every program reads.

use quick_xml::{Reader, events::Event};

/// Elements whose children have an order, and that order. What is not named stays behind.
const ORDERS: [(&str, &[&str]); 8] = [
    (
        "w:style",
        &[
            "w:name",
            "w:basedOn",
            "w:next",
            "w:link",
            "w:uiPriority",
            "w:qFormat",
            "w:pPr",
            "w:rPr",
        ],
    ),
    (
        "w:pPr",
        &[
            "w:pStyle",
            "w:keepNext",
            "w:keepLines",
            "w:pageBreakBefore",
            "w:framePr",
            "w:widowControl",
            "w:numPr",
            "w:pBdr",
            "w:shd",
            "w:tabs",
            "w:bidi",
            "w:adjustRightInd",
            "w:snapToGrid",
            "w:spacing",
            "w:ind",
            "w:jc",
            "w:textAlignment",
            "w:outlineLvl",
            "w:rPr",
            "w:sectPr",
        ],
    ),
    (
        "w:rPr",
        &[
            "w:rStyle",
            "w:rFonts",
            "w:b",
            "w:bCs",
            "w:i",
            "w:iCs",
            "w:color",
            "w:spacing",
            "w:w",
            "w:sz",
            "w:szCs",
        ],
    ),
    (
        "w:sectPr",
        &["w:type", "w:pgSz", "w:pgMar", "w:cols", "w:docGrid"],
    ),
    (
        "w:tblPr",
        &[
            "w:tblStyle",
            "w:tblW",
            "w:jc",
            "w:tblInd",
            "w:tblBorders",
            "w:tblLayout",
            "w:tblCellMar",
        ],
    ),
    (
        "w:tcPr",
        &[
            "w:tcW",
            "w:gridSpan",
            "w:vMerge",
            "w:tcBorders",
            "w:shd",
            "w:textDirection",
            "w:vAlign",
        ],
    ),
    (
        "w:lvl",
        &[
            "w:start",
            "w:numFmt",
            "w:pStyle",
            "w:suff",
            "w:lvlText",
            "w:lvlJc",
            "w:pPr",
            "w:rPr",
        ],
    ),
    ("w:numPr", &["w:ilvl", "w:numId"]),
];

/// An element whose end has not been read.
#[derive(Default)]
struct Open {
    name: String,
    start: Vec<u8>,
    /// Children and text, each with its rank.
    parts: Vec<(usize, Vec<u8>)>,
}

impl Open {
    fn push(&mut self, name: &str, bytes: Vec<u8>) {
        let order = ORDERS.iter().find(|(parent, _)| *parent == self.name);
        let rank = order.map_or(0, |(_, order)| {
            order
                .iter()
                .position(|child| *child == name)
                .unwrap_or(order.len())
        });
        match self.parts.last_mut() {
            // Most elements have no order; one string is cheaper than many.
            Some((_, last)) if order.is_none() => last.extend(bytes),
            _ => self.parts.push((rank, bytes)),
        }
    }

    fn close(mut self, end: &[u8]) -> Vec<u8> {
        self.parts.sort_by_key(|(rank, _)| *rank);
        let mut bytes = self.start;
        for (_, part) in self.parts {
            bytes.extend(part);
        }
        bytes.extend_from_slice(end);
        bytes
    }
}

/// `xml` with its elements in order.
pub(super) fn in_order(xml: &[u8]) -> Result<Vec<u8>, quick_xml::Error> {
    let mut reader = Reader::from_reader(xml);
    let mut open = vec![Open::default()];
    let mut from = 0;
    loop {
        let event = reader.read_event()?;
        let to = usize::try_from(reader.buffer_position())
            .unwrap_or(usize::MAX)
            .min(xml.len());
        let raw = &xml[from..to];
        from = to;
        let (name, bytes) = match event {
            Event::Start(start) => {
                open.push(Open {
                    name: String::from_utf8_lossy(start.name().as_ref()).into_owned(),
                    start: raw.to_vec(),
                    parts: Vec::new(),
                });
                continue;
            }
            // The reader has checked that it is the end of what is open.
            Event::End(_) => match open.pop() {
                Some(closed) => (closed.name.clone(), closed.close(raw)),
                None => continue,
            },
            Event::Empty(empty) => (
                String::from_utf8_lossy(empty.name().as_ref()).into_owned(),
                raw.to_vec(),
            ),
            Event::Eof => break,
            _ => (String::new(), raw.to_vec()),
        };
        if let Some(parent) = open.last_mut() {
            parent.push(&name, bytes);
        }
    }
    let mut document = Vec::with_capacity(xml.len());
    for left in open {
        document.extend(left.close(b""));
    }
    Ok(document)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn children_are_put_in_order_and_nothing_else_changes() {
        let xml = r#"<?xml version="1.0"?><w:p w:id="1"><w:pPr><w:rPr><w:sz w:val="2" /><w:b /></w:rPr><w:jc /><w:new /><w:pStyle /></w:pPr> a &lt;<w:z /><w:b>]]&gt;</w:b> </w:p>"#;
        let expected = r#"<?xml version="1.0"?><w:p w:id="1"><w:pPr><w:pStyle /><w:jc /><w:rPr><w:b /><w:sz w:val="2" /></w:rPr><w:new /></w:pPr> a &lt;<w:z /><w:b>]]&gt;</w:b> </w:p>"#;
        let ordered = in_order(xml.as_bytes()).unwrap();
        assert_eq!(String::from_utf8(ordered).unwrap(), expected);
    }
}
