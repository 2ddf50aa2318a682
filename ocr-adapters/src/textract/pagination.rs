//! The answer of a job, put together from its parts.

use std::{collections::HashSet, future::Future};

use aws_sdk_textract::types::{Block, BlockType};
use ocr_core::{Error, ErrorKind, Result};

use super::client::{Answer, JobPart};

/// Maximum number of parts of an answer: more than 3,000 dense pages have.
const MAX_PARTS: usize = 50_000;

/// Asks for all parts after `first`. Metadata are those of the first part; blocks and warnings of all parts
/// count, each warning once. Relations lead from part to part, so nothing may be looked at before.
///
/// # Errors
/// `Unavailable` when the parts end before every page has come, or never end.
pub(super) async fn collect<F>(first: JobPart, mut next: impl FnMut(String) -> F) -> Result<Answer>
where
    F: Future<Output = Result<JobPart>>,
{
    let mut answer = first.answer;
    let mut token = first.next;
    let mut asked = HashSet::new();
    while let Some(current) = token.take() {
        if !asked.insert(current.clone()) || asked.len() > MAX_PARTS {
            return Err(incomplete("its parts go round in circles"));
        }
        let part = next(current).await?;
        answer.blocks.extend(part.answer.blocks);
        for warning in part.answer.warnings {
            if !answer.warnings.contains(&warning) {
                answer.warnings.push(warning);
            }
        }
        answer.model = answer.model.or(part.answer.model);
        token = part.next;
    }
    check_complete(&answer)?;
    Ok(answer)
}

/// Each page the service says it has read is there.
fn check_complete(answer: &Answer) -> Result<()> {
    let is_page = |block: &&Block| block.block_type == Some(BlockType::Page);
    let read = answer.blocks.iter().filter(is_page);
    let numbers: HashSet<i32> = read.clone().filter_map(|block| block.page).collect();
    let pages = read.count();
    // Several warnings may be about one page, and one that was read may have a warning as well.
    let left_out: HashSet<i32> = answer
        .warnings
        .iter()
        .flat_map(|warning| warning.pages().iter().copied())
        .filter(|number| !numbers.contains(number))
        .collect();
    if pages + left_out.len() < answer.pages as usize && !left_out_unnamed(answer) {
        return Err(incomplete(&format!("{pages} of {} pages came", answer.pages)));
    }
    Ok(())
}

/// Whether the service says that it had trouble, and not with which pages: those that did not come, then.
fn left_out_unnamed(answer: &Answer) -> bool {
    answer.warnings.iter().any(|warning| warning.pages().is_empty())
}

fn incomplete(why: &str) -> Error {
    Error::new(ErrorKind::Unavailable, "Textract gave an incomplete answer")
        .with_context("why", why)
        .at("textract", "get")
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_textract::types::{JobStatus, Warning};

    fn part(page_blocks: usize, pages: u32, next: Option<&str>) -> JobPart {
        let block = Block::builder().block_type(BlockType::Page).build();
        JobPart {
            status: JobStatus::Succeeded,
            message: None,
            answer: Answer {
                pages,
                blocks: vec![block; page_blocks],
                warnings: vec![],
                model: None,
            },
            next: next.map(Into::into),
        }
    }

    #[tokio::test]
    async fn all_parts_are_asked_for_and_the_first_keeps_its_metadata() {
        let mut first = part(1, 3, Some("a"));
        first.answer.model = Some("1.0".into());
        let mut asked = Vec::new();
        let answer = collect(first, |token| {
            asked.push(token.clone());
            let next = (token == "a").then_some("b");
            async move { Ok(part(1, 0, next)) }
        })
        .await
        .unwrap();
        assert_eq!(asked, ["a", "b"]);
        assert_eq!((answer.pages, answer.blocks.len()), (3, 3));
        assert_eq!(answer.model.as_deref(), Some("1.0"));
    }

    #[tokio::test]
    async fn an_answer_with_missing_pages_is_not_believed() {
        let error = collect(part(1, 2, None), |_| async { unreachable!() })
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable);
        let mut partial = part(1, 2, None);
        partial.answer.warnings = vec![Warning::builder().error_code("X").pages(2).build()];
        assert!(collect(partial, |_| async { unreachable!() }).await.is_ok());
    }

    #[tokio::test]
    async fn a_page_with_two_warnings_does_not_stand_for_another_that_is_missing() {
        let warning = |code: &str| Warning::builder().error_code(code).pages(2).build();
        let mut partial = part(1, 3, None);
        partial.answer.warnings = vec![warning("X"), warning("Y")];
        let error = collect(partial.clone(), |_| async { unreachable!() })
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable);
        partial.answer.warnings = vec![Warning::builder().error_code("X").build()];
        assert!(
            collect(partial, |_| async { unreachable!() }).await.is_ok(),
            "nobody says which"
        );
    }

    #[tokio::test]
    async fn parts_that_go_round_in_circles_end() {
        let error = collect(part(1, 1, Some("a")), |_| async { Ok(part(0, 1, Some("a"))) })
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable);
    }
}
