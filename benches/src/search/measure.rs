//! Filling indexes and asking them, in turns, so that what slows the machine down slows all of them down.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Result;
use tokio::time::timeout;

use crate::{
    contestant::{Indexed, Searched},
    corpus::{Corpus, Document},
    figures::{Answers, Build, Figures},
    questions::{Kind, Question},
};

/// Pages taken in at once: as many as our indexer gathers.
const BATCH: usize = 100;
/// How long one answer may take.
const LIMIT: Duration = Duration::from_secs(30);
/// How long one kind of question is asked in a round; what is left is not asked.
const PATIENCE: Duration = Duration::from_secs(20);

/// Who answers, under the name shown.
#[derive(Clone)]
pub(crate) struct Contestant {
    pub(crate) program: &'static str,
    /// The program that it is compared with, where there is one.
    pub(crate) beside: Option<&'static str>,
    pub(crate) searched: Arc<dyn Searched>,
}

/// Indexes that hold the same pages.
pub(crate) struct Filling {
    indexes: Vec<Arc<dyn Indexed>>,
    /// Documents that are in all of them.
    documents: usize,
    /// Pages of these.
    pages: usize,
}

impl Filling {
    /// Empty indexes.
    pub(crate) fn new(indexes: Vec<Arc<dyn Indexed>>) -> Self {
        Self {
            indexes,
            documents: 0,
            pages: 0,
        }
    }

    /// Documents in the indexes: the first ones of the corpus.
    pub(crate) fn documents(&self) -> usize {
        self.documents
    }

    /// Pages in the indexes.
    pub(crate) fn pages(&self) -> usize {
        self.pages
    }

    /// Takes documents in until there are at least `pages` pages.
    pub(crate) async fn fill(&mut self, corpus: &Corpus, pages: usize, figures: &mut Figures) -> Result<()> {
        let before = self.pages;
        let mut took = vec![Duration::ZERO; self.indexes.len()];
        while self.pages < pages {
            let batch = self.batch(corpus, pages);
            for (index, took) in self.indexes.iter().zip(&mut took) {
                index.prepare(&batch).await?;
                let begun = Instant::now();
                index.index().await?;
                *took += begun.elapsed();
            }
        }
        for (index, took) in self.indexes.iter().zip(took) {
            index.settle().await?;
            figures.built(Build {
                program: index.name(),
                pages: self.pages,
                added: self.pages - before,
                seconds: took.as_secs_f64(),
                bytes: index.bytes().await?,
            })?;
        }
        Ok(())
    }

    /// The next documents, of [`BATCH`] pages or more unless there are `pages` then.
    fn batch(&mut self, corpus: &Corpus, pages: usize) -> Vec<Document> {
        let mut batch = Vec::new();
        let end = pages.min(self.pages + BATCH);
        while self.pages < end {
            let document = corpus.document(self.documents);
            self.documents += 1;
            self.pages += document.pages.len();
            batch.push(document);
        }
        batch
    }
}

/// Asks all contestants all questions, one kind after the other, each contestant in turn.
pub(crate) async fn ask(
    contestants: &[Contestant],
    questions: &[Question],
    (pages, round): (usize, usize),
    figures: &mut Figures,
) -> Result<()> {
    for kind in Kind::ALL {
        let asked: Vec<&Question> = questions
            .iter()
            .filter(|question| question.kind == kind)
            .collect();
        for contestant in contestants {
            let mut answers = Answers {
                program: contestant.program,
                pages,
                round,
                kind,
                milliseconds: Vec::with_capacity(asked.len()),
                answered: 0,
                failed: 0,
            };
            // Connections and caches become warm; a failure shows when it counts.
            if let Some(first) = asked.first() {
                let _ = timeout(LIMIT, contestant.searched.ask(first)).await;
            }
            let begun = Instant::now();
            for question in &asked {
                if begun.elapsed() > PATIENCE {
                    break;
                }
                one(contestant, question, &mut answers).await;
            }
            figures.answered(answers)?;
        }
    }
    Ok(())
}

/// Asks one question.
async fn one(contestant: &Contestant, question: &Question, answers: &mut Answers) {
    let begun = Instant::now();
    let answer = timeout(LIMIT, contestant.searched.ask(question)).await;
    answers.milliseconds.push(begun.elapsed().as_secs_f64() * 1e3);
    match answer {
        Ok(Ok(hits)) => answers.answered += usize::from(hits > 0),
        Ok(Err(error)) => {
            eprintln!("{}: {:?} failed: {error:#}", contestant.program, question.text);
            answers.failed += 1;
        }
        Err(_) => {
            eprintln!("{}: {:?} took too long", contestant.program, question.text);
            answers.failed += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use async_trait::async_trait;
    use tokio::sync::Mutex;

    use super::*;

    /// Counts the pages that it is given.
    #[derive(Default)]
    struct Counting(Mutex<(usize, u64)>);

    #[async_trait]
    impl Indexed for Counting {
        fn name(&self) -> &'static str {
            "counting"
        }

        async fn prepare(&self, documents: &[Document]) -> Result<()> {
            self.0.lock().await.0 = documents.iter().map(|document| document.pages.len()).sum();
            Ok(())
        }

        async fn index(&self) -> Result<()> {
            let mut counts = self.0.lock().await;
            let ready = std::mem::take(&mut counts.0);
            counts.1 += ready as u64;
            Ok(())
        }

        async fn settle(&self) -> Result<()> {
            Ok(())
        }

        async fn bytes(&self) -> Result<u64> {
            Ok(self.0.lock().await.1)
        }
    }

    #[async_trait]
    impl Searched for Counting {
        async fn ask(&self, question: &Question) -> Result<usize> {
            anyhow::ensure!(question.kind != Kind::Code, "codes are not understood");
            Ok(usize::from(question.kind == Kind::Phrase))
        }
    }

    #[tokio::test]
    async fn every_index_takes_in_the_same_pages_once() {
        let folder = tempfile::tempdir().unwrap();
        let mut figures = Figures::new(&folder.path().join("figures")).unwrap();
        let corpus = Corpus::new(1);
        let indexes: Vec<Arc<dyn Indexed>> =
            vec![Arc::new(Counting::default()), Arc::new(Counting::default())];
        let mut filling = Filling::new(indexes);
        filling.fill(&corpus, 250, &mut figures).await.unwrap();
        filling.fill(&corpus, 600, &mut figures).await.unwrap();
        assert!(filling.pages() >= 600 && filling.documents() > 0);
        let counted: Vec<u64> = figures.builds.iter().map(|build| build.bytes).collect();
        let pages: Vec<u64> = figures.builds.iter().map(|build| build.pages as u64).collect();
        assert_eq!(counted, pages);
        let added: usize = figures.builds.iter().map(|build| build.added).sum();
        assert_eq!(added, 2 * filling.pages());
    }

    #[tokio::test]
    async fn answers_hits_and_failures_are_counted() {
        let folder = tempfile::tempdir().unwrap();
        let mut figures = Figures::new(&folder.path().join("figures")).unwrap();
        let contestant = Contestant {
            program: "counting",
            beside: None,
            searched: Arc::new(Counting::default()),
        };
        let questions: Vec<Question> = [Kind::Phrase, Kind::Code, Kind::Word]
            .map(|kind| Question {
                kind,
                text: "text".into(),
            })
            .into();
        ask(&[contestant], &questions, (400, 1), &mut figures)
            .await
            .unwrap();
        let of = |kind: Kind| {
            let found = figures.answers.iter().find(|answers| answers.kind == kind);
            found.map(|answers| (answers.milliseconds.len(), answers.answered, answers.failed))
        };
        assert_eq!(of(Kind::Phrase), Some((1, 1, 0)));
        assert_eq!(of(Kind::Code), Some((1, 0, 1)));
        assert_eq!(of(Kind::Word), Some((1, 0, 0)));
        assert_eq!(of(Kind::Prefix), Some((0, 0, 0)));
    }
}
