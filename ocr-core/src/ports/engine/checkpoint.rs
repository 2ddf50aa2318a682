//! The checkpoint: a small note that an engine keeps between attempts, so that a paid call is not repeated.

use std::{collections::BTreeMap, sync::Arc};

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;
use tokio::sync::Mutex;

use crate::{
    Error, ErrorKind, Result,
    id::{IdGenerator, RandomIds},
    model::Usage,
    store::{Fence, Store},
};

/// What an engine remembers of one document, and what engines charged for it. Cheap to clone.
///
/// It survives the end of an attempt, whatever ended it; asking for the task again starts with an
/// empty one. Writes are fenced by the attempt: an attempt that has lost the task cannot write.
///
/// The default one lives in memory and ends with its last clone.
#[derive(Debug, Clone)]
pub struct Checkpoint {
    scope: Arc<str>,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    keeper: Option<Keeper>,
    identity: String,
    saved: Mutex<Saved>,
}

#[derive(Debug)]
struct Keeper {
    store: Arc<dyn Store>,
    fence: Fence,
}

/// The stored form.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Saved {
    /// The attempt that saved first since the task was asked for.
    generation: u32,
    /// What each engine remembers.
    states: BTreeMap<String, Value>,
    /// What each engine charged.
    usage: BTreeMap<String, Usage>,
}

impl Default for Checkpoint {
    fn default() -> Self {
        Self::new(None, RandomIds.next().to_string(), Saved::default())
    }
}

impl Checkpoint {
    /// The checkpoint of the task and attempt that `fence` names, as it is in `store`.
    pub async fn of_task(store: Arc<dyn Store>, fence: Fence) -> Result<Self> {
        let Fence { task, attempt } = fence;
        let stored = store.checkpoint(task).await?;
        let saved = match stored.map(serde_json::from_value::<Saved>) {
            Some(Ok(saved)) => saved,
            Some(Err(error)) => {
                tracing::warn!(%error, %task, "a checkpoint cannot be read and is left behind");
                Saved::default().begun_by(attempt)
            }
            None => Saved::default().begun_by(attempt),
        };
        let identity = format!("{task}-{}", saved.generation);
        let keeper = Keeper { store, fence };
        Ok(Self::new(Some(keeper), identity, saved))
    }

    fn new(keeper: Option<Keeper>, identity: String, saved: Saved) -> Self {
        Self {
            scope: "".into(),
            shared: Arc::new(Shared {
                keeper,
                identity,
                saved: Mutex::new(saved),
            }),
        }
    }

    /// The part of it that belongs to `engine`.
    pub fn scoped(&self, engine: &str) -> Self {
        Self {
            scope: engine.into(),
            shared: Arc::clone(&self.shared),
        }
    }

    /// A text that is the same in all attempts at a task until it is asked for again, and never the
    /// same for another: `<task>-<number>`. It only stays the same once something was saved.
    pub fn identity(&self) -> &str {
        &self.shared.identity
    }

    /// What this engine saved last; `None` when it saved nothing.
    ///
    /// # Errors
    /// `Corrupt` when what was saved is something else than a `T`.
    pub async fn load<T: DeserializeOwned>(&self) -> Result<Option<T>> {
        let saved = self.shared.saved.lock().await;
        let state = saved.states.get(&*self.scope).cloned();
        state.map(serde_json::from_value).transpose().map_err(|error| {
            Error::new(
                ErrorKind::Corrupt,
                "what the engine noted about this document cannot be read",
            )
            .with_source(error)
        })
    }

    /// Saves what this engine must remember, a few kilobytes at most, in place of what it saved before.
    /// When this returns it is durable; when dropped it may or may not be.
    ///
    /// # Errors
    /// `LeaseLost` when the attempt is no longer current.
    pub async fn save<T: Serialize>(&self, state: &T) -> Result<()> {
        self.charge(Usage::default(), state).await
    }

    /// Saves as [`Checkpoint::save`] and, in the same write, adds what was charged.
    pub async fn charge<T: Serialize>(&self, usage: Usage, state: &T) -> Result<()> {
        let state = serde_json::to_value(state).map_err(|error| {
            Error::new(ErrorKind::Internal, "a checkpoint cannot be written").with_source(error)
        })?;
        let mut saved = self.shared.saved.lock().await;
        let mut next = saved.clone();
        next.states.insert(self.scope.to_string(), state);
        if usage != Usage::default() {
            let charged = next.usage.entry(self.scope.to_string()).or_default();
            *charged = *charged + usage;
        }
        self.shared.keep(&next).await?;
        *saved = next;
        Ok(())
    }

    /// What engines have charged in all, by what a store holds of a task; nothing where that cannot be read.
    pub fn charged_in(stored: &Value) -> Usage {
        let saved = Saved::deserialize(stored).unwrap_or_default();
        saved.usage.into_values().sum()
    }

    /// What engines charged for this document so far, by their names.
    pub async fn usage(&self) -> BTreeMap<String, Usage> {
        self.shared.saved.lock().await.usage.clone()
    }
}

impl Saved {
    fn begun_by(self, attempt: u32) -> Self {
        Self {
            generation: attempt,
            ..self
        }
    }
}

impl Shared {
    async fn keep(&self, saved: &Saved) -> Result<()> {
        let Some(keeper) = &self.keeper else {
            return Ok(());
        };
        let body = serde_json::to_value(saved).map_err(|error| {
            Error::new(ErrorKind::Internal, "a checkpoint cannot be written").with_source(error)
        })?;
        keeper
            .store
            .put_checkpoint(keeper.fence, body)
            .await
            .map_err(|error| error.at(COMPONENT, "save"))
    }
}

/// Where errors of this file say they come from.
const COMPONENT: &str = "checkpoint";

/// Whether the call failed only because the checkpoint could not be stored. Another engine must not take
/// over then: the work that was paid for would be lost.
pub(crate) fn is_of_checkpoint(error: &Error) -> bool {
    error.location().0 == COMPONENT
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn engines_do_not_see_each_others_notes_but_charge_the_same_document() {
        let checkpoint = Checkpoint::default();
        let (one, two) = (checkpoint.scoped("one"), checkpoint.scoped("two"));
        let usage = Usage {
            billed_pages: 2,
            cost_micros: 3000,
        };
        one.charge(usage, &"job 1").await.unwrap();
        one.charge(usage, &"job 2").await.unwrap();
        two.save(&17).await.unwrap();
        assert_eq!(one.load::<String>().await.unwrap().as_deref(), Some("job 2"));
        assert_eq!(two.load::<u32>().await.unwrap(), Some(17));
        assert_eq!(checkpoint.load::<u32>().await.unwrap(), None);
        let all = checkpoint.usage().await;
        assert_eq!(
            all.into_iter().collect::<Vec<_>>(),
            [("one".into(), usage + usage)]
        );
        assert_eq!(
            one.load::<u32>().await.unwrap_err().kind(),
            ErrorKind::Corrupt,
            "notes of an unknown kind"
        );
    }

    #[test]
    fn two_documents_are_never_the_same() {
        assert_ne!(Checkpoint::default().identity(), Checkpoint::default().identity());
    }
}
