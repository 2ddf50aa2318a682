//! What every document of Word begins with.

use docx_rs::{Docx, LineSpacing, LineSpacingType, RunFonts, Style, StyleType};

/// Style of the title of the document.
pub(super) const TITLE: &str = "Title";

/// Style of a heading.
pub(super) const HEADING: &str = "Heading1";

/// An empty document with the styles that are used. Word knows them by their names, and lists what has an outline
/// level in its navigation pane.
pub(super) fn document() -> Docx {
    let spacing = LineSpacing::new()
        .before(0)
        .after(0)
        .line(240)
        // Said outright: LibreOffice takes lines without a rule for at least so high.
        .line_rule(LineSpacingType::Auto);
    let style = |id, name, size| {
        Style::new(id, StyleType::Paragraph)
            .name(name)
            .based_on("Normal")
            .next("Normal")
            .size(size)
            .bold()
    };
    let font = "Arial";
    // The library would leave the dates to the reader's program; the same document has the same ones.
    let date = "2000-01-01T00:00:00Z";
    Docx::new()
        .created_at(date)
        .updated_at(date)
        .default_fonts(RunFonts::new().ascii(font).hi_ansi(font).cs(font))
        .default_size(22)
        .default_line_spacing(spacing)
        .add_style(style(TITLE, "Title", 36).outline_lvl(0))
        .add_style(style(HEADING, "heading 1", 28).outline_lvl(0))
}
