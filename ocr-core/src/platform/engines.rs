//! The engines of a platform.

use std::sync::{Arc, PoisonError, RwLock};

use crate::{Error, ErrorKind, Result, engine::OcrEngine};

/// The engines of a platform. One may be added while the platform runs, as when its models arrive.
#[derive(Debug, Default)]
pub struct Engines {
    engines: RwLock<Vec<Arc<dyn OcrEngine>>>,
    missing: RwLock<Option<String>>,
}

impl Engines {
    /// Adds an engine; one of the same name is replaced. The first one is the default.
    pub fn add(&self, engine: Arc<dyn OcrEngine>) {
        let mut engines = self.engines.write().unwrap_or_else(PoisonError::into_inner);
        match engines.iter_mut().find(|known| known.name() == engine.name()) {
            Some(known) => *known = engine,
            None => engines.push(engine),
        }
    }

    /// Says why there is no engine and how to get one, for everybody who asks for one.
    pub fn explain_missing(&self, reason: impl Into<String>) {
        *self.missing.write().unwrap_or_else(PoisonError::into_inner) = Some(reason.into());
    }

    /// All engines, the default first.
    pub fn all(&self) -> Vec<Arc<dyn OcrEngine>> {
        self.engines
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// The engine called `name`, or the default.
    ///
    /// # Errors
    /// `NoEngine` when there is no engine at all, `InvalidInput` for an unknown name.
    pub fn choose(&self, name: Option<&str>) -> Result<Arc<dyn OcrEngine>> {
        let engines = self.all();
        let Some(default) = engines.first() else {
            let reason = self
                .missing
                .read()
                .unwrap_or_else(PoisonError::into_inner)
                .clone();
            return Err(Error::new(
                ErrorKind::NoEngine,
                reason.unwrap_or_else(|| "no OCR engine is configured".into()),
            ));
        };
        let Some(name) = name else {
            return Ok(Arc::clone(default));
        };
        engines
            .iter()
            .find(|engine| engine.name() == name)
            .cloned()
            .ok_or_else(|| {
                let known: Vec<&str> = engines.iter().map(|engine| engine.name()).collect();
                Error::new(
                    ErrorKind::InvalidInput,
                    format!(
                        "there is no engine of that name; choose one of: {}",
                        known.join(", ")
                    ),
                )
            })
    }
}
