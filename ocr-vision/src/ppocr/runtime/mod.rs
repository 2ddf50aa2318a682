//! What runs the models: ONNX Runtime where its library lies beside them, and otherwise `rten`, which is part of
//! the program. Both give the same text.

#[cfg(feature = "onnxruntime")]
mod native;
mod portable;

use std::{
    error::Error as StdError,
    sync::{Arc, OnceLock},
};

use ocr_core::{Error, ErrorKind, Result};
use rten::ThreadPool;
use rten_tensor::NdTensor;

#[cfg(feature = "onnxruntime")]
pub(crate) use self::native::{Library, NativeModel};
use self::portable::PortableModel;

/// The threads of one call.
#[derive(Debug)]
pub(crate) struct Threads {
    count: usize,
    /// Started when `rten` needs it: ONNX Runtime has pools of its own.
    pool: OnceLock<Arc<ThreadPool>>,
}

impl Threads {
    pub(crate) fn new(count: usize) -> Self {
        Self {
            count: count.max(1),
            pool: OnceLock::new(),
        }
    }

    fn pool(&self) -> Arc<ThreadPool> {
        let start = || Arc::new(ThreadPool::with_num_threads(self.count));
        Arc::clone(self.pool.get_or_init(start))
    }
}

/// A model of one input, and of one output or several.
#[derive(Debug)]
pub(crate) enum Model {
    /// On `rten`.
    Portable(Box<PortableModel>),
    /// On ONNX Runtime.
    #[cfg(feature = "onnxruntime")]
    Native(NativeModel),
}

impl Model {
    /// Reads the bytes of an ONNX file for `rten`.
    pub(crate) fn portable(bytes: Vec<u8>) -> Result<Self, String> {
        PortableModel::load(bytes).map(|model| Self::Portable(Box::new(model)))
    }

    /// Name of the runtime: `rten` or `onnxruntime`.
    pub(crate) fn runtime(&self) -> &'static str {
        match self {
            Self::Portable(_) => "rten",
            #[cfg(feature = "onnxruntime")]
            Self::Native(_) => "onnxruntime",
        }
    }

    /// How many lines of text are best read in one run. `rten` shares its work on the weights among them; what ONNX
    /// Runtime needs for one line stays in the processor's cache, which is worth a sixth of the time.
    pub(crate) fn lines_at_once(&self) -> usize {
        match self {
            Self::Portable(_) => 8,
            #[cfg(feature = "onnxruntime")]
            Self::Native(_) => 1,
        }
    }

    /// A text that whoever made the model left in it.
    pub(crate) fn metadata(&self, key: &str) -> Option<String> {
        match self {
            Self::Portable(model) => model.metadata(key),
            #[cfg(feature = "onnxruntime")]
            Self::Native(model) => model.metadata(key),
        }
    }

    /// Runs the model, whose output has rank `N`.
    ///
    /// # Errors
    /// `Internal` when the runtime refuses: the model is not of the kind its name says.
    pub(crate) fn run<const N: usize>(
        &self,
        input: NdTensor<f32, 4>,
        threads: &Threads,
        operation: &'static str,
    ) -> Result<NdTensor<f32, N>> {
        let output = match self {
            Self::Portable(model) => model.run(input, threads),
            #[cfg(feature = "onnxruntime")]
            Self::Native(model) => model.run(&input, threads),
        };
        output.map_err(not_run(operation))
    }

    /// Runs a model that has several outputs, all of rank `N`; they are in the order of the model.
    ///
    /// # Errors
    /// `Internal` when the runtime refuses: the model is not of the kind its name says.
    pub(crate) fn run_all<const N: usize>(
        &self,
        input: NdTensor<f32, 4>,
        threads: &Threads,
        operation: &'static str,
    ) -> Result<Vec<NdTensor<f32, N>>> {
        let outputs = match self {
            Self::Portable(model) => model.run_all(input, threads),
            #[cfg(feature = "onnxruntime")]
            Self::Native(model) => model.run_all(&input, threads),
        };
        outputs.map_err(not_run(operation))
    }
}

/// Makes the error of a model that could not be run.
fn not_run(operation: &'static str) -> impl FnOnce(RunError) -> Error {
    move |source| {
        Error::new(ErrorKind::Internal, "the recognition model could not be run")
            .with_source(source)
            .at("ppocr", operation)
    }
}

/// Why a model could not be run.
type RunError = Box<dyn StdError + Send + Sync>;

/// What is said of output that has not the expected number of dimensions.
const UNEXPECTED_SHAPE: &str = "the output has an unexpected shape";
