//! Rows for spreadsheets (RFC 4180).

use std::{
    fmt::{self, Display},
    io,
};

/// Rows of cells for spreadsheets (RFC 4180), in UTF-8: whoever adds tables of their own to results writes them with the
/// same guard against formulas.
pub struct CsvWriter<'a> {
    output: &'a mut dyn io::Write,
    /// Whether the row has a cell already.
    begun: bool,
}

impl<'a> CsvWriter<'a> {
    /// The beginning of a table: a byte order mark, by which spreadsheets know UTF-8.
    ///
    /// # Errors
    /// What `output` fails with, here and below.
    pub fn new(output: &'a mut dyn io::Write) -> io::Result<Self> {
        output.write_all("\u{feff}".as_bytes())?;
        Ok(Self::further(output))
    }

    /// Further rows of a table that has begun.
    pub fn further(output: &'a mut dyn io::Write) -> Self {
        Self { output, begun: false }
    }

    /// A cell that holds a number.
    pub fn number(&mut self, value: impl Display) -> io::Result<()> {
        self.separate()?;
        write!(self.output, "{value}")
    }

    /// A cell that holds text of a document. What a spreadsheet would take for a formula begins with an
    /// apostrophe.
    pub fn text(&mut self, value: &str) -> io::Result<()> {
        self.separate()?;
        let is_formula = value.starts_with(['=', '+', '-', '@', '\t', '\r']);
        let guard = if is_formula { "'" } else { "" };
        if value.contains(['"', ',', '\r', '\n']) {
            write!(self.output, "\"{guard}{}\"", value.replace('"', "\"\""))
        } else {
            write!(self.output, "{guard}{value}")
        }
    }

    /// Ends the row.
    pub fn end_row(&mut self) -> io::Result<()> {
        self.begun = false;
        self.output.write_all(b"\r\n")
    }

    fn separate(&mut self) -> io::Result<()> {
        if std::mem::replace(&mut self.begun, true) {
            self.output.write_all(b",")?;
        }
        Ok(())
    }
}

impl fmt::Debug for CsvWriter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CsvWriter").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_and_formulas_are_not_run() {
        let mut output = Vec::new();
        let mut csv = CsvWriter::new(&mut output).unwrap();
        for text in ["plain", "a, \"b\"", "=1+1", "-5", "@x", "\ttab", "two\nlines"] {
            csv.text(text).unwrap();
        }
        csv.number(-0.5).unwrap();
        csv.end_row().unwrap();
        let mut csv = CsvWriter::further(&mut output);
        csv.text("").unwrap();
        csv.text("=2").unwrap();
        csv.end_row().unwrap();
        let expected = "\u{feff}plain,\"a, \"\"b\"\"\",'=1+1,'-5,'@x,'\ttab,\"two\nlines\",-0.5\r\n,'=2\r\n";
        assert_eq!(String::from_utf8(output).unwrap(), expected);
    }
}
