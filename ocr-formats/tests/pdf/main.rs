//! Searchable PDF, read back with another's reader of structure.

use lopdf::{Dictionary, Document, Object, ObjectId, Stream, dictionary};
use ocr_core::{
    Error, ErrorKind,
    clock::Timestamp,
    corrections::{Operation, PageLog, correct, record},
    formats::FormatInput,
    model::{Block, BlockKind, DocumentText, EngineInfo, Line, PageText, Polygon, TextOrigin, Word},
    page::{PageImage, PixelFormat},
};
use ocr_formats::{Format, Pdf, WriteError};

mod archive;
mod tagged;

/// A page of one line of two words.
fn page(number: u32, words: [&str; 2]) -> PageText {
    let polygon = |index: usize| {
        let left = 0.1 + 0.4 * index as f32;
        Polygon::from_box(left, 0.1, left + 0.3, 0.15)
    };
    let words: Vec<Word> = words
        .into_iter()
        .enumerate()
        .map(|(index, text)| Word::new(text, polygon(index), 0.9))
        .collect();
    let text = words
        .iter()
        .map(|word| word.text.as_str())
        .collect::<Vec<_>>()
        .join(" ");
    let line = Line::new(text, Polygon::from_box(0.1, 0.1, 0.8, 0.15), 0.9, words);
    let block = Block::new(BlockKind::Paragraph, line.polygon, vec![line]);
    PageText::empty(number, 400, 600)
        .with_source(TextOrigin::Ocr)
        .with_blocks(vec![block])
}

fn read(pages: Vec<PageText>) -> DocumentText {
    DocumentText::new(EngineInfo::new("fake", "1"), pages)
}

#[test]
fn a_correction_of_a_text_layer_reaches_the_pdf() {
    let original = pdf(&["BT /F1 12 Tf 40 520 Td (wrong text) Tj ET"]);
    let layer = page(1, ["wrong", "text"]).with_source(TextOrigin::TextLayer);
    let operation = Operation::SetText {
        word: 0,
        text: "right".into(),
    };
    let log = PageLog::new(1, Vec::new());
    let entries = record(&layer, &log, vec![operation], None, Timestamp::default()).unwrap();
    let corrected = correct(&layer, &PageLog::new(1, entries)).page;
    let bytes = written(&read(vec![corrected]), &original);
    let file = Document::load_mem(&bytes).unwrap();
    let text = file.extract_text(&[1]).unwrap();
    assert!(text.contains("right"), "{text}");
    assert_eq!(written(&read(vec![layer]), &original), original);
}

/// A PDF with a page for each content stream; resources and boxes are inherited.
fn pdf(contents: &[&str]) -> Vec<u8> {
    let mut file = Document::with_version("1.4");
    file.reference_table.cross_reference_type = lopdf::xref::XrefType::CrossReferenceTable;
    let parent = file.new_object_id();
    let font = file.add_object(dictionary! {
        "Type" => "Font", "Subtype" => "Type1", "BaseFont" => "Helvetica",
    });
    let kids: Vec<Object> = contents
        .iter()
        .map(|content| {
            let content = file.add_object(Stream::new(Dictionary::new(), content.as_bytes().to_vec()));
            let page = dictionary! { "Type" => "Page", "Parent" => parent, "Contents" => content };
            file.add_object(page).into()
        })
        .collect();
    let count = kids.len() as i64;
    let pages = dictionary! {
        "Type" => "Pages",
        "Kids" => kids,
        "Count" => count,
        "MediaBox" => vec![0.into(), 0.into(), 400.into(), 600.into()],
        "Resources" => dictionary! { "Font" => dictionary! { "F1" => font } },
    };
    file.objects.insert(parent, pages.into());
    let catalog = file.add_object(dictionary! { "Type" => "Catalog", "Pages" => parent });
    file.trailer.set("Root", catalog);
    let mut bytes = Vec::new();
    file.save_to(&mut bytes).unwrap();
    bytes
}

fn written(document: &DocumentText, original: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let input = FormatInput::new(document).with_original(Some(original));
    Pdf.write(input, &mut bytes).unwrap();
    bytes
}

fn page_ids(file: &Document) -> Vec<ObjectId> {
    file.get_pages().into_values().collect()
}

fn content(file: &Document, page: ObjectId) -> String {
    String::from_utf8_lossy(&file.get_page_content(page)).into_owned()
}

#[test]
fn the_original_stays_byte_by_byte_and_only_what_was_recognised_gets_a_layer() {
    let original = pdf(&["0 0 10 10 re f", "BT /F1 12 Tf (born digital) Tj ET"]);
    let mut digital = page(2, ["born", "digital"]);
    digital.source = TextOrigin::TextLayer;
    let document = read(vec![page(1, ["Grüße", "世界"]), digital]);
    let bytes = written(&document, &original);
    assert!(bytes.starts_with(&original));
    let file = Document::load_mem(&bytes).unwrap();
    let [first, second] = page_ids(&file)[..] else {
        panic!("two pages");
    };
    assert!(content(&file, first).contains("3 Tr /OcrText"));
    assert!(content(&file, first).contains("0 0 10 10 re f"));
    assert!(!content(&file, second).contains("OcrText"));
    let text = file.extract_text(&[1]).unwrap();
    assert_eq!(text.split_whitespace().collect::<Vec<_>>(), ["Grüße", "世界"]);
    // What a page inherited is still there beside the new font.
    let fonts = file.get_page_fonts(first).unwrap();
    assert!(fonts.contains_key(&b"F1"[..]));
    assert!(fonts.keys().any(|name| name.starts_with(b"OcrText")));
}

#[test]
fn a_document_of_its_own_text_is_given_back_as_it_is() {
    let original = pdf(&["BT /F1 12 Tf (text) Tj ET"]);
    let digital = page(1, ["a", "b"]).with_source(TextOrigin::TextLayer);
    assert_eq!(written(&read(vec![digital]), &original), original);
}

#[test]
fn an_old_layer_is_replaced() {
    let original = pdf(&["q BT 3 Tr /F1 12 Tf (wr0ng) Tj ET Q 0 0 10 10 re f"]);
    let document = read(vec![page(1, ["right", "words"])]);
    let once = written(&document, &original);
    let twice = written(&document, &once);
    for bytes in [once, twice] {
        let file = Document::load_mem(&bytes).unwrap();
        let content = content(&file, page_ids(&file)[0]);
        assert!(
            !content.contains("wr0ng") && content.contains("10 10 re"),
            "{content}"
        );
        assert_eq!(content.matches("OcrText").count(), 1, "{content}");
    }
}

#[test]
fn content_that_would_lose_something_stays_as_it_is() {
    let document = read(vec![page(1, ["two", "words"])]);
    for shown in [
        // Visible text after invisible text of the same line; a picture of a filter that is not understood; damage.
        "BT /F1 12 Tf 3 Tr (old) Tj 0 Tr (new) Tj ET",
        "BT 3 Tr (old) Tj ET BI /W 1 /H 1 /BPC 1 /F /CCF ID x EI 0 0 9 9 re f",
        "BT 3 Tr (old) Tj ET ) 0 0 9 9 re f",
    ] {
        let bytes = written(&document, &pdf(&[shown]));
        let file = Document::load_mem(&bytes).unwrap();
        let content = content(&file, page_ids(&file)[0]);
        assert!(
            content.contains(shown) && content.contains("OcrText"),
            "{content}"
        );
    }
}

#[test]
fn resources_that_are_none_count_as_empty() {
    let mut file = Document::load_mem(&pdf(&["0 0 9 9 re f"])).unwrap();
    let page_id = page_ids(&file)[0];
    file.get_dictionary_mut(page_id)
        .unwrap()
        .set("Resources", Object::Null);
    let mut original = Vec::new();
    file.save_to(&mut original).unwrap();
    let bytes = written(&read(vec![page(1, ["two", "words"])]), &original);
    let file = Document::load_mem(&bytes).unwrap();
    assert!(content(&file, page_ids(&file)[0]).contains("OcrText"));
}

#[test]
fn a_file_that_had_to_be_repaired_is_written_anew() {
    let mut original = b"something before it\n".to_vec();
    original.extend(pdf(&["0 0 10 10 re f"]));
    let bytes = written(&read(vec![page(1, ["two", "words"])]), &original);
    let file = Document::load_mem(&bytes).unwrap();
    assert!(content(&file, page_ids(&file)[0]).contains("OcrText"));
}

#[test]
fn what_cannot_be_built_on_is_refused_with_a_reason() {
    let document = read(vec![page(1, ["a", "b"])]);
    let kind = |original: Option<&[u8]>| {
        let input = FormatInput::new(&document).with_original(original);
        let error: WriteError = Pdf.write(input, &mut Vec::new()).unwrap_err();
        Error::from(error).kind()
    };
    assert_eq!(kind(None), ErrorKind::Unsupported);
    assert_eq!(kind(Some(b"%PDF-1.4 nothing")), ErrorKind::Unsupported);
    assert_eq!(kind(Some(b"neither a picture")), ErrorKind::Unsupported);
}

#[test]
fn a_picture_becomes_a_page_that_holds_it_as_it_is() {
    let pixels: Vec<u8> = (0..40 * 60).map(|index| (index % 251) as u8).collect();
    let image = PageImage::new(40, 60, PixelFormat::Gray8, pixels).unwrap();
    let document = read(vec![page(1, ["two", "words"]).with_rotation(90)]);
    for (picture, filter) in [
        (Some(ocr_documents::encode_png(&image)), "FlateDecode"),
        (ocr_documents::encode_jpeg(&image, 90), "DCTDecode"),
    ] {
        let picture = picture.unwrap();
        let bytes = written(&document, &picture);
        assert_eq!(bytes, written(&document, &picture));
        let file = Document::load_mem(&bytes).unwrap();
        let page = page_ids(&file)[0];
        let images = file.get_page_images(page).unwrap();
        assert_eq!((images[0].width, images[0].height), (40, 60));
        assert_eq!(images[0].filters.as_deref(), Some(&[filter.to_owned()][..]));
        let kept = images[0].content;
        assert!(
            picture.windows(kept.len()).any(|window| window == kept),
            "{filter}"
        );
        let rotation = file.get_dictionary(page).unwrap().get(b"Rotate").unwrap();
        assert_eq!(rotation.as_i64().unwrap(), 90);
        assert!(content(&file, page).contains("3 Tr"));
    }
}
