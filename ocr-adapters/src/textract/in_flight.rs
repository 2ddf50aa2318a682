//! Pages in flight are already paid for, so they are delivered before the error that ends the stream.

use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use futures::{Stream, StreamExt, future, stream};
use ocr_core::{Result, model::PageText};

use ocr_vision::pages::is_about_the_page;

/// A page by its number, or why it could not be read.
pub(super) type Outcome = (u32, Result<PageText>);

/// Reads pages, `parallel` at once. After a failure that is not about its page alone no other page is
/// begun; those that had begun are told first, then the failure.
pub(super) fn drained<R, F>(numbers: Vec<u32>, parallel: usize, read: R) -> impl Stream<Item = Outcome> + Send
where
    R: Fn(u32) -> F + Send + Sync + 'static,
    F: Future<Output = Result<PageText>> + Send + 'static,
{
    let read = Arc::new(read);
    let ending = Arc::new(AtomicBool::new(false));
    let outcomes = stream::iter(numbers)
        .map(move |number| {
            let (read, ending) = (Arc::clone(&read), Arc::clone(&ending));
            async move {
                if ending.load(Ordering::Relaxed) {
                    return None;
                }
                let outcome = read(number).await;
                if outcome.as_ref().is_err_and(|error| !is_about_the_page(error)) {
                    ending.store(true, Ordering::Relaxed);
                }
                Some((number, outcome))
            }
        })
        .buffer_unordered(parallel)
        .filter_map(future::ready);
    failure_last(outcomes)
}

fn failure_last(outcomes: impl Stream<Item = Outcome> + Send) -> impl Stream<Item = Outcome> + Send {
    let start = (Box::pin(outcomes), None::<Outcome>);
    stream::unfold(start, |(mut outcomes, mut failure)| async move {
        while let Some((number, outcome)) = outcomes.next().await {
            match outcome {
                Err(error) if !is_about_the_page(&error) => {
                    failure.get_or_insert((number, Err(error)));
                }
                outcome => return Some(((number, outcome), (outcomes, failure))),
            }
        }
        let last = failure.take()?;
        Some((last, (outcomes, None)))
    })
}

#[cfg(test)]
mod tests {
    use ocr_core::{Error, ErrorKind};

    use super::*;

    #[tokio::test]
    async fn pages_under_way_are_told_and_no_others_begun() {
        let read = |number: u32| async move {
            // All that may begin at once have begun before the first is done.
            tokio::task::yield_now().await;
            match number {
                2 => Err(Error::new(ErrorKind::RateLimited, "slow down")),
                3 => Err(Error::new(ErrorKind::InvalidInput, "torn")),
                _ => Ok(PageText::empty(number, 1, 1)),
            }
        };
        let told: Vec<Outcome> = drained((1..=9).collect(), 4, read).collect().await;
        let (last, pages) = told.split_last().unwrap();
        assert!(
            last.1
                .as_ref()
                .is_err_and(|error| error.kind() == ErrorKind::RateLimited)
        );
        let mut numbers: Vec<u32> = pages.iter().map(|(number, _)| *number).collect();
        numbers.sort_unstable();
        assert_eq!(numbers, [1, 3, 4]);
    }
}
