//! What was read lately: documents a day, and how long engines take.

use std::collections::BTreeMap;

use chrono::{Duration, NaiveDate};

use super::OcrService;
use crate::{
    Result,
    model::{Task, TaskStatus},
    pagination::{MAX_PAGE_SIZE, PageRequest},
    store::{Scope, TaskFilter},
};

/// Maximum number of documents that are counted.
pub const MAX_SAMPLE: usize = 1000;

/// What was read lately.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct Activity {
    /// One entry a day that had documents, oldest first; days are those of UTC.
    pub days: Vec<DayActivity>,
    /// One entry an engine, by name.
    pub engines: Vec<EngineActivity>,
    /// Whether there were more documents than [`MAX_SAMPLE`], so that older ones are left out.
    pub sampled: bool,
}

/// The documents that came on one day.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct DayActivity {
    /// The day, UTC.
    pub day: NaiveDate,
    /// Documents that were read.
    pub completed: u32,
    /// Documents that failed.
    pub failed: u32,
    /// Pages that were read.
    pub pages: u64,
    /// Words that were found.
    pub words: u64,
    /// Mean confidence over the documents, 0..=1; `None` without words.
    pub confidence: Option<f32>,
    /// Half of the documents took at most this many milliseconds.
    pub p50_ms: Option<u64>,
    /// 95 in 100 documents took at most this many milliseconds.
    pub p95_ms: Option<u64>,
}

/// What one engine read.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct EngineActivity {
    /// Its name.
    pub engine: String,
    /// Documents that it read.
    pub documents: u32,
    /// Pages that it read.
    pub pages: u64,
    /// Half of its documents took at most this many milliseconds.
    pub p50_ms: Option<u64>,
    /// 95 in 100 of its documents took at most this many milliseconds.
    pub p95_ms: Option<u64>,
}

impl OcrService {
    /// What was read in the last `days` days, from the newest [`MAX_SAMPLE`] documents of `scope`.
    pub async fn activity(&self, scope: Scope, days: u16) -> Result<Activity> {
        let oldest = self.platform.clock.now() - Duration::days(days.into());
        let mut tasks: Vec<Task> = Vec::new();
        let mut request = PageRequest::first(MAX_PAGE_SIZE)?;
        let mut sampled = false;
        loop {
            let page = self.list(scope, TaskFilter::default(), request).await?;
            let at_the_end = page.items.last().is_none_or(|task| task.created_at < oldest);
            tasks.extend(page.items.into_iter().filter(|task| task.created_at >= oldest));
            let Some(next) = page.next.filter(|_| !at_the_end) else {
                break;
            };
            if tasks.len() >= MAX_SAMPLE {
                sampled = true;
                break;
            }
            request = PageRequest::first(MAX_PAGE_SIZE)?.after(Some(next));
        }
        Ok(summarise(&tasks, sampled))
    }
}

/// Pure: the summary of these tasks.
fn summarise(tasks: &[Task], sampled: bool) -> Activity {
    let mut days: BTreeMap<NaiveDate, Vec<&Task>> = BTreeMap::new();
    let mut engines: BTreeMap<&str, Vec<&Task>> = BTreeMap::new();
    for task in tasks {
        days.entry(task.created_at.date_naive()).or_default().push(task);
        if let Some(result) = &task.result {
            engines.entry(&result.engine).or_default().push(task);
        }
    }
    Activity {
        days: days
            .into_iter()
            .map(|(day, tasks)| day_activity(day, &tasks))
            .collect(),
        engines: engines
            .into_iter()
            .map(|(engine, tasks)| engine_activity(engine, &tasks))
            .collect(),
        sampled,
    }
}

fn day_activity(day: NaiveDate, tasks: &[&Task]) -> DayActivity {
    let count = |status| tasks.iter().filter(|task| task.status() == status).count() as u32;
    let results = || tasks.iter().filter_map(|task| task.result.as_ref());
    let confidences: Vec<f32> = results().filter_map(|result| result.confidence).collect();
    let times = sorted_times(tasks);
    DayActivity {
        day,
        completed: count(TaskStatus::Completed),
        failed: count(TaskStatus::Failed),
        pages: results().map(|result| u64::from(result.page_count)).sum(),
        words: results().map(|result| result.word_count).sum(),
        confidence: (!confidences.is_empty())
            .then(|| confidences.iter().sum::<f32>() / confidences.len() as f32),
        p50_ms: percentile(&times, 50),
        p95_ms: percentile(&times, 95),
    }
}

fn engine_activity(engine: &str, tasks: &[&Task]) -> EngineActivity {
    let times = sorted_times(tasks);
    let pages = tasks
        .iter()
        .filter_map(|task| task.result.as_ref())
        .map(|result| u64::from(result.page_count));
    EngineActivity {
        engine: engine.to_owned(),
        documents: tasks.len() as u32,
        pages: pages.sum(),
        p50_ms: percentile(&times, 50),
        p95_ms: percentile(&times, 95),
    }
}

fn sorted_times(tasks: &[&Task]) -> Vec<u64> {
    let mut times: Vec<u64> = tasks
        .iter()
        .filter_map(|task| task.result.as_ref())
        .map(|result| result.processing_time_ms)
        .collect();
    times.sort_unstable();
    times
}

/// The nearest-rank percentile: the least value that `percent` in 100 do not exceed.
fn percentile(sorted: &[u64], percent: usize) -> Option<u64> {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_that_occurred() {
        let times: Vec<u64> = (1..=20).collect();
        assert_eq!(
            (percentile(&times, 50), percentile(&times, 95)),
            (Some(10), Some(19))
        );
        assert_eq!(percentile(&[7], 95), Some(7));
        assert_eq!(percentile(&[], 50), None);
    }
}
