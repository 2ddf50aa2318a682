//! What each step of the engine took, out of its spans.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use tracing::{
    Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id},
};
use tracing_subscriber::{
    Layer,
    layer::Context,
    registry::{LookupSpan, SpanRef},
};

use crate::clock::{Cost, Moment};

/// What a step took in all of its runs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) cost: Cost,
    pub(crate) runs: u64,
    /// Lines of text that it dealt with.
    pub(crate) lines: u64,
    /// Columns of pixels of those lines.
    pub(crate) columns: u64,
    /// The same with what pads them to one width.
    pub(crate) padded: u64,
}

impl Step {
    /// A single run.
    pub(crate) fn once(cost: Cost) -> Self {
        Self {
            cost,
            runs: 1,
            ..Self::default()
        }
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.cost = self.cost + other.cost;
        self.runs += other.runs;
        self.lines += other.lines;
        self.columns += other.columns;
        self.padded += other.padded;
    }
}

/// Steps by name.
pub(crate) type Steps = BTreeMap<String, Step>;

/// Keeps what the outermost spans took; those within count as part of them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Recorder(Arc<Mutex<Steps>>);

impl Recorder {
    /// What was kept since the last call.
    pub(crate) fn take(&self) -> Steps {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A span while it is open.
struct Open {
    name: String,
    began: Moment,
    step: Step,
}

impl<S> Layer<S> for Recorder
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut open = Open {
            name: attributes.metadata().name().into(),
            began: Moment::now(),
            step: Step {
                runs: 1,
                ..Step::default()
            },
        };
        attributes.record(&mut open);
        span.extensions_mut().insert(open);
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let Some(span) = context.span(&id) else { return };
        if !is_step(&span) {
            return;
        }
        let Some(mut open) = span.extensions_mut().remove::<Open>() else {
            return;
        };
        open.step.cost = open.began.elapsed();
        let mut steps = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        steps.entry(open.name).or_default().add(open.step);
    }
}

fn is_step<'a, S: LookupSpan<'a>>(span: &SpanRef<'a, S>) -> bool {
    span.parent().is_none() && span.metadata().target().starts_with("ocr_vision::ppocr")
}

impl Visit for Open {
    fn record_u64(&mut self, field: &Field, value: u64) {
        match field.name() {
            "lines" => self.step.lines = value,
            "columns" => self.step.columns = value,
            "padded" => self.step.padded = value,
            _ => {}
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "model" {
            self.name = format!("{} {value}", self.name);
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn std::fmt::Debug) {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use tracing_subscriber::{Registry, layer::SubscriberExt};

    #[test]
    fn spans_within_a_step_are_part_of_it() {
        let recorder = Recorder::default();
        let subscriber = Registry::default().with(recorder.clone());
        tracing::subscriber::with_default(subscriber, || {
            let span = |lines: u64| tracing::debug_span!(target: "ocr_vision::ppocr", "recognize", model = "first", lines, columns = 90_u64, padded = 96_u64);
            span(3).in_scope(|| span(5).in_scope(|| ()));
            span(2).in_scope(|| ());
            tracing::debug_span!(target: "elsewhere", "detect").in_scope(|| ());
        });
        let steps = recorder.take();
        assert_eq!(steps.keys().collect::<Vec<_>>(), ["recognize first"]);
        let step = steps["recognize first"];
        assert_eq!(
            (step.runs, step.lines, step.columns, step.padded),
            (2, 5, 180, 192)
        );
        assert!(recorder.take().is_empty());
    }
}
