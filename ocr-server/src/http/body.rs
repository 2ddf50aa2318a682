//! Bodies of requests: none larger than its address takes, none that comes too slowly.

use std::time::Duration;

use axum::{
    body::{Body, Bytes},
    extract::{MatchedPath, Request, State},
    http::{HeaderMap, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures::{Stream, StreamExt, stream};
use ocr_core::service::PART_BYTES;
use tokio::time::Instant;

use super::{problem::Problem, state::AppState};

/// Most bytes of a JSON body.
pub(super) const MAX_JSON: usize = 64 * 1024;
/// Largest files that a form holds at most; smaller ones may be more.
const FILES_OF_A_FORM: u64 = 20;
/// Bytes of a form that are not its files: names, fields, boundaries.
const FORM_OVERHEAD: u64 = 1024 * 1024;
/// Time for which a body that is refused is read on.
const DRAIN_TIME: Duration = Duration::from_secs(2);
/// Time over which the pace of a body is measured.
const WINDOW: Duration = Duration::from_secs(30);
/// Fewest bytes in that time: 1 KiB a second, what a mobile line without reception still carries.
const SLOWEST: u64 = 30 * 1024;

/// A body came more slowly than a line can be.
#[derive(Debug)]
pub(super) struct SlowBody;

impl std::fmt::Display for SlowBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the body came too slowly")
    }
}

impl std::error::Error for SlowBody {}

/// Refuses a body that says it is too large before any of it is read, and cuts one off that dribbles.
pub(super) async fn bounded(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let path = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    let upload = state.service.policies().max_upload_bytes;
    let maximum = maximum(request.method(), path.unwrap_or_default(), upload);
    if announced(request.headers()).is_some_and(|length| length > maximum) {
        let detail = format!("the body has more than {maximum} bytes, the maximum at this address");
        if !request.headers().contains_key(header::EXPECT) {
            drain(request.into_body()).await;
        }
        return Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", detail).into_response();
    }
    let request = request.map(|body| Body::from_stream(paced(body.into_data_stream())));
    next.run(request).await
}

/// Reads on for a moment: a client that is still sending would have its connection reset, and see no answer.
async fn drain(body: Body) {
    let mut rest = body.into_data_stream();
    let read = async { while let Some(Ok(_)) = rest.next().await {} };
    let _ = tokio::time::timeout(DRAIN_TIME, read).await;
}

/// Most bytes of a body that is sent to this address.
fn maximum(method: &Method, path: &str, upload: u64) -> u64 {
    match (method, path) {
        (&Method::POST, "/api/tasks") => upload
            .saturating_mul(FILES_OF_A_FORM)
            .saturating_add(FORM_OVERHEAD),
        (&Method::PUT, "/blobs/{*key}") => upload,
        (&Method::PUT, "/api/uploads/parts/{file_id}/{number}") => PART_BYTES,
        _ => MAX_JSON as u64,
    }
}

fn announced(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// The pieces of a body until they come too slowly. Only the time counts for which somebody waits for them.
fn paced<E>(
    pieces: impl Stream<Item = Result<Bytes, E>> + Send + Unpin + 'static,
) -> impl Stream<Item = Result<Bytes, axum::BoxError>> + Send
where
    E: Into<axum::BoxError> + Send + 'static,
{
    let begun = (pieces, Duration::ZERO, 0_u64);
    stream::try_unfold(begun, |(mut pieces, mut waited, mut bytes)| async move {
        let asked = Instant::now();
        let Some(piece) = pieces.next().await else {
            return Ok::<_, axum::BoxError>(None);
        };
        let piece = piece.map_err(Into::<axum::BoxError>::into)?;
        waited += asked.elapsed();
        bytes = bytes.saturating_add(piece.len() as u64);
        if waited >= WINDOW {
            if bytes < SLOWEST {
                return Err(SlowBody.into());
            }
            (waited, bytes) = (Duration::ZERO, 0);
        }
        Ok(Some((piece, (pieces, waited, bytes))))
    })
}

#[cfg(test)]
mod tests {
    use std::{convert::Infallible, pin::pin};

    use super::*;

    /// Pieces of `size` bytes, one each `pause`.
    fn dribble(size: usize, pause: Duration) -> impl Stream<Item = Result<Bytes, Infallible>> + Send + Unpin {
        Box::pin(stream::repeat(()).take(600).then(move |()| async move {
            tokio::time::sleep(pause).await;
            Ok(Bytes::from(vec![b' '; size]))
        }))
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_dribbles_is_cut_off() {
        let second = Duration::from_secs(1);
        let mut slow = pin!(paced(dribble(1, second)));
        let mut came = 0;
        let error = loop {
            match slow.next().await.unwrap() {
                Ok(piece) => came += piece.len(),
                Err(error) => break error,
            }
        };
        assert!(error.is::<SlowBody>());
        assert!(came <= 31, "{came} bytes were taken");
        let steady: Vec<_> = paced(dribble(2048, second)).collect().await;
        assert!(steady.len() == 600 && steady.iter().all(Result::is_ok));
    }

    #[tokio::test(start_paused = true)]
    async fn the_time_that_we_take_ourselves_does_not_count() {
        let mut quick = pin!(paced(dribble(1, Duration::from_millis(1))));
        while let Some(piece) = quick.next().await {
            piece.unwrap();
            tokio::time::sleep(Duration::from_secs(5)).await;
        }
    }

    #[test]
    fn each_address_has_its_maximum() {
        let of = |method: Method, path| maximum(&method, path, 1000);
        assert_eq!(of(Method::PUT, "/blobs/{*key}"), 1000);
        assert!(of(Method::POST, "/api/tasks") > 20_000);
        assert_eq!(
            of(Method::PUT, "/api/uploads/parts/{file_id}/{number}"),
            PART_BYTES
        );
        assert_eq!(of(Method::POST, "/api/uploads"), MAX_JSON as u64);
        assert_eq!(of(Method::GET, ""), MAX_JSON as u64);
    }
}
