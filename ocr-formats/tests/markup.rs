//! What the formats in markup make of slanted, hostile and missing text, and of merged cells.

use ocr_core::{
    formats::{FormatInfo, FormatInput},
    model::{
        Block, BlockKind, Cell, CellKind, DocumentText, EngineInfo, Field, Line, PageText, Point, Polygon,
        Table, Word,
    },
};
use ocr_formats::{Alto, Format, Formats, Hocr, Html, PageXml};
use quick_xml::{Reader, events::Event};

fn written(format: &dyn Format, page: PageText) -> String {
    let document = DocumentText::new(EngineInfo::new("fake", "1"), vec![page]);
    let mut output = Vec::new();
    format.write(FormatInput::new(&document), &mut output).unwrap();
    let written = String::from_utf8(output).unwrap();
    assert_well_formed(&written);
    written
}

/// HTML is written so that it is XML too.
fn assert_well_formed(written: &str) {
    let mut reader = Reader::from_str(written);
    let mut depth = 0;
    loop {
        match reader.read_event().unwrap() {
            Event::Start(tag) => {
                depth += 1;
                assert!(tag.attributes().all(|attribute| attribute.is_ok()), "{written}");
            }
            Event::End(_) => depth -= 1,
            Event::Eof => break,
            _ => {}
        }
    }
    assert_eq!(depth, 0, "{written}");
}

#[track_caller]
fn assert_has(written: &str, part: &str) {
    assert!(written.contains(part), "no {part}\nin {written}");
}

fn word(text: &str, left: f32) -> Word {
    Word::new(text, Polygon::from_box(left, 0.1, left + 0.1, 0.2), 0.5)
}

fn block(kind: BlockKind, lines: &[&str]) -> Block {
    let everywhere = Polygon::from_box(0.0, 0.0, 1.0, 1.0);
    let lines = lines.iter().map(|text| Line::new(*text, everywhere, 1.0, vec![]));
    Block::new(kind, everywhere, lines.collect())
}

/// A page of 1000 by 1000 pixels.
fn page(blocks: Vec<Block>) -> PageText {
    PageText::empty(1, 1000, 1000).with_blocks(blocks)
}

/// One word that falls by a tenth.
fn slanted() -> PageText {
    let corners = [(0.1, 0.1), (0.5, 0.14), (0.5, 0.19), (0.1, 0.15)].map(Point::from);
    let polygon = Polygon(corners);
    let line = Line::new(
        "slanted",
        polygon,
        0.75,
        vec![Word::new("slanted", polygon, 0.875)],
    );
    page(vec![Block::new(BlockKind::Paragraph, polygon, vec![line])])
}

fn hostile() -> PageText {
    let words = vec![word("<script>]]>", 0.3), word("\"&'\0\u{1b}\u{ffff}", 0.5)];
    let line = Line::new(
        "<script>]]> \"&'\0\u{1b}\u{ffff}",
        Polygon::from_box(0.3, 0.1, 0.6, 0.2),
        1.0,
        words,
    );
    let polygon = line.polygon;
    let everywhere = Polygon::from_box(0.0, 0.0, 1.0, 1.0);
    let cell = Cell::new(1, 1, "</td></table>", everywhere, f32::NAN);
    let table = Table::new(1, 1, vec![cell]).with_title("<!--".to_owned());
    page(vec![
        Block::new(BlockKind::Paragraph, polygon, vec![line]),
        block(BlockKind::List, &["- </li>&amp;<b>"]),
        block(BlockKind::Figure, &["-->\u{b}"]),
        block(BlockKind::Table, &[]).with_table(table),
    ])
    .with_language("\" onload=\"x()".to_owned())
}

/// A cell over two columns, and below it a free place and a cell of one word.
fn merged_cells() -> PageText {
    let everywhere = Polygon::from_box(0.0, 0.0, 1.0, 1.0);
    let number = Word::new("7", Polygon::from_box(0.6, 0.6, 0.8, 0.7), 0.5);
    let line = Line::new("7", number.polygon, 0.5, vec![number]);
    let cells = vec![
        Cell::new(1, 1, "Both\nof them", Polygon::from_box(0.0, 0.0, 1.0, 0.5), 0.9)
            .with_column_span(2)
            .with_kind(CellKind::ColumnHeader),
        Cell::new(2, 2, "7", Polygon::from_box(0.5, 0.5, 1.0, 1.0), 0.9),
    ];
    let block = Block::new(BlockKind::Table, everywhere, vec![line]);
    page(vec![block.with_table(Table::new(2, 2, cells))])
}

#[test]
fn slanted_text_has_its_corners() {
    let hocr = written(&Hocr, slanted());
    let place = "bbox 100 100 500 190; poly 100 100 500 140 500 190 100 150";
    assert_has(&hocr, &format!("{place}; baseline 0.1 -40; x_size 50"));
    assert_has(&hocr, &format!("{place}; x_wconf 88"));
    let alto = written(&Alto, slanted());
    assert_has(
        &alto,
        "CONTENT=\"slanted\" WC=\"0.875\" HPOS=\"100\" VPOS=\"100\" WIDTH=\"400\" HEIGHT=\"90\">",
    );
    let corners = "POINTS=\"100,100 500,140 500,190 100,150\"";
    assert_eq!(alto.matches(corners).count(), 3, "block, line and word");
    let page = written(&PageXml, slanted());
    assert_has(&page, "<Coords points=\"100,100 500,140 500,190 100,150\"/>");
}

#[test]
fn hostile_text_stays_text() {
    let hocr = written(&Hocr, hostile());
    assert_has(&hocr, ">&lt;script&gt;]]&gt;</span> <span");
    let alto = written(&Alto, hostile());
    assert_has(&alto, "CONTENT=\"&lt;script&gt;]]&gt;\"");
    assert_has(&alto, "CONTENT=\"&quot;&amp;&apos;\"");
    let page = written(&PageXml, hostile());
    assert_has(&page, "<Unicode>&lt;script&gt;]]&gt; &quot;&amp;&apos;</Unicode>");
    let html = written(&Html, hostile());
    assert_has(&html, "<p>&lt;script&gt;]]&gt; &quot;&amp;&apos;</p>");
    assert_has(&html, "<li>&lt;/li&gt;&amp;amp;&lt;b&gt;</li>");
    assert_has(&html, "<td>&lt;/td&gt;&lt;/table&gt;</td>");
    assert_has(&html, "<figcaption>--&gt;</figcaption>");
    for written in [hocr, alto, page, html] {
        assert!(
            !written.contains("<script") && !written.contains("onload"),
            "{written}"
        );
        assert!(
            !written.contains(['\0', '\u{b}', '\u{1b}', '\u{ffff}']),
            "{written}"
        );
    }
}

#[test]
fn an_empty_page_is_a_page() {
    let empty = || PageText::empty(7, 20, 10).with_dpi(299.6);
    assert_has(
        &written(&Hocr, empty()),
        "title=\"image &quot;&quot;; bbox 0 0 20 10; ppageno 6; scan_res 300 300\"",
    );
    let alto = written(&Alto, empty());
    assert_has(
        &alto,
        "<Page ID=\"page_1\" PHYSICAL_IMG_NR=\"7\" WIDTH=\"20\" HEIGHT=\"10\"",
    );
    assert_has(
        &alto,
        "<PrintSpace HPOS=\"0\" VPOS=\"0\" WIDTH=\"20\" HEIGHT=\"10\">",
    );
    let page = written(&PageXml, empty());
    assert_has(
        &page,
        "<Page imageFilename=\"\" imageWidth=\"20\" imageHeight=\"10\"",
    );
    assert!(!page.contains("ReadingOrder"));
    assert_has(&written(&Html, empty()), "<section aria-label=\"Page 7\">");
}

#[test]
fn cells_keep_their_spans_and_come_out_once() {
    let hocr = written(&Hocr, merged_cells());
    assert_has(
        &hocr,
        "<th scope=\"col\" colspan=\"2\" title=\"bbox 0 0 1000 500\">",
    );
    assert_has(&hocr, "title=\"bbox 600 600 800 700; x_wconf 50\">7</span>");
    let alto = written(&Alto, merged_cells());
    assert_has(
        &alto,
        "<ComposedBlock ID=\"block_1_1\" TYPE=\"table\" TAGREFS=\"kind_table\"",
    );
    let page = written(&PageXml, merged_cells());
    let role =
        "<TableCellRole rowIndex=\"0\" columnIndex=\"0\" rowSpan=\"1\" colSpan=\"2\" header=\"true\"/>";
    assert_has(&page, role);
    let html = written(&Html, merged_cells());
    assert_has(&html, "<th scope=\"col\" colspan=\"2\">Both\nof them</th>");
    assert_has(&html, "<tr>\n     <td></td>\n     <td>7</td>\n    </tr>");
    for (written, parts) in [(hocr, ">7<"), (alto, "CONTENT=\"7\""), (html, ">7<")] {
        assert_eq!(written.matches(parts).count(), 1, "{written}");
    }
    // A line and its word.
    assert_eq!(page.matches(">7<").count(), 2);
}

#[test]
fn html_has_the_structure_of_the_page() {
    let blocks = vec![
        block(BlockKind::Header, &["Weekly"]),
        block(BlockKind::Title, &["The", "title"]),
        block(BlockKind::Heading, &["One"]),
        block(BlockKind::Paragraph, &["a hyphen-", "ated word"]),
        block(BlockKind::List, &["1. one", "more", "2. two"]),
        block(BlockKind::KeyValue, &["Name", "Ann"]),
        block(BlockKind::Figure, &[]),
        block(BlockKind::PageNumber, &["3"]),
    ];
    let html = written(&Html, page(blocks).with_language("ar".to_owned()));
    let body = html
        .split_once("<body>")
        .unwrap()
        .1
        .replace('\n', "")
        .replace("> ", ">");
    let body = body.split('<').map(str::trim_end).collect::<Vec<_>>().join("<");
    assert_has(
        &body,
        "<p class=\"furniture\">Weekly</p><h1>The title</h1><h2>One</h2><p>a hyphen- ated word</p>",
    );
    assert_has(&html, "<li value=\"1\">one more</li>");
    assert_has(&html, "<p>Name<br/>Ann</p>");
    assert_has(&html, "<html lang=\"ar\" dir=\"rtl\">");
    assert_has(
        &html,
        "content=\"default-src &apos;none&apos;; style-src &apos;unsafe-inline&apos;\"",
    );
}

#[test]
fn words_are_parted_as_in_the_line() {
    let words = vec![word("你", 0.1), word("好", 0.2), word("世界", 0.4)];
    let line = Line::new("你好 世界", Polygon::from_box(0.1, 0.1, 0.5, 0.2), 1.0, words);
    let sample = || {
        page(vec![Block::new(
            BlockKind::Paragraph,
            line.polygon,
            vec![line.clone()],
        )])
    };
    assert_has(&written(&Hocr, sample()), "你</span><span");
    assert_has(&written(&Hocr, sample()), "好</span> <span");
    let alto = written(&Alto, sample());
    assert_eq!(alto.matches("<SP").count(), 1);
    assert_has(&alto, "<SP HPOS=\"300\" VPOS=\"100\" WIDTH=\"100\"/>");
}

#[test]
fn pages_name_the_engine_that_read_them() {
    let alto = written(&Alto, page(vec![]).with_engine(EngineInfo::new("other", "2")));
    assert_has(&alto, "<softwareName>other</softwareName>");
    assert_has(&alto, "PROCESSINGREFS=\"processing_2\"");
}

#[test]
fn files_of_one_markup_are_told_apart_by_their_endings() {
    let all: Vec<FormatInfo> = [Alto.info(), PageXml.info(), Hocr.info(), Html.info()].into();
    let names: Vec<String> = all.iter().map(|info| info.file_name("x", &all)).collect();
    assert_eq!(names, ["x.alto.xml", "x.page.xml", "x.hocr", "x.html"]);
    assert!(Formats::standard().names().contains(&"page-xml".to_owned()));
}

#[test]
fn keys_have_their_values_where_a_block_is_made_of_them() {
    let form = block(BlockKind::KeyValue, &["Name: Jane <Doe>"]);
    let field = Field::new("Name:", form.polygon, 1.0).with_value("Jane <Doe>");
    let mut page = page(vec![form]);
    assert_has(&written(&Html, page.clone()), "Name: Jane &lt;Doe&gt;");
    page.fields = vec![field];
    let html = written(&Html, page);
    assert_has(&html, "<dt>Name:</dt>");
    assert_has(&html, "<dd>Jane &lt;Doe&gt;</dd>");
}

#[test]
fn every_kind_of_block_comes_out_once_and_in_order() {
    let kinds = [
        BlockKind::Paragraph,
        BlockKind::Title,
        BlockKind::Heading,
        BlockKind::Header,
        BlockKind::Footer,
        BlockKind::PageNumber,
        BlockKind::List,
        BlockKind::Table,
        BlockKind::KeyValue,
        BlockKind::Figure,
        BlockKind::Signature,
    ];
    let texts: Vec<String> = (0..kinds.len()).map(|index| format!("q{index}q")).collect();
    let blocks = || kinds.iter().zip(&texts).map(|(kind, text)| block(*kind, &[text]));
    for format in [&Hocr as &dyn Format, &Alto, &PageXml, &Html] {
        let written = written(format, page(blocks().collect()));
        // PAGE has the text of words and of lines.
        let times = if format.info().name == "page-xml" { 2 } else { 1 };
        let places: Vec<usize> = texts.iter().filter_map(|text| written.find(text)).collect();
        assert!(places.len() == kinds.len() && places.is_sorted(), "{written}");
        for text in &texts {
            assert_eq!(written.matches(text.as_str()).count(), times, "{text}: {written}");
        }
    }
}
