//! Words, phrases and what is between them.

use ocr_core::search::Exactness::{Confusable, Exact};

use super::SearchFixture;
use crate::samples;

/// Every word of a query must be on one page; the order is free.
pub async fn words_are_found_on_the_page_that_has_all_of_them(fixture: &SearchFixture) {
    let owner = samples::user();
    let task = fixture
        .document(owner, &["the total amount", "total of nothing", "an amount"])
        .await;
    assert_eq!(fixture.pages("amount total").await, [(task, 1)]);
    assert_eq!(fixture.pages("nothing").await, [(task, 2)]);
    assert_eq!(fixture.pages("total elephant").await, []);
    assert_eq!(fixture.pages("total").await.len(), 2);
}

/// The words of a phrase follow each other, over the end of a line too.
pub async fn a_phrase_is_found_in_its_order(fixture: &SearchFixture) {
    let task = fixture
        .document(samples::user(), &["the total\namount is", "amount total"])
        .await;
    assert_eq!(fixture.pages("\"total amount\"").await, [(task, 1)]);
    assert_eq!(fixture.pages("\"amount total\"").await, [(task, 2)]);
    assert_eq!(fixture.pages("\"the amount\"").await, []);
}

/// Pages with an unwanted word, phrase or code are left out; tolerance takes none away.
pub async fn what_is_unwanted_is_left_out(fixture: &SearchFixture) {
    let task = fixture
        .document(
            samples::user(),
            &["invoice draft", "invoice paid", "invoice dralt"],
        )
        .await;
    let mut found = fixture.pages("invoice -draft").await;
    found.sort_unstable();
    assert_eq!(found, [(task, 2), (task, 3)]);
    assert_eq!(fixture.pages("invoice -\"invoice paid\" -dra*").await, []);
    assert_eq!(fixture.pages("-paid -dralt -draft").await, []);
    assert_eq!(fixture.pages("-draft").await, [(task, 2)]);
}

/// OR stands between alternatives, and binds closer than what stands beside.
pub async fn one_of_several_is_enough(fixture: &SearchFixture) {
    let task = fixture
        .document(
            samples::user(),
            &["apple tree", "pear tree", "apple pie", "old pear"],
        )
        .await;
    let mut found = fixture.pages("apple OR pear tree").await;
    found.sort_unstable();
    assert_eq!(found, [(task, 1), (task, 2)]);
    let mut found = fixture.pages("\"apple pie\" OR \"old pear\"").await;
    found.sort_unstable();
    assert_eq!(found, [(task, 3), (task, 4)]);
}

/// `inv*` finds what begins so; without the star only the whole word is found.
pub async fn the_beginning_of_a_word_is_enough_where_it_says_so(fixture: &SearchFixture) {
    let task = fixture
        .document(
            samples::user(),
            &["Rechnungsnummer", "Rechnung", "Abrechnung der Steuernummer"],
        )
        .await;
    let mut found = fixture.pages("rechn*").await;
    found.sort_unstable();
    assert_eq!(found, [(task, 1), (task, 2)]);
    assert_eq!(fixture.pages("rechnung").await, [(task, 2)]);
    assert_eq!(fixture.pages("\"der steuer\"*").await, [(task, 3)]);
}

/// Words with at most so many between them are near, in any order.
pub async fn words_that_are_near_are_found(fixture: &SearchFixture) {
    let far = format!("alpha {} omega", "x ".repeat(30).trim());
    let task = fixture
        .document(
            samples::user(),
            &[
                "alpha one two three omega",
                "omega alpha",
                &far,
                "the grand alpha of an old omega",
            ],
        )
        .await;
    let found = async |query: &str| {
        let mut found = fixture.pages(query).await;
        found.sort_unstable();
        found
            .into_iter()
            .map(|(found, page)| {
                assert_eq!(found, task);
                page
            })
            .collect::<Vec<u32>>()
    };
    assert_eq!(found("alpha near omega").await, [1, 2, 4]);
    assert_eq!(found("alpha near/2 omega").await, [2]);
    assert_eq!(found("alpha near/3 omega").await, [1, 2, 4]);
    assert_eq!(found("alpha near/50 omega").await, [1, 2, 3, 4]);
    assert_eq!(found("\"grand alpha\" near/3 \"old omega\"").await, [4]);
    assert_eq!(
        found("\"old omega\" near/1 \"grand alpha\"").await,
        Vec::<u32>::new()
    );
}

/// Capital letters, accents, ligatures, full width and forms of Arabic letters make no difference.
pub async fn case_accents_and_forms_make_no_difference(fixture: &SearchFixture) {
    fixture
        .document(samples::user(), &["Größe ÉTÉ oﬃce ＡＢＣ مُدَرِّسَة İzmir Straße"])
        .await;
    fixture
        .finds_each(&[
            ("grosse", Some(Exact)),
            ("GRÖSSE", Some(Exact)),
            ("ete", Some(Exact)),
            ("office", Some(Exact)),
            ("abc", Some(Exact)),
            ("مدرسه", Some(Exact)),
            ("izmir", Some(Exact)),
            ("STRASSE", Some(Exact)),
        ])
        .await;
}

/// Numbers and codes are found whole, in parts, and with other separators; a part of a number is another number.
pub async fn codes_and_numbers_are_found(fixture: &SearchFixture) {
    fixture
        .document(
            samples::user(),
            &["No. INV-2024-0042 of 12.03.2026: 1,299.00 plan B at 1.5 %"],
        )
        .await;
    fixture
        .finds_each(&[
            ("INV-2024-0042", Some(Exact)),
            ("inv 2024 0042", Some(Exact)),
            ("inv20240042", Some(Exact)),
            ("INV/2024/0042", Some(Exact)),
            ("1,299.00", Some(Exact)),
            ("1299.00", Some(Exact)),
            ("129900", Some(Exact)),
            ("12.03.2026", Some(Exact)),
            ("12/03/2026", Some(Exact)),
            ("B", Some(Exact)),
            ("1.5", Some(Exact)),
            ("15", None),
            ("INV-2024-0043", None),
            ("1,298.00", None),
            ("2025", None),
        ])
        .await;
}

/// A word that the end of a line cuts is found joined, and in its parts.
pub async fn words_cut_at_the_end_of_a_line_are_found(fixture: &SearchFixture) {
    fixture
        .document(samples::user(), &["the confi-\ndence of INV-\n2024"])
        .await;
    fixture
        .finds_each(&[
            ("confidence", Some(Exact)),
            ("\"the confidence of\"", Some(Exact)),
            ("dence", Some(Exact)),
            ("INV-2024", Some(Exact)),
            ("inv2024", Some(Exact)),
        ])
        .await;
}

/// Ideographs, kana and Hangul are found by any part of two or more, and one alone.
pub async fn scripts_without_spaces_are_found(fixture: &SearchFixture) {
    fixture
        .document(samples::user(), &["東京 都庁の会議。北海道\nがくせい 서울특별시"])
        .await;
    fixture
        .finds_each(&[
            ("東京", Some(Exact)),
            ("京都", Some(Exact)),
            ("東京都庁", Some(Exact)),
            ("会", Some(Exact)),
            ("道", Some(Exact)),
            ("北海道", Some(Exact)),
            ("がく", Some(Exact)),
            ("かく", None),
            ("특별", Some(Exact)),
            ("議北", None),
            ("庁東", None),
        ])
        .await;
}

/// What the language of the index itself has a meaning for is text like any other.
pub async fn any_text_can_be_kept_and_asked_for(fixture: &SearchFixture) {
    let strange = samples::long_text(2_000);
    fixture
        .document(
            samples::user(),
            &["AND not NEAR or ' \" : ( ) ^ { } \\ & | ! <-> %_ null", &strange],
        )
        .await;
    for query in [
        "AND",
        "not",
        "\"not near\"",
        "null",
        "'null'",
        "(null)",
        "{and}",
        "\\not",
        "a:b:c & d | !e",
        "%_ null",
        "^and",
    ] {
        let pages = fixture.pages(query).await;
        assert!(pages.len() <= 1, "{query}");
    }
    assert_eq!(fixture.pages("\"AND not NEAR or\"").await.len(), 1);
    assert_eq!(fixture.pages("привет OR עברית").await.len(), 1);
}

/// A word is found where characters were taken for others that look like them, and only then.
pub async fn what_recognition_confuses_is_found(fixture: &SearchFixture) {
    fixture
        .document(samples::user(), &["rnodern lNV0ICE c1ear 8ank vvater 5TAND"])
        .await;
    fixture
        .finds_each(&[
            ("modern", Some(Confusable)),
            ("invoice", Some(Confusable)),
            ("clear", Some(Confusable)),
            ("bank", Some(Confusable)),
            ("water", Some(Confusable)),
            ("\"water stand\"", Some(Confusable)),
            ("inv*", Some(Confusable)),
            ("water near stand", Some(Confusable)),
            ("rnodern", Some(Exact)),
            ("boat", None),
        ])
        .await;
}
