//! The metadata packet of PDF/A (ISO 19005-2, 6.6.2; XMP specification of 2005).

use std::io;

use lopdf::{Dictionary, decode_text_string};

use crate::xml::{Tag, Xml};

/// What a packet begins and ends with; it holds U+FEFF, by which readers know the encoding (XMP, 3.1).
const BEGIN: &str = "<?xpacket begin=\"\u{feff}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n";
const END: &str = "<?xpacket end=\"r\"?>";

/// The packet of a file with this document information: it says that the file is PDF/A-2b, and what the information
/// says, in the properties that correspond to it (ISO 19005-1, table 1, which part 2 keeps for readers of both).
pub(super) fn packet(information: Option<&Dictionary>) -> Vec<u8> {
    let mut packet = BEGIN.as_bytes().to_vec();
    // Memory takes all that is written.
    let _ = write(&mut packet, information);
    packet.extend(END.as_bytes());
    packet
}

fn write(output: &mut dyn io::Write, information: Option<&Dictionary>) -> io::Result<()> {
    let mut xml = Xml::new(output);
    xml.open(Tag::new("x:xmpmeta").with("xmlns:x", "adobe:ns:meta/"))?;
    let rdf = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";
    xml.open(Tag::new("rdf:RDF").with("xmlns:rdf", rdf))?;
    xml.open(
        Tag::new("rdf:Description")
            .with("rdf:about", "")
            .with("xmlns:pdfaid", "http://www.aiim.org/pdfa/ns/id/")
            .with("xmlns:dc", "http://purl.org/dc/elements/1.1/")
            .with("xmlns:pdf", "http://ns.adobe.com/pdf/1.3/")
            .with("xmlns:xmp", "http://ns.adobe.com/xap/1.0/"),
    )?;
    xml.leaf(Tag::new("pdfaid:part"), "2")?;
    xml.leaf(Tag::new("pdfaid:conformance"), "B")?;
    xml.leaf(Tag::new("dc:format"), "application/pdf")?;
    let said = |key: &[u8]| {
        let text = decode_text_string(information?.get(key).ok()?).ok()?;
        Some(text).filter(|text| !text.trim().is_empty())
    };
    for (key, name, container) in [
        ("Title", "dc:title", "rdf:Alt"),
        ("Author", "dc:creator", "rdf:Seq"),
        ("Subject", "dc:description", "rdf:Alt"),
    ] {
        let Some(text) = said(key.as_bytes()) else {
            continue;
        };
        let language = (container == "rdf:Alt").then_some("x-default");
        xml.open(Tag::new(name))?;
        xml.open(Tag::new(container))?;
        xml.leaf(Tag::new("rdf:li").with_some("xml:lang", language), &text)?;
        xml.close()?;
        xml.close()?;
    }
    for (key, name) in [
        ("Keywords", "pdf:Keywords"),
        ("Producer", "pdf:Producer"),
        ("Creator", "xmp:CreatorTool"),
    ] {
        if let Some(text) = said(key.as_bytes()) {
            xml.leaf(Tag::new(name), &text)?;
        }
    }
    for (key, name) in [("CreationDate", "xmp:CreateDate"), ("ModDate", "xmp:ModifyDate")] {
        if let Some(date) = said(key.as_bytes()).and_then(|text| date(&text)) {
            xml.leaf(Tag::new(name), &date)?;
        }
    }
    for _ in 0..3 {
        xml.close()?;
    }
    xml.finish()
}

/// A date of PDF, `D:20260102030405+01'00'` (ISO 32000-1, 7.9.4), as XMP has it; `None` for what is none.
fn date(text: &str) -> Option<String> {
    let text = text.strip_prefix("D:").unwrap_or(text);
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, zone) = text.split_at(end);
    let part = |from: usize, length: usize, range: std::ops::RangeInclusive<u32>| {
        let part = digits.get(from..from + length)?;
        let fits = part.parse().is_ok_and(|number| range.contains(&number));
        fits.then_some(part)
    };
    let mut date = part(0, 4, 0..=9999)?.to_owned();
    for (from, most) in [(4, 1..=12), (6, 1..=31)] {
        let Some(part) = part(from, 2, most) else {
            return Some(date);
        };
        date.push('-');
        date.push_str(part);
    }
    let (Some(hour), Some(minute)) = (part(8, 2, 0..=23), part(10, 2, 0..=59)) else {
        return Some(date);
    };
    let second = part(12, 2, 0..=59).unwrap_or("00");
    let zone = time_zone(zone).unwrap_or_else(|| "Z".to_owned());
    Some(format!("{date}T{hour}:{minute}:{second}{zone}"))
}

/// `+01'00'` as `+01:00`.
fn time_zone(zone: &str) -> Option<String> {
    let sign = zone.get(..1).filter(|sign| matches!(*sign, "+" | "-"))?;
    let digits: String = zone.chars().filter(char::is_ascii_digit).take(4).collect();
    let hour = digits.get(..2)?;
    let minute = digits.get(2..4).unwrap_or("00");
    Some(format!("{sign}{hour}:{minute}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use lopdf::{Object, dictionary};

    #[test]
    fn the_packet_says_which_part_and_what_the_file_said_of_itself() {
        let information = dictionary! {
            "Title" => Object::string_literal("Law & order"),
            "CreationDate" => Object::string_literal("D:20260102030405+01'00'"),
            "Custom" => Object::string_literal("left out"),
        };
        let packet = String::from_utf8(packet(Some(&information))).unwrap();
        assert!(
            packet.starts_with("<?xpacket begin=\"\u{feff}\"") && packet.ends_with("<?xpacket end=\"r\"?>")
        );
        for part in [
            "<pdfaid:part>2</pdfaid:part>",
            "<pdfaid:conformance>B</pdfaid:conformance>",
            "<rdf:li xml:lang=\"x-default\">Law &amp; order</rdf:li>",
            "<xmp:CreateDate>2026-01-02T03:04:05+01:00</xmp:CreateDate>",
        ] {
            assert!(packet.contains(part), "{part} in {packet}");
        }
        assert!(!packet.contains("left out"));
    }

    #[test]
    fn dates_are_as_exact_as_they_were() {
        for (text, expected) in [
            ("D:2026", Some("2026")),
            ("D:202603", Some("2026-03")),
            ("20260304", Some("2026-03-04")),
            ("D:20260304050607Z", Some("2026-03-04T05:06:07Z")),
            ("D:202603040506-0800", Some("2026-03-04T05:06:00-08:00")),
            ("yesterday", None),
            ("D:é", None),
        ] {
            assert_eq!(date(text).as_deref(), expected, "{text}");
        }
    }
}
