//! What is told of the pages of one document: which are wanted, and what becomes of those that cannot be read.

use futures::{Stream, StreamExt, stream};
use ocr_core::{
    Error, ErrorKind, Result,
    model::{PageSelection, PageText},
};
use tokio_util::sync::CancellationToken;

/// Which of the `count` pages of a document are wanted, ascending.
///
/// # Errors
/// `InvalidInput` when none is.
pub fn wanted_pages(count: u32, chosen: Option<&PageSelection>) -> Result<Vec<u32>> {
    let wanted: Vec<u32> = (1..=count)
        .filter(|number| chosen.is_none_or(|pages| pages.contains(*number)))
        .collect();
    if wanted.is_empty() {
        let message = format!("none of the chosen pages exists; the document has {count}");
        return Err(Error::new(ErrorKind::InvalidInput, message));
    }
    Ok(wanted)
}

/// What happens to pages that cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Tolerance {
    /// A document of one page fails.
    None,
    /// They are returned empty with a warning, if at least one other page can be read.
    IfOthersSucceed,
    /// They are returned empty with a warning, because an earlier attempt has read other pages.
    OthersDid,
}

impl Tolerance {
    /// For `unread` pages out of `total` wanted ones; the rest was read before.
    pub fn of(total: u32, unread: usize) -> Self {
        match total as usize {
            0 | 1 => Self::None,
            total if unread < total => Self::OthersDid,
            _ => Self::IfOthersSucceed,
        }
    }
}

/// Turns pages that cannot be read into empty pages with an error and a warning, as far as `tolerance` allows: holds
/// failures back until a page succeeds, and ends with the first failure when none does.
pub fn forgiving(
    pages: impl Stream<Item = (u32, Result<PageText>)> + Send,
    tolerance: Tolerance,
) -> impl Stream<Item = Result<PageText>> + Send {
    struct State<S> {
        pages: std::pin::Pin<Box<S>>,
        held: Vec<(u32, Error)>,
        success: bool,
        done: bool,
    }
    let start = State {
        pages: Box::pin(pages),
        held: Vec::new(),
        success: tolerance == Tolerance::OthersDid,
        done: false,
    };
    stream::unfold(start, move |mut state| async move {
        loop {
            if state.done {
                return None;
            }
            if state.success
                && let Some((number, error)) = state.held.pop()
            {
                return Some((Ok(unreadable(number, &error)), state));
            }
            match state.pages.next().await {
                Some((_, Ok(page))) => {
                    state.success = true;
                    return Some((Ok(page), state));
                }
                Some((number, Err(error))) if tolerance != Tolerance::None && is_about_the_page(&error) => {
                    state.held.push((number, error));
                }
                Some((_, Err(error))) => {
                    state.done = true;
                    return Some((Err(error), state));
                }
                None => {
                    state.done = true;
                    let first = state.held.into_iter().min_by_key(|(number, _)| *number);
                    state.held = Vec::new();
                    return first.map(|(_, error)| (Err(error), state));
                }
            }
        }
    })
}

/// Whether the other pages of the document may be read all the same.
pub fn is_about_the_page(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::InvalidInput
            | ErrorKind::Unsupported
            | ErrorKind::UnsupportedMediaType
            | ErrorKind::TooLarge
    )
}

fn unreadable(number: u32, error: &Error) -> PageText {
    PageText::empty(number, 0, 0)
        .with_error(error.kind())
        .with_warnings(vec![format!("this page could not be read: {error}")])
}

/// Ends the stream with `Cancelled` as soon as `cancel` is; what was being read is dropped.
pub fn cancellable(
    pages: impl Stream<Item = Result<PageText>> + Send,
    cancel: CancellationToken,
) -> impl Stream<Item = Result<PageText>> + Send {
    let start = Some((Box::pin(pages), cancel));
    stream::unfold(start, |state| async move {
        let (mut pages, cancel) = state?;
        tokio::select! {
            biased;
            () = cancel.cancelled() => {
                Some((Err(Error::new(ErrorKind::Cancelled, "reading was cancelled")), None))
            }
            page = pages.next() => page.map(|page| (page, Some((pages, cancel)))),
        }
    })
}

#[cfg(test)]
mod tests {
    use ocr_core::model::{DocumentText, EngineInfo};

    use super::*;

    fn ok(number: u32) -> (u32, Result<PageText>) {
        (number, Ok(PageText::empty(number, 1, 1)))
    }

    fn bad(number: u32) -> (u32, Result<PageText>) {
        (
            number,
            Err(Error::new(ErrorKind::InvalidInput, format!("broken {number}"))),
        )
    }

    async fn collect(pages: Vec<(u32, Result<PageText>)>, tolerance: Tolerance) -> Vec<Result<PageText>> {
        forgiving(stream::iter(pages), tolerance).collect().await
    }

    #[tokio::test]
    async fn one_broken_page_does_not_cost_the_others() {
        let pages = collect(vec![bad(1), ok(2), bad(3)], Tolerance::of(3, 3)).await;
        let pages: Vec<PageText> = pages.into_iter().map(Result::unwrap).collect();
        let mut numbers: Vec<u32> = pages.iter().map(|page| page.number).collect();
        numbers.sort_unstable();
        assert_eq!(numbers, [1, 2, 3]);
        assert_eq!(pages.iter().filter(|page| page.warnings.is_empty()).count(), 1);
        let failed = DocumentText::new(EngineInfo::default(), pages).failed_pages();
        assert_eq!(failed.len(), 2, "{failed:?}");
    }

    #[tokio::test]
    async fn a_document_of_broken_pages_fails_with_the_first_reason() {
        let pages = collect(vec![bad(2), bad(1)], Tolerance::of(2, 2)).await;
        assert_eq!(pages.len(), 1);
        assert_eq!(pages[0].as_ref().unwrap_err().message(), "broken 1");
    }

    #[tokio::test]
    async fn what_was_read_before_a_restart_counts() {
        let pages = collect(vec![bad(2)], Tolerance::of(2, 1)).await;
        assert_eq!(pages.len(), 1);
        assert_eq!(pages[0].as_ref().unwrap().warnings.len(), 1);
    }

    #[tokio::test]
    async fn the_only_page_is_not_forgiven() {
        let pages = collect(vec![bad(1)], Tolerance::of(1, 1)).await;
        assert!(pages.len() == 1 && pages[0].is_err());
    }

    #[tokio::test]
    async fn failures_that_are_not_the_pages_fault_end_it() {
        let lost = (2, Err(Error::new(ErrorKind::Unavailable, "no process")));
        let pages = collect(vec![ok(1), lost, ok(3)], Tolerance::of(3, 3)).await;
        assert_eq!(pages.len(), 2);
        assert_eq!(pages[1].as_ref().unwrap_err().kind(), ErrorKind::Unavailable);
    }

    #[tokio::test]
    async fn cancelling_ends_the_stream() {
        let cancel = CancellationToken::new();
        cancel.cancel();
        let pages: Vec<_> = cancellable(stream::pending::<Result<PageText>>(), cancel)
            .collect()
            .await;
        assert_eq!(pages.len(), 1);
        assert_eq!(pages[0].as_ref().unwrap_err().kind(), ErrorKind::Cancelled);
    }
}
