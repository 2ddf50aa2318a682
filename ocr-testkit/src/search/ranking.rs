//! Tolerance, and the order of answers.

use ocr_core::{
    search::{Exactness, SearchQuery, find},
    search_index::{IndexRequest, MAX_RANKED},
    store::Scope,
};

use super::{SearchFixture, document};
use crate::{harness::not_offered, samples};

/// One letter wrong, missing, too many or changed over is forgiven in longer words; never in numbers, short words and
/// what quotation marks are around.
pub async fn errors_of_typing_are_found(fixture: &SearchFixture) {
    fixture
        .document(samples::user(), &["Rechnung cat 2024 elephant"])
        .await;
    let typing = fixture.index.capabilities().typing.then_some(Exactness::Typing);
    if typing.is_none() {
        not_offered("tolerance of typing errors");
    }
    fixture
        .finds_each(&[
            ("rechnumg", typing),
            ("rechnng", typing),
            ("rechhnung", typing),
            ("rehcnung", typing),
            ("xechnung", typing),
            ("elephamt 2024", typing),
            ("rechnumk", None),
            ("cst", None),
            ("2023", None),
            ("\"rechnumg\"", None),
            ("rechnumg*", None),
        ])
        .await;
}

/// A page that has the words as they were typed comes before one with confusable characters, that before one with an
/// error of typing, however often the words stand there.
pub async fn literal_answers_come_first(fixture: &SearchFixture) {
    let owner = samples::user();
    let filler = "and so on and on ".repeat(40);
    let typing = fixture.document(owner, &["modarn modarn modarn"]).await;
    let confusable = fixture.document(owner, &["rnodern rnodern"]).await;
    let exact = fixture
        .document(owner, &[&format!("{filler} modern {filler}")])
        .await;
    let found = fixture.pages("modern").await;
    let mut wanted = vec![(exact, 1), (confusable, 1)];
    if fixture.index.capabilities().typing {
        wanted.push((typing, 1));
    }
    assert_eq!(found, wanted);
}

/// Among pages that answer as literally, the one that says it more often in as many words is better.
pub async fn what_is_said_more_often_comes_first(fixture: &SearchFixture) {
    let task = fixture
        .document(
            samples::user(),
            &[
                "alpha beta gamma delta",
                "alpha alpha alpha beta",
                "gamma delta gamma delta",
                "other words stand here",
            ],
        )
        .await;
    let found = fixture.ask(Scope::system(), "alpha").await;
    assert_eq!(
        found
            .iter()
            .map(|page| (page.task, page.page))
            .collect::<Vec<_>>(),
        [(task, 2), (task, 1)]
    );
    assert!(found[0].score > found[1].score, "{found:?}");
}

/// Answers are given in pieces that together are the whole, also where literal ones end and others follow.
pub async fn answers_come_in_pages(fixture: &SearchFixture) {
    let owner = samples::user();
    for number in 0..7 {
        fixture
            .document(owner, &[&format!("word number{number}"), "word", "other", "w0rd"])
            .await;
    }
    let all = fixture.ask(Scope::system(), "word").await;
    assert_eq!(all.len(), 21);
    let mut pieces = Vec::new();
    for offset in (0..24).step_by(4) {
        let query = SearchQuery::parse("word").unwrap();
        let piece = fixture
            .index
            .search(Scope::system(), IndexRequest::new(query, offset, 4))
            .await;
        pieces.extend(piece.unwrap());
    }
    assert_eq!(pieces, all);
    let query = SearchQuery::parse("word").unwrap();
    assert_eq!(
        fixture
            .index
            .search(Scope::system(), IndexRequest::new(query, 0, 0))
            .await
            .unwrap(),
        []
    );
}

/// Of more pages that answer as literally than are ranked, the newest are; the others follow, newest first.
pub async fn of_very_many_answers_the_newest_are_ranked(fixture: &SearchFixture) {
    let owner = samples::user();
    let mut texts = vec!["word and more"; MAX_RANKED];
    if let Some(last) = texts.last_mut() {
        *last = "word word word";
    }
    let mut older = document(owner, &["word word word", "word"]);
    let mut newer = document(owner, &texts);
    if older.task > newer.task {
        std::mem::swap(&mut older.task, &mut newer.task);
    }
    let (old, new) = (older.task, newer.task);
    fixture.put(vec![older, newer]).await;
    let query = SearchQuery::parse("word").unwrap();
    let ask = async |offset: usize, limit: usize| {
        let request = IndexRequest::new(query.clone(), offset, limit);
        fixture.index.search(Scope::system(), request).await.unwrap()
    };
    let best = ask(0, 1).await;
    assert_eq!((best[0].task, best[0].page), (new, MAX_RANKED as u32));
    // Where literal answers are enough, and where others are looked for too.
    for limit in [3, 9] {
        let last = ask(MAX_RANKED - 1, limit).await;
        let places: Vec<_> = last.iter().map(|page| (page.task, page.page)).collect();
        assert_eq!(places[1..], [(old, 1), (old, 2)]);
        assert_eq!(places[0].0, new);
        assert!(last[0].score > 0.0 && last[1..].iter().all(|page| page.score <= 0.0));
    }
    assert_eq!(ask(MAX_RANKED + 1, 1).await[0].page, 2);
}

/// For any query the index finds the pages that the meaning of queries says, as literally.
pub async fn the_index_agrees_with_the_meaning_of_queries(fixture: &SearchFixture) {
    let texts = [
        "total amount 1,299.00 paid",
        "the total was arnount of 12",
        "amount-\nless total",
        "e-mail a total",
        "total total ammount",
        "nothing of that",
        "東京 total 京都",
        "modern modem corn com",
        "amount near total here",
    ];
    let queries = [
        "total",
        "amount",
        "total amount",
        "\"total amount\"",
        "tot* -paid",
        "amount OR nothing",
        "total near/1 amount",
        "total near/2 \"of 12\"",
        "com",
        "corn",
        "modem",
        "amountless",
        "email",
        "e-mail",
        "1299",
        "1,299.00",
        "京",
        "-total",
        "-amount total",
        "\"corn com\"",
        "am* near to*",
        "ammount",
        "nothimg",
        "modern -com",
        "12 OR paid",
        "\"the total was\" OR \"e mail\"",
        "arnount",
    ];
    let document = document(samples::user(), &texts);
    let task = document.task;
    fixture.put(vec![document.clone()]).await;
    let typing = fixture.index.capabilities().typing;
    for text in queries {
        let query = SearchQuery::parse(text).unwrap();
        let pages = document.pages.iter().filter_map(|page| {
            let found = find(&query, &page.tokens)?;
            Some((page.number, found.exactness))
        });
        let mut wanted: Vec<(u32, Exactness)> = pages
            .filter(|(_, exactness)| typing || *exactness != Exactness::Typing)
            .collect();
        if !query.finds_words() {
            wanted.truncate(1);
        }
        let found = fixture.ask(Scope::system(), text).await;
        assert!(found.iter().all(|page| page.task == task));
        assert!(found.is_sorted_by_key(|page| page.exactness), "{text}: {found:?}");
        let mut found: Vec<(u32, Exactness)> = found.iter().map(|page| (page.page, page.exactness)).collect();
        found.sort_unstable();
        assert_eq!(found, wanted, "{text}");
    }
}
