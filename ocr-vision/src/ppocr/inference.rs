//! One run of a model on a bounded number of threads.

use std::sync::Arc;

use ocr_core::{Error, ErrorKind, Result};
use rten::{Model, RunOptions, ThreadPool};
use rten_tensor::NdTensor;

/// The threads of one call.
#[derive(Debug, Clone)]
pub(crate) struct Threads(Arc<ThreadPool>);

impl Threads {
    pub(crate) fn new(count: usize) -> Self {
        Self(Arc::new(ThreadPool::with_num_threads(count.max(1))))
    }
}

/// Runs a model of one input and one output of rank `N`.
///
/// # Errors
/// `Internal` when the runtime refuses: the model is not of the kind its name says.
pub(crate) fn run<const N: usize>(
    model: &Model,
    input: NdTensor<f32, 4>,
    threads: &Threads,
    operation: &'static str,
) -> Result<NdTensor<f32, N>> {
    let options = RunOptions::default().with_thread_pool(Some(Arc::clone(&threads.0)));
    let fail = |source: Box<dyn std::error::Error + Send + Sync>| {
        Error::new(ErrorKind::Internal, "the recognition model could not be run")
            .with_source(source)
            .at("ppocr", operation)
    };
    let output = model
        .run_one(input.into(), Some(options))
        .map_err(|error| fail(error.into()))?;
    output.try_into().map_err(|_| {
        Error::new(
            ErrorKind::Internal,
            "the recognition model gave output of an unexpected shape",
        )
        .at("ppocr", operation)
    })
}
