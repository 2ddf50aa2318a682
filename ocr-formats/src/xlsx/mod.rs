//! Spreadsheets of Excel.

mod number;

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashSet},
    io,
};

use ocr_core::{
    formats::{FormatInfo, FormatInput},
    model::{DocumentText, PageText, Table},
};
use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format as Looks, FormatAlign, Workbook, Worksheet, XlsxError,
};
use unicode_width::UnicodeWidthStr;

use crate::{
    Format, WriteError,
    placed::{Grid, Placed},
    printable::printable,
};

/// Excel has no more rows.
const MAX_ROWS: u32 = 1_048_576;

/// Excel has no more columns.
const MAX_COLUMNS: u32 = 16_384;

/// Excel has no more UTF-16 units in a cell.
const MAX_UNITS: usize = 32_767;

/// Ends the text of a cell that was cut.
const CUT: &str = " […]";

/// Excel's own format for text, `@`.
const TEXT: u8 = 49;

/// Columns are no wider, in characters: longer text goes on in further lines.
const MAX_WIDTH: usize = 60;

/// Height of a line of text, in points.
const LINE_HEIGHT: f64 = 15.0;

/// A workbook for Excel and other spreadsheets: a sheet for each table, or one with every line where there are no
/// tables. What is plainly a number is one; all else is text, also what looks like a formula.
#[derive(Debug, Clone, Copy, Default)]
pub struct Xlsx;

impl Format for Xlsx {
    fn info(&self) -> FormatInfo {
        let media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
        FormatInfo::new("xlsx", media_type, "xlsx")
    }

    fn write(&self, input: FormatInput<'_>, output: &mut dyn io::Write) -> Result<(), WriteError> {
        let bytes = workbook(input.document)
            .and_then(|mut workbook| workbook.save_to_buffer())
            .map_err(io::Error::other)?;
        output.write_all(&bytes)?;
        Ok(())
    }
}

fn workbook(document: &DocumentText) -> Result<Workbook, XlsxError> {
    let mut workbook = Workbook::new();
    // The library would take the time of writing, and the same document would not be written twice alike.
    let created = ExcelDateTime::from_ymd(2000, 1, 1)?;
    workbook.set_properties(&DocProperties::new().set_creation_datetime(&created));
    let mut names = HashSet::new();
    for page in &document.pages {
        let tables = page.blocks.iter().filter_map(|block| block.table.as_ref());
        let tables = tables.filter(|table| !table.cells.is_empty());
        for (index, table) in tables.enumerate() {
            let sheet = workbook.add_worksheet();
            sheet.set_name(unused(
                &mut names,
                &format!("Page {} Table {}", page.number, index + 1),
            ))?;
            write_table(sheet, page, table)?;
        }
    }
    if names.is_empty() {
        write_lines(workbook.add_worksheet(), document)?;
    }
    Ok(workbook)
}

/// `name`, or with a number behind it when two pages have the same number.
fn unused(names: &mut HashSet<String>, name: &str) -> String {
    let mut candidate = name.to_owned();
    let mut count = 1;
    while !names.insert(candidate.clone()) {
        count += 1;
        candidate = format!("{name} ({count})");
    }
    candidate
}

/// The cells from the first row on; below them what belongs to the table.
fn write_table(sheet: &mut Worksheet, page: &PageText, table: &Table) -> Result<(), XlsxError> {
    /// Kept free for what stands below.
    const NOTES: u32 = 5;
    let grid = Grid::new(table, MAX_ROWS - NOTES, MAX_COLUMNS);
    let decimal_comma = number::has_decimal_comma(page.language.as_deref());
    let mut cut = 0;
    for placed in &grid.cells {
        cut += usize::from(write_cell(sheet, placed, decimal_comma)?);
    }
    fit(sheet, &grid)?;
    let left_out = note(
        grid.left_out,
        "cells have no place in a spreadsheet and were left out",
    );
    let shortened = note(cut, "cells were too long for a spreadsheet and were cut");
    let notes = [table.title.clone(), table.footer.clone(), left_out, shortened];
    let notes = notes.into_iter().flatten().filter(|text| !text.trim().is_empty());
    for (row, text) in (grid.rows + 1..).zip(notes) {
        write_text(sheet, row, 0, &text, &Looks::new().set_italic())?;
    }
    Ok(())
}

/// Makes columns as wide and rows as high as their cells. The library would measure numbers without their format, and
/// not every program looks at the lines of a cell.
fn fit(sheet: &mut Worksheet, grid: &Grid) -> Result<(), XlsxError> {
    /// Excel has no higher rows, in points.
    const MAX_HEIGHT: f64 = 409.0;
    let mut widths: BTreeMap<u32, usize> = BTreeMap::new();
    let mut heights: BTreeMap<u32, usize> = BTreeMap::new();
    for placed in &grid.cells {
        let lines = || placed.cell.text.trim().lines().map(UnicodeWidthStr::width);
        if placed.columns == 1 {
            let width = widths.entry(placed.column).or_default();
            *width = lines().max().unwrap_or(0).min(MAX_WIDTH).max(*width);
        }
        if placed.rows == 1 {
            let room = MAX_WIDTH * placed.columns as usize;
            let height = heights.entry(placed.row).or_default();
            *height = lines()
                .map(|width| width.div_ceil(room).max(1))
                .sum::<usize>()
                .max(*height);
        }
    }
    for (column, width) in widths {
        sheet.set_column_width(column as u16, (width + 2).max(8) as f64)?;
    }
    for (row, lines) in heights.into_iter().filter(|(_, lines)| *lines > 1) {
        sheet.set_row_height(row, (LINE_HEIGHT * lines as f64).min(MAX_HEIGHT))?;
    }
    Ok(())
}

/// What a reader should know of `count` cells, when there are any.
fn note(count: usize, what: &str) -> Option<String> {
    (count > 0).then(|| format!("{count} {what}"))
}

/// Writes a cell; whether its text was cut.
fn write_cell(sheet: &mut Worksheet, placed: &Placed, decimal_comma: bool) -> Result<bool, XlsxError> {
    let Placed { row, column, .. } = *placed;
    // Below `MAX_COLUMNS`.
    let (first, last) = (column as u16, (column + placed.columns - 1) as u16);
    let mut looks = Looks::new().set_align(FormatAlign::Top);
    if placed.is_head() {
        looks = looks.set_bold();
    }
    if placed.rows > 1 || placed.columns > 1 {
        sheet.merge_range(row, first, row + placed.rows - 1, last, "", &looks)?;
    }
    let text = placed.cell.text.trim();
    match number::parse(text, decimal_comma) {
        Some(number) => {
            let looks = looks.set_num_format(number.format);
            sheet.write_number_with_format(row, first, number.value, &looks)?;
            Ok(false)
        }
        None => write_text(sheet, row, first, text, &looks),
    }
}

/// Writes text as text, whatever it looks like; whether it was cut.
fn write_text(
    sheet: &mut Worksheet,
    row: u32,
    column: u16,
    text: &str,
    looks: &Looks,
) -> Result<bool, XlsxError> {
    let text = printable(text);
    let (text, was_cut) = cut(&text);
    let mut looks = looks.clone();
    if text.contains('\n') || text.width() > MAX_WIDTH {
        looks = looks.set_text_wrap();
    }
    // It is text as it is. The format keeps it so when somebody edits the cell.
    if text.starts_with(|c: char| c.is_ascii_digit() || "=+-@".contains(c)) {
        looks = looks.set_num_format_index(TEXT);
    }
    sheet.write_string_with_format(row, column, text, &looks)?;
    Ok(was_cut)
}

/// As much of `text` as a cell can hold, and whether that is less than all.
fn cut(text: &str) -> (Cow<'_, str>, bool) {
    let units = |text: &str| text.encode_utf16().count();
    if text.len() <= MAX_UNITS || units(text) <= MAX_UNITS {
        return (Cow::Borrowed(text), false);
    }
    let mut room = MAX_UNITS - units(CUT);
    let kept = text.chars().take_while(|c| {
        let fits = c.len_utf16() <= room;
        room = room.saturating_sub(c.len_utf16());
        fits
    });
    (Cow::Owned(kept.chain(CUT.chars()).collect()), true)
}

/// A row for each line, where there is no table.
fn write_lines(sheet: &mut Worksheet, document: &DocumentText) -> Result<(), XlsxError> {
    sheet.set_name("Text")?;
    let head = Looks::new().set_bold();
    for (column, name) in (0_u16..).zip(["Page", "Line", "Text"]) {
        sheet.write_string_with_format(0, column, name, &head)?;
    }
    sheet.set_freeze_panes(1, 0)?;
    sheet.set_column_width(2, 100)?;
    let lines = document.pages.iter().flat_map(|page| {
        let lines = (1_u32..).zip(page.lines());
        lines.map(|(number, line)| (page.number, number, line.text.as_str()))
    });
    for (row, (page, number, text)) in (1_u32..).zip(lines) {
        if row == MAX_ROWS - 1 {
            let rest = "The lines from here on have no place in a spreadsheet.";
            write_text(sheet, row, 2, rest, &Looks::new().set_italic())?;
            break;
        }
        sheet.write_number(row, 0, page)?;
        sheet.write_number(row, 1, number)?;
        write_text(sheet, row, 2, text, &Looks::new())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_text_is_cut_between_characters() {
        let long = "😀".repeat(20_000);
        let (text, was_cut) = cut(&long);
        assert!(was_cut && text.ends_with(CUT));
        let units = text.encode_utf16().count();
        assert!((MAX_UNITS - 1..=MAX_UNITS).contains(&units), "{units}");
        assert_eq!(cut("short"), (Cow::Borrowed("short"), false));
    }

    #[test]
    fn sheets_have_names_of_their_own() {
        let mut names = HashSet::new();
        assert_eq!(unused(&mut names, "Page 1 Table 1"), "Page 1 Table 1");
        assert_eq!(unused(&mut names, "Page 1 Table 1"), "Page 1 Table 1 (2)");
    }
}
