//! The audit log as a file: one entry a line.

use std::{io, str::FromStr};

use ocr_core::{clock::Timestamp, model::SealedRecord};
use ocr_formats::CsvWriter;
use serde::Serialize;

/// The columns of the table, named as the fields of a line of JSON.
const COLUMNS: [&str; 8] = ["seq", "id", "at", "actor", "action", "object", "address", "hash"];

/// How the file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AuditFormat {
    /// A JSON object a line, with all that it takes to verify the chain.
    JsonLines,
    /// A table for spreadsheets.
    Csv,
}

impl FromStr for AuditFormat {
    type Err = ocr_core::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "jsonl" => Ok(Self::JsonLines),
            "csv" => Ok(Self::Csv),
            _ => Err(ocr_core::Error::new(
                ocr_core::ErrorKind::InvalidInput,
                "the format is jsonl or csv",
            )),
        }
    }
}

/// A line of JSON.
#[derive(Debug, Serialize)]
struct Line<'a> {
    seq: u64,
    id: Option<&'a str>,
    at: Option<String>,
    actor: Option<&'a str>,
    action: Option<&'a str>,
    object: Option<&'a str>,
    address: Option<&'a str>,
    salt: Option<&'a str>,
    digests: &'a [String; 3],
    hash: &'a str,
}

impl<'a> Line<'a> {
    fn new(sealed: &'a SealedRecord) -> Self {
        let record = sealed.record.as_ref();
        Self {
            seq: sealed.seal.seq,
            id: record.map(|record| record.id.as_str()),
            at: record.map(|record| written(record.at)),
            actor: record.and_then(|record| record.actor.as_deref()),
            action: record.map(|record| record.action.as_str()),
            object: record.map(|record| record.object.as_str()),
            address: record.map(|record| record.address.as_str()),
            salt: sealed.seal.salt.as_deref(),
            digests: &sealed.seal.digests,
            hash: &sealed.seal.hash,
        }
    }
}

fn written(at: Timestamp) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true)
}

impl AuditFormat {
    /// The media type of the file.
    pub(crate) fn media_type(self) -> &'static str {
        match self {
            Self::JsonLines => "application/x-ndjson",
            Self::Csv => "text/csv; charset=utf-8",
        }
    }

    /// A name for the file.
    pub(crate) fn filename(self) -> &'static str {
        match self {
            Self::JsonLines => "audit.jsonl",
            Self::Csv => "audit.csv",
        }
    }

    /// What stands before the first entry.
    ///
    /// # Errors
    /// None that memory does not have.
    pub(crate) fn head(self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        if self == Self::Csv {
            let mut table = CsvWriter::new(&mut bytes)?;
            for column in COLUMNS {
                table.text(column)?;
            }
            table.end_row()?;
        }
        Ok(bytes)
    }

    /// These entries.
    ///
    /// # Errors
    /// As [`AuditFormat::head`].
    pub(crate) fn entries(self, entries: &[SealedRecord]) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        for sealed in entries {
            let line = Line::new(sealed);
            match self {
                Self::JsonLines => {
                    serde_json::to_writer(&mut bytes, &line)?;
                    bytes.push(b'\n');
                }
                Self::Csv => row(&mut bytes, &line)?,
            }
        }
        Ok(bytes)
    }
}

fn row(bytes: &mut Vec<u8>, line: &Line<'_>) -> io::Result<()> {
    let mut table = CsvWriter::further(bytes);
    table.number(line.seq)?;
    for text in [
        line.id,
        line.at.as_deref(),
        line.actor,
        line.action,
        line.object,
        line.address,
        Some(line.hash),
    ] {
        table.text(text.unwrap_or_default())?;
    }
    table.end_row()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ocr_core::{
        clock::{Clock, SystemClock},
        model::{AuditRecord, AuditSeal},
    };

    fn sealed() -> SealedRecord {
        let record = AuditRecord::new("1", SystemClock.now(), "document_viewed")
            .by(None, "192.0.2.1")
            .about("=cmd|x");
        let seal = AuditSeal::of(&record, "salt", None);
        SealedRecord::new(seal, Some(record))
    }

    #[test]
    fn a_line_holds_what_it_takes_to_verify_the_chain() {
        let lines = AuditFormat::JsonLines.entries(&[sealed(), sealed()]).unwrap();
        let lines = String::from_utf8(lines).unwrap();
        assert_eq!(lines.lines().count(), 2);
        let line: serde_json::Value = serde_json::from_str(lines.lines().next().unwrap()).unwrap();
        assert_eq!(line["seq"], 1);
        assert_eq!(line["object"], "=cmd|x");
        assert_eq!(line["salt"], "salt");
        assert_eq!(line["hash"], sealed_hash(&line));
    }

    /// The hash of the only line, from what the line says of it.
    fn sealed_hash(line: &serde_json::Value) -> String {
        let at = chrono::DateTime::parse_from_rfc3339(line["at"].as_str().unwrap()).unwrap();
        let record = AuditRecord::new("1", at.with_timezone(&chrono::Utc), "document_viewed")
            .by(None, "192.0.2.1")
            .about("=cmd|x");
        AuditSeal::of(&record, line["salt"].as_str().unwrap(), None).hash
    }

    #[test]
    fn a_table_has_no_formulas() {
        let mut table = AuditFormat::Csv.head().unwrap();
        table.extend(AuditFormat::Csv.entries(&[sealed()]).unwrap());
        let table = String::from_utf8(table).unwrap();
        assert!(
            table.contains("seq,id,at,actor,action,object,address,hash"),
            "{table}"
        );
        assert!(table.contains("'=cmd|x"), "{table}");
    }

    #[test]
    fn a_format_has_a_name() {
        assert_eq!("jsonl".parse::<AuditFormat>().unwrap(), AuditFormat::JsonLines);
        assert_eq!("csv".parse::<AuditFormat>().unwrap(), AuditFormat::Csv);
        assert!("xml".parse::<AuditFormat>().is_err());
    }
}
