//! Models on ONNX Runtime, a library that is loaded at run time and never needed.

use std::{
    path::Path,
    sync::{Mutex, OnceLock, PoisonError},
};

use ort::{
    environment::Environment,
    ep,
    session::{Session, builder::GraphOptimizationLevel},
    value::TensorRef,
};
use rten_tensor::{NdTensor, prelude::*};

use super::{RunError, Threads, UNEXPECTED_SHAPE};

/// The library, loaded. A process has one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Library(&'static Environment);

impl Library {
    /// Loads the library at `path`, unless one is loaded already.
    ///
    /// # Errors
    /// What the loader says; the process can go on without.
    pub(crate) fn load(path: &Path) -> Result<Self, String> {
        static LOADED: OnceLock<Result<Environment, String>> = OnceLock::new();
        LOADED
            .get_or_init(|| {
                let environment = ort::init_from(path).map_err(|error| error.to_string())?;
                environment
                    .with_telemetry(false)
                    .build()
                    .map_err(|error| error.to_string())
            })
            .as_ref()
            .map(Self)
            .map_err(Clone::clone)
    }
}

/// A session and the number of its threads.
type Idle = (usize, Session);

/// A model on ONNX Runtime. A session runs one call at a time on a number of threads that is fixed, so there are
/// as many as there were calls side by side.
pub(crate) struct NativeModel {
    library: Library,
    bytes: Vec<u8>,
    idle: Mutex<Vec<Idle>>,
}

impl std::fmt::Debug for NativeModel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NativeModel").finish_non_exhaustive()
    }
}

impl NativeModel {
    /// Reads the bytes of an ONNX file.
    pub(crate) fn load(library: Library, bytes: Vec<u8>) -> Result<Self, String> {
        let model = Self {
            library,
            bytes,
            idle: Mutex::default(),
        };
        let session = model.session(1).map_err(|error| error.to_string())?;
        model.give_back((1, session));
        Ok(model)
    }

    pub(super) fn metadata(&self, key: &str) -> Option<String> {
        let (threads, session) = self.take(1).ok()?;
        let value = session.metadata().ok().and_then(|metadata| metadata.custom(key));
        self.give_back((threads, session));
        value
    }

    pub(super) fn run<const N: usize>(
        &self,
        input: &NdTensor<f32, 4>,
        threads: &Threads,
    ) -> Result<NdTensor<f32, N>, RunError> {
        let (count, mut session) = self.take(threads.count)?;
        let outputs = run(&mut session, input, 1);
        self.give_back((count, session));
        outputs?.pop().ok_or_else(|| "the model has no output".into())
    }

    pub(super) fn run_all<const N: usize>(
        &self,
        input: &NdTensor<f32, 4>,
        threads: &Threads,
    ) -> Result<Vec<NdTensor<f32, N>>, RunError> {
        let (count, mut session) = self.take(threads.count)?;
        let outputs = run(&mut session, input, usize::MAX);
        self.give_back((count, session));
        outputs
    }

    /// An idle session of so many threads, or a new one.
    fn take(&self, threads: usize) -> Result<Idle, RunError> {
        let found = {
            let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
            let position = idle.iter().position(|(count, _)| *count == threads);
            position.map(|index| idle.swap_remove(index))
        };
        match found {
            Some(session) => Ok(session),
            None => Ok((threads, self.session(threads)?)),
        }
    }

    fn give_back(&self, session: Idle) {
        self.idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(session);
    }

    fn session(&self, threads: usize) -> ort::Result<Session> {
        let session = Session::builder(self.library.0)?
            .with_optimization_level(GraphOptimizationLevel::All)?
            .with_intra_threads(threads)?
            // Waiting threads sleep: other pages and other programs have a use for the processor.
            .with_intra_op_spinning(false)?
            // Every line has a width of its own; what is remembered of one is of no use to the next.
            .with_memory_pattern(false)?
            // Without its arena a run asks the system for each tensor anew: a fifth of a page was spent on that.
            .with_execution_providers([ep::CPU::default().with_arena_allocator(true).build()])?
            .commit_from_memory(&self.bytes)?;
        Ok(session)
    }
}

/// Runs a model and takes its first outputs, at most `most`.
fn run<const N: usize>(
    session: &mut Session,
    input: &NdTensor<f32, 4>,
    most: usize,
) -> Result<Vec<NdTensor<f32, N>>, RunError> {
    let values = input.data().ok_or("the input is not contiguous")?;
    let tensor = TensorRef::from_array_view((input.shape().to_vec(), values))?;
    let outputs = session.run(ort::inputs![tensor])?;
    let mut tensors = Vec::new();
    for output in outputs.values().take(most) {
        let (shape, values) = output.try_extract_tensor::<f32>()?;
        let sides: Vec<usize> = shape
            .iter()
            .map(|side| usize::try_from(*side))
            .collect::<Result<_, _>>()?;
        let sides: [usize; N] = sides.try_into().map_err(|_| UNEXPECTED_SHAPE)?;
        tensors.push(NdTensor::from_data(sides, values.to_vec()));
    }
    Ok(tensors)
}
