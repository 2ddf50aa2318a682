//! Models on `rten`, in Rust alone.

use rten::{ModelOptions, RunOptions};
use rten_tensor::NdTensor;

use super::{RunError, Threads, UNEXPECTED_SHAPE};

/// A model on `rten`. Calls may run side by side.
#[derive(Debug)]
pub(crate) struct PortableModel(rten::Model);

impl PortableModel {
    pub(super) fn load(bytes: Vec<u8>) -> Result<Self, String> {
        let mut options = ModelOptions::with_all_ops();
        // Packed weights cost memory once (about the size of the file) and save work on every line.
        options.prepack_weights(true);
        options.load(bytes).map(Self).map_err(|error| error.to_string())
    }

    pub(super) fn metadata(&self, key: &str) -> Option<String> {
        self.0.metadata().get(key).map(str::to_owned)
    }

    pub(super) fn run<const N: usize>(
        &self,
        input: NdTensor<f32, 4>,
        threads: &Threads,
    ) -> Result<NdTensor<f32, N>, RunError> {
        let options = RunOptions::default().with_thread_pool(Some(threads.pool()));
        let output = self.0.run_one(input.into(), Some(options))?;
        output.try_into().map_err(|_| UNEXPECTED_SHAPE.into())
    }

    pub(super) fn run_all<const N: usize>(
        &self,
        input: NdTensor<f32, 4>,
        threads: &Threads,
    ) -> Result<Vec<NdTensor<f32, N>>, RunError> {
        let options = RunOptions::default().with_thread_pool(Some(threads.pool()));
        let &id = self.0.input_ids().first().ok_or("the model has no input")?;
        let outputs = self
            .0
            .run(vec![(id, input.into())], self.0.output_ids(), Some(options))?;
        outputs
            .into_iter()
            .map(|output| NdTensor::<f32, N>::try_from(output).map_err(|_| RunError::from(UNEXPECTED_SHAPE)))
            .collect()
    }
}
