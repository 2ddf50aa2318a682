//! What Word and Excel are given: the parts of the files, unzipped. `OCR_OFFICE_OUT` names a folder for files to look at.

mod ruled;
mod sample;

use std::{
    fs,
    io::{Cursor, Read},
    path::Path,
};

use ocr_core::{
    formats::{DocumentFormats, FormatInput, RenditionOptions},
    model::{Block, BlockKind, DocumentText, Field, Polygon, Table},
};
use ocr_formats::Formats;

use sample::{block, cell, document, lines, of_block, of_cells, page, report, spans, table};

fn write(document: &DocumentText, format: &str) -> Vec<u8> {
    let mut output = Vec::new();
    let input = FormatInput::new(document);
    Formats::standard()
        .write(format, input, &RenditionOptions::new(), &mut output)
        .unwrap();
    output
}

/// A part of the file that `format` makes of `document`.
fn part(document: &DocumentText, format: &str, name: &str) -> String {
    let mut archive = zip::ZipArchive::new(Cursor::new(write(document, format))).unwrap();
    let mut text = String::new();
    archive.by_name(name).unwrap().read_to_string(&mut text).unwrap();
    text
}

fn body(document: &DocumentText) -> String {
    part(document, "docx", "word/document.xml")
}

#[test]
fn the_same_document_is_written_twice_alike() {
    let document = report();
    for format in ["docx", "docx-positioned", "xlsx"] {
        let first = write(&document, format);
        assert_eq!(first, write(&document, format), "{format}");
        // In a thread of its own the libraries count anew.
        let other = std::thread::scope(|scope| scope.spawn(|| write(&document, format)).join().unwrap());
        assert_eq!(first, other, "{format}");
        if let Some(folder) = std::env::var_os("OCR_OFFICE_OUT") {
            let extension = format.split('-').next().unwrap();
            fs::write(Path::new(&folder).join(format!("{format}.{extension}")), first).unwrap();
        }
    }
    if let Some(folder) = std::env::var_os("OCR_OFFICE_OUT") {
        fs::write(
            Path::new(&folder).join("layout.txt"),
            write(&document, "text-layout"),
        )
        .unwrap();
    }
}

#[test]
fn every_part_is_well_formed() {
    let hostile = "<w:p> ]]> & \" ' \u{1}\u{0}\u{fffe} _x0041_ \t end";
    let kinds = [
        BlockKind::Title,
        BlockKind::List,
        BlockKind::Paragraph,
        BlockKind::Header,
        BlockKind::KeyValue,
    ];
    let mut blocks: Vec<Block> = kinds
        .into_iter()
        .map(|kind| block(kind, lines(&[hostile, "- <w:b/>"], 0.1, 0.1, 11.0)))
        .collect();
    let table = Table::new(1, 1, vec![cell(1, 1, hostile)]).with_title(hostile.to_owned());
    blocks.push(block(BlockKind::Table, lines(&[hostile], 0.1, 0.5, 11.0)).with_table(table));
    let document = document(vec![page(1, blocks)]);
    for format in ["docx", "docx-positioned", "xlsx"] {
        let mut archive = zip::ZipArchive::new(Cursor::new(write(&document, format))).unwrap();
        for index in 0..archive.len() {
            let mut file = archive.by_index(index).unwrap();
            let mut xml = String::new();
            file.read_to_string(&mut xml).unwrap();
            assert!(!xml.contains(['\u{1}', '\u{0}', '\u{fffe}']), "{format} {index}");
            let mut reader = quick_xml::Reader::from_str(&xml);
            while reader.read_event().unwrap() != quick_xml::events::Event::Eof {}
        }
    }
    let xml = body(&document);
    assert!(
        xml.contains("&lt;w:p&gt; ]]&gt; &amp; &quot; &apos;  _x0041_"),
        "{xml}"
    );
    let strings = part(&document, "xlsx", "xl/sharedStrings.xml");
    assert!(strings.contains("&lt;w:p&gt; ]]&gt; &amp;"), "{strings}");
}

#[test]
fn places_that_are_none_do_not_matter() {
    let mut document = report();
    for value in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, -1e30, 1e30, 0.0] {
        let nowhere = Polygon::from_box(value, 0.0, 0.5, value);
        for block in &mut document.pages[0].blocks {
            block.polygon = nowhere;
            block.lines.iter_mut().for_each(|line| line.polygon = nowhere);
            let words = block.lines.iter_mut().flat_map(|line| &mut line.words);
            words.for_each(|word| word.polygon = nowhere);
            let cells = block.table.iter_mut().flat_map(|table| &mut table.cells);
            cells.for_each(|cell| cell.polygon = nowhere);
        }
        assert!(body(&document).contains("quick brown fox"), "{value}");
        let positioned = part(&document, "docx-positioned", "word/document.xml");
        assert!(positioned.contains("quick"), "{value}");
        let places = positioned
            .split(['"', ' '])
            .filter_map(|part| part.parse::<f64>().ok());
        assert!(places.into_iter().all(|place| place.abs() <= 31_680.0), "{value}");
        let text = String::from_utf8(write(&document, "text-layout")).unwrap();
        assert!(text.contains("quick"), "{value}");
    }
}

#[test]
fn titles_and_headings_have_the_styles_of_word() {
    let document = report();
    let xml = body(&document);
    assert!(
        xml.contains(r#"<w:pStyle w:val="Title" />"#) && xml.contains(r#"<w:pStyle w:val="Heading1" />"#)
    );
    let styles = part(&document, "docx", "word/styles.xml");
    let heading = styles
        .split("<w:style ")
        .find(|style| style.contains("Heading1"))
        .unwrap();
    assert!(heading.contains(r#"<w:name w:val="heading 1" />"#));
    assert!(heading.contains(r#"<w:outlineLvl w:val="0" />"#) && heading.contains("<w:b />"));
    // 26 points for the title, within what a line's height tells.
    let title = xml
        .split("<w:p ")
        .find(|paragraph| paragraph.contains("Annual Report"))
        .unwrap();
    assert!(
        title.contains(r#"<w:sz w:val="52" />"#) && title.contains(r#"<w:jc w:val="center" />"#),
        "{title}"
    );
}

#[test]
fn pages_are_sections_of_their_size() {
    let xml = body(&report());
    let sizes: Vec<&str> = xml
        .split("<w:pgSz ")
        .skip(1)
        .map(|rest| rest.split('/').next().unwrap().trim())
        .collect();
    let upright = r#"w:w="11909" w:h="16834""#;
    let wide = r#"w:w="16834" w:h="11909" w:orient="landscape""#;
    assert_eq!(sizes, [upright, upright, wide, r#"w:w="16834" w:h="16834""#]);
    // All but the last are ends of paragraphs, each of which begins a page.
    assert_eq!(xml.matches("</w:sectPr></w:pPr>").count(), 3);
    assert!(!xml.contains("w:type=\"continuous\""));
    let empty = body(&document(vec![]));
    assert!(empty.contains("<w:p ") && empty.contains("<w:sectPr>"));
}

#[test]
fn lines_of_a_paragraph_become_one_text() {
    let xml = body(&of_block(
        BlockKind::Paragraph,
        &["well-", "known syl\u{ad}", "lable", "end"],
    ));
    assert!(xml.contains(">well-known syllable end</w:t>"), "{xml}");
    let form = body(&of_block(BlockKind::KeyValue, &["Name: X", "Date: Y"]));
    assert!(form.contains("Name: X</w:t><w:br "), "{form}");
}

#[test]
fn markers_of_lists_are_those_of_word() {
    let document = of_block(BlockKind::List, &["• dot", "3. three", "4. four", "c) letter"]);
    let xml = body(&document);
    for text in ["dot", "three", "four", "letter"] {
        assert!(xml.contains(&format!(">{text}</w:t>")), "{text} in {xml}");
    }
    assert_eq!(xml.matches("<w:numPr>").count(), 4);
    let numbering = part(&document, "docx", "word/numbering.xml");
    for level in [
        r#"<w:start w:val="1" /><w:numFmt w:val="bullet" /><w:lvlText w:val="•" />"#,
        r#"<w:start w:val="3" /><w:numFmt w:val="decimal" /><w:lvlText w:val="%1." />"#,
        r#"<w:start w:val="3" /><w:numFmt w:val="lowerLetter" /><w:lvlText w:val="%1)" />"#,
    ] {
        assert!(numbering.contains(level), "{level} in {numbering}");
    }
}

#[test]
fn lists_inside_lists_are_indented() {
    let mut document = of_block(BlockKind::List, &["1. one", "a) inner", "2. two"]);
    let lines = &mut document.pages[0].blocks[0].lines;
    for (line, left) in lines.iter_mut().zip([0.1, 0.2, 0.1]) {
        line.polygon = Polygon::from_box(left, 0.1, 0.9, 0.12);
    }
    let xml = body(&document);
    assert_eq!(xml.matches(r#"<w:ilvl w:val="0" />"#).count(), 2, "{xml}");
    assert_eq!(xml.matches(r#"<w:ilvl w:val="1" />"#).count(), 1, "{xml}");
    let numbering = part(&document, "docx", "word/numbering.xml");
    assert!(numbering.contains(r#"<w:lvlText w:val="%2)" />"#), "{numbering}");
}

#[test]
fn keys_are_bold_before_their_values() {
    let mut document = of_block(BlockKind::KeyValue, &["Name: X", "Date: Y"]);
    let polygon = document.pages[0].blocks[0].polygon;
    let field = |key: &str, value: &str| Field::new(key, polygon, 1.0).with_value(value);
    document.pages[0].fields = vec![field("Name:", "X"), field("Date:", "Y")];
    let xml = body(&document);
    for text in [">Name:</w:t>", "> X</w:t>", ">Date:</w:t>", "> Y</w:t>"] {
        assert!(xml.contains(text), "{text} in {xml}");
    }
    assert!(xml.contains("<w:b />"), "{xml}");
}

#[test]
fn text_from_right_to_left_is_marked() {
    assert!(body(&of_block(BlockKind::Paragraph, &["שלום עולם"])).contains("<w:bidi />"));
    assert!(!body(&of_block(BlockKind::Paragraph, &["hello"])).contains("<w:bidi />"));
}

#[test]
fn what_stands_in_a_margin_is_small_and_grey() {
    let xml = body(&of_block(BlockKind::Footer, &["page 1 of 2"]));
    assert!(
        xml.contains(r#"<w:color w:val="808080" /><w:sz w:val="16" />"#),
        "{xml}"
    );
}

#[test]
fn spans_of_cells_stay() {
    let document = document(vec![page(1, vec![spans()])]);
    let xml = body(&document);
    assert_eq!(xml.matches(r#"<w:gridSpan w:val="2" />"#).count(), 2);
    assert_eq!(xml.matches(r#"<w:vMerge w:val="restart" />"#).count(), 1);
    assert_eq!(xml.matches(r#"<w:vMerge w:val="continue" />"#).count(), 1);
    assert_eq!(xml.matches("<w:tr>").count(), 4);
    assert!(
        xml.contains("North</w:t><w:br ") && xml.contains("Sales by region") && xml.contains("In thousands")
    );
    let sheet = part(&document, "xlsx", "xl/worksheets/sheet1.xml");
    for range in ["A1:A2", "B1:C1", "B4:C4"] {
        assert!(
            sheet.contains(&format!(r#"<mergeCell ref="{range}"/>"#)),
            "{range} in {sheet}"
        );
    }
    // A number in a merged range is one.
    assert!(sheet.contains("<v>2650</v>"), "{sheet}");
    let names = part(&document, "xlsx", "xl/workbook.xml");
    assert!(names.contains(r#"name="Page 1 Table 1""#), "{names}");
}

#[test]
fn columns_are_as_wide_as_their_cells() {
    let rows = vec![vec!["a".to_owned(), "b".to_owned()]];
    let xml = body(&document(vec![page(
        1,
        vec![table(&rows, &[0.6, 0.2], 0.1, 0.02)],
    )]));
    let widths = r#"<w:tblGrid><w:gridCol w:w="7056" w:type="dxa" /><w:gridCol w:w="2352" w:type="dxa" />"#;
    assert!(xml.contains(widths), "{xml}");
    let even = body(&of_cells(vec![cell(1, 1, "a"), cell(1, 2, "b")]));
    let widths: Vec<&str> = even
        .split("<w:gridCol ")
        .skip(1)
        .map(|rest| rest.split('/').next().unwrap())
        .collect();
    assert!(widths.len() == 2 && widths[0] == widths[1], "{widths:?}");
}

#[test]
fn a_large_table_is_whole_in_both() {
    let document = report();
    let xml = body(&document);
    let large = xml.split("<w:tbl>").nth(2).unwrap();
    assert_eq!(
        large.split("</w:tbl>").next().unwrap().matches("<w:tr>").count(),
        40
    );
    let sheet = part(&document, "xlsx", "xl/worksheets/sheet2.xml");
    assert!(sheet.contains(r#"<dimension ref="A1:H40"/>"#), "{sheet}");
    assert!(sheet.contains(r#"r="H40""#) && sheet.contains("<v>3907.07</v>"));
}

#[test]
fn more_columns_than_word_has_become_lines() {
    let cells = (1..=100).map(|column| cell(1, column, "x")).collect();
    let document = of_cells(cells);
    assert!(!body(&document).contains("<w:tbl>"));
    assert!(body(&document).contains(">x  x  x"));
    assert!(part(&document, "xlsx", "xl/worksheets/sheet1.xml").contains(r#"ref="A1:CV1""#));
}

#[test]
fn numbers_are_numbers_and_all_else_is_text() {
    let texts = ["1,299.00", "007", "=1+1", "@x", "+1", "-5", "12345678901234567"];
    let document = of_cells((1..).zip(texts).map(|(row, text)| cell(row, 1, text)).collect());
    let sheet = part(&document, "xlsx", "xl/worksheets/sheet1.xml");
    assert!(
        sheet.contains("<v>1299</v>") && sheet.contains("<v>-5</v>"),
        "{sheet}"
    );
    assert!(!sheet.contains("<f>"));
    assert_eq!(sheet.matches(r#"t="s""#).count(), 5);
    let strings = part(&document, "xlsx", "xl/sharedStrings.xml");
    for text in ["007", "=1+1", "@x", "+1", "12345678901234567"] {
        assert!(strings.contains(&format!(">{text}</t>")), "{text} in {strings}");
    }
    let styles = part(&document, "xlsx", "xl/styles.xml");
    assert!(styles.contains(r##"formatCode="#,##0.00""##), "{styles}");
}

#[test]
fn cells_that_are_too_much_are_left_out_with_a_note() {
    let long = "x".repeat(40_000);
    let cells = vec![
        cell(1, 1, &long),
        cell(1, 20_000, "far"),
        cell(2_000_000, 1, "deep"),
        cell(2, 1, "kept"),
    ];
    let document = of_cells(cells);
    let strings = part(&document, "xlsx", "xl/sharedStrings.xml");
    assert!(strings.contains("2 cells have no place") && strings.contains("1 cells were too long"));
    assert!(strings.contains("kept") && !strings.contains(&long));
}

#[test]
fn without_tables_there_is_a_row_for_each_line() {
    let document = of_block(BlockKind::Paragraph, &["one", "=two"]);
    assert!(part(&document, "xlsx", "xl/workbook.xml").contains(r#"name="Text""#));
    let sheet = part(&document, "xlsx", "xl/worksheets/sheet1.xml");
    assert!(sheet.contains(r#"<dimension ref="A1:C3"/>"#), "{sheet}");
    assert!(part(&document, "xlsx", "xl/sharedStrings.xml").contains(">=two</t>"));
}

#[test]
fn a_positioned_document_has_a_frame_for_each_line() {
    let xml = part(&report(), "docx-positioned", "word/document.xml");
    let frame = xml
        .split("<w:p ")
        .find(|paragraph| paragraph.contains("1 What happened"))
        .unwrap();
    // A tenth of the page from the left.
    assert!(
        frame.contains(r#"w:hAnchor="page" w:vAnchor="page" w:x="1191""#),
        "{frame}"
    );
    assert!(!xml.contains("<w:tbl>"));
}
