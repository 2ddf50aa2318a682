//! Tagged PDF: the structure, read back.

use lopdf::{Dictionary, Document, Object, ObjectId};
use ocr_core::{
    formats::FormatInput,
    model::{
        Block, BlockKind, Cell, CellKind, DocumentText, Line, PageText, Polygon, Table, TextOrigin, Word,
    },
    page::{PageImage, PixelFormat},
};
use ocr_formats::{Format, Pdf, PdfTagged};

use crate::{content, page, page_ids, pdf, read};

fn tagged(document: &DocumentText, original: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let input = FormatInput::new(document).with_original(Some(original));
    PdfTagged.write(input, &mut bytes).unwrap();
    bytes
}

fn picture() -> Vec<u8> {
    ocr_documents::encode_png(&PageImage::new(40, 60, PixelFormat::Gray8, vec![200; 40 * 60]).unwrap())
}

/// A line of words next to one another, each 0.1 wide.
fn line(text: &str, left: f32, top: f32, height: f32) -> Line {
    let words: Vec<Word> = text
        .split(' ')
        .enumerate()
        .map(|(index, text)| {
            let left = left + 0.1 * index as f32;
            Word::new(text, Polygon::from_box(left, top, left + 0.09, top + height), 1.0)
        })
        .collect();
    let polygon = Polygon::enclosing(words.iter().map(|word| &word.polygon));
    Line::new(text, polygon, 1.0, words)
}

fn block(kind: BlockKind, lines: Vec<Line>) -> Block {
    let polygon = Polygon::enclosing(lines.iter().map(|line| &line.polygon));
    Block::new(kind, polygon, lines)
}

fn report() -> PageText {
    let cell = |row, column, left: f32, top: f32| {
        Cell::new(
            row,
            column,
            "",
            Polygon::from_box(left, top, left + 0.1, top + 0.03),
            1.0,
        )
    };
    let cells = vec![
        cell(1, 1, 0.1, 0.5).with_kind(CellKind::ColumnHeader),
        cell(1, 2, 0.2, 0.5).with_kind(CellKind::ColumnHeader),
        cell(2, 1, 0.1, 0.53).with_column_span(2),
    ];
    let rows = vec![
        line("Prices", 0.1, 0.46, 0.02),
        line("Item Price", 0.1, 0.5, 0.02),
        line("none", 0.1, 0.53, 0.02),
    ];
    let text = |kind, text: &str, top: f32, height: f32| block(kind, vec![line(text, 0.1, top, height)]);
    PageText::empty(1, 400, 600)
        .with_source(TextOrigin::Ocr)
        .with_language("de".to_owned())
        .with_blocks(vec![
            text(BlockKind::Header, "page head", 0.02, 0.02),
            text(BlockKind::Title, "Report", 0.06, 0.04),
            text(BlockKind::Heading, "Large", 0.12, 0.03),
            text(BlockKind::Heading, "Small", 0.16, 0.02),
            text(BlockKind::Paragraph, "some text", 0.2, 0.02),
            block(
                BlockKind::List,
                vec![
                    line("1. one", 0.1, 0.3, 0.02),
                    line("• inner", 0.2, 0.33, 0.02),
                    line("2. two", 0.1, 0.36, 0.02),
                ],
            ),
            block(BlockKind::Table, rows).with_table(Table::new(2, 2, cells)),
        ])
}

/// The structure of a file as text: `P(0)`, with the numbers of marked content.
fn outline(file: &Document, id: ObjectId) -> String {
    let element = file.get_dictionary(id).unwrap();
    let role = String::from_utf8_lossy(element.get(b"S").unwrap().as_name().unwrap()).into_owned();
    let kids = element.get(b"K").unwrap().as_array().unwrap();
    let kids: Vec<String> = kids
        .iter()
        .map(|kid| match kid {
            Object::Reference(kid) => {
                let parent = file.get_dictionary(*kid).unwrap().get(b"P").unwrap();
                assert_eq!(parent.as_reference().unwrap(), id);
                outline(file, *kid)
            }
            kid => kid.as_i64().unwrap().to_string(),
        })
        .collect();
    format!("{role}({})", kids.join(" "))
}

fn root(file: &Document) -> &Dictionary {
    let root = file
        .catalog()
        .unwrap()
        .get_deref(b"StructTreeRoot", file)
        .unwrap();
    root.as_dict().unwrap()
}

fn structure(file: &Document) -> String {
    let kids = root(file).get(b"K").unwrap().as_array().unwrap();
    outline(file, kids[0].as_reference().unwrap())
}

/// Checks that each marked content of the pages belongs to one element, which has it as its own.
fn check_parents(file: &Document) {
    let tree = root(file)
        .get_deref(b"ParentTree", file)
        .unwrap()
        .as_dict()
        .unwrap();
    let numbers = tree.get(b"Nums").unwrap().as_array().unwrap();
    for page in page_ids(file) {
        let Ok(key) = file.get_dictionary(page).unwrap().get(b"StructParents") else {
            continue;
        };
        let key = numbers.iter().position(|number| number == key).unwrap();
        let parents = file.dereference(&numbers[key + 1]).unwrap().1.as_array().unwrap();
        let content = content(file, page);
        assert_eq!(content.matches("MCID").count(), parents.len());
        assert_eq!(
            content.matches("BDC").count() + content.matches("BMC").count(),
            content.matches("EMC").count()
        );
        for (mark, parent) in parents.iter().enumerate() {
            assert!(content.contains(&format!("<</MCID {mark}>> BDC")), "{content}");
            let parent = file.get_dictionary(parent.as_reference().unwrap()).unwrap();
            let kids = parent.get(b"K").unwrap().as_array().unwrap();
            assert!(kids.contains(&Object::Integer(mark as i64)));
            assert_eq!(parent.get(b"Pg").unwrap().as_reference().unwrap(), page);
        }
    }
}

#[test]
fn a_picture_gets_the_structure_of_its_text() {
    let bytes = tagged(&read(vec![report()]), &picture());
    assert_eq!(bytes, tagged(&read(vec![report()]), &picture()));
    let file = Document::load_mem(&bytes).unwrap();
    assert_eq!(
        structure(&file),
        "Document(H1(0) H2(1) H3(2) P(3) \
         L(LI(Lbl(4) LBody(5 L(LI(Lbl(6) LBody(7))))) LI(Lbl(8) LBody(9))) \
         Table(Caption(10) TR(TH(11) TH(12)) TR(TD(13))))"
    );
    check_parents(&file);
    let catalog = file.catalog().unwrap();
    assert_eq!(catalog.get(b"Lang").unwrap().as_str().unwrap(), b"de");
    let marks = catalog.get(b"MarkInfo").unwrap().as_dict().unwrap();
    assert!(marks.get(b"Marked").unwrap().as_bool().unwrap() && !marks.has(b"Suspects"));
    // What is no part of the text: the running header, and the picture.
    let content = content(&file, page_ids(&file)[0]);
    assert!(
        content.starts_with("q BT 3 Tr /OcrText 1 Tf\n/Artifact <</Type /Pagination>> BDC"),
        "{content}"
    );
    assert!(
        content.contains("/Artifact BMC\nq ") && content.contains("/Picture Do Q\nEMC"),
        "{content}"
    );
    let text = file.extract_text(&[1]).unwrap();
    assert!(text.contains("Report") && text.contains("page head"));
}

#[test]
fn spans_and_heads_of_cells_are_said() {
    let file = Document::load_mem(&tagged(&read(vec![report()]), &picture())).unwrap();
    let of = |role: &[u8]| {
        let elements = file.objects.values().filter_map(|object| object.as_dict().ok());
        let mut elements = elements.filter(|element| {
            element
                .get(b"S")
                .is_ok_and(|name| name.as_name().ok() == Some(role))
        });
        elements
            .next()
            .unwrap()
            .get(b"A")
            .unwrap()
            .as_dict()
            .unwrap()
            .clone()
    };
    assert_eq!(of(b"TH").get(b"Scope").unwrap().as_name().unwrap(), b"Column");
    assert_eq!(of(b"TD").get(b"ColSpan").unwrap().as_i64().unwrap(), 2);
    assert_eq!(
        of(b"L").get(b"ListNumbering").unwrap().as_name().unwrap(),
        b"Decimal"
    );
}

#[test]
fn a_pdf_is_appended_to_and_its_other_pages_are_suspects() {
    let original = pdf(&["0 0 10 10 re f", "BT /F1 12 Tf (born digital) Tj ET"]);
    let digital = page(2, ["born", "digital"]).with_source(TextOrigin::TextLayer);
    let bytes = tagged(&read(vec![page(1, ["two", "words"]), digital]), &original);
    assert!(bytes.starts_with(&original));
    let file = Document::load_mem(&bytes).unwrap();
    assert_eq!(structure(&file), "Document(P(0))");
    check_parents(&file);
    let marks = file
        .catalog()
        .unwrap()
        .get(b"MarkInfo")
        .unwrap()
        .as_dict()
        .unwrap();
    assert!(marks.get(b"Suspects").unwrap().as_bool().unwrap());
    let [first, second] = page_ids(&file)[..] else {
        panic!("two pages");
    };
    let shown = content(&file, first);
    assert!(
        shown.contains("/Artifact BMC") && shown.contains("0 0 10 10 re f"),
        "{shown}"
    );
    assert!(!content(&file, second).contains("MCID"));
}

#[test]
fn a_file_that_has_a_structure_keeps_it() {
    let mut file = Document::load_mem(&pdf(&["0 0 10 10 re f"])).unwrap();
    let root = file.add_object(Dictionary::new());
    file.catalog_mut().unwrap().set("StructTreeRoot", root);
    let mut original = Vec::new();
    file.save_to(&mut original).unwrap();
    let document = read(vec![page(1, ["two", "words"])]);
    let mut plain = Vec::new();
    Pdf.write(
        FormatInput::new(&document).with_original(Some(&original)),
        &mut plain,
    )
    .unwrap();
    assert_eq!(tagged(&document, &original), plain);
}

#[test]
fn words_that_run_to_the_left_are_said_in_their_order() {
    let file = Document::load_mem(&tagged(&read(vec![page(1, ["שלום", "עולם"])]), &picture())).unwrap();
    let elements = file.objects.values().filter_map(|object| object.as_dict().ok());
    let said: Vec<String> = elements
        .filter_map(|element| lopdf::decode_text_string(element.get(b"ActualText").ok()?).ok())
        .collect();
    assert_eq!(said, ["שלום עולם"]);
}
