//! The table of pages and steps.

use std::{fmt::Write as _, fs};

use crate::{
    clock::Cost,
    steps::{Step, Steps},
};

/// Steps in the order in which a page goes through them.
const STEPS: [&str; 7] = [
    "decode",
    "detect",
    "turn",
    "crop",
    "recognize first",
    "recognize second",
    "assemble",
];

/// A page that was read.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) name: String,
    /// Whether it was turned upright.
    pub(crate) turned: bool,
    pub(crate) steps: Steps,
}

/// All pages.
#[derive(Debug)]
pub(crate) struct Report {
    runtime: &'static str,
    threads: usize,
    pages: Vec<Page>,
}

impl Report {
    pub(crate) fn new(runtime: &'static str, threads: usize) -> Self {
        Self {
            runtime,
            threads,
            pages: Vec::new(),
        }
    }

    pub(crate) fn add(&mut self, page: Page) {
        self.pages.push(page);
    }

    /// Processor seconds of each step for each page and in sum, wall seconds, and what the recognisers were given.
    pub(crate) fn markdown(&self) -> String {
        let mut table = format!("| page | wall s | CPU s | {} |\n", STEPS.join(" | "));
        table.push_str("|---|---:|---:|");
        table.push_str(&"---:|".repeat(STEPS.len()));
        table.push('\n');
        let mut all = Steps::new();
        for page in &self.pages {
            let mark = if page.turned { " (turned)" } else { "" };
            row(&mut table, &format!("{}{mark}", page.name), &page.steps);
            for (name, step) in &page.steps {
                all.entry(name.clone()).or_default().add(*step);
            }
        }
        row(&mut table, &format!("{} pages", self.pages.len()), &all);
        table.push('\n');
        for name in ["recognize first", "recognize second"] {
            let step = all.get(name).copied().unwrap_or_default();
            // Writing to a string does not fail.
            let _ = writeln!(table, "{name}: {}", given(step));
        }
        let _ = writeln!(
            table,
            "runtime {}, threads {}, peak memory {} MB",
            self.runtime,
            self.threads,
            peak_memory().map_or_else(|| "?".into(), |bytes| (bytes / 1_000_000).to_string())
        );
        table
    }
}

fn row(table: &mut String, name: &str, steps: &Steps) {
    let total = steps.values().fold(Cost::default(), |sum, step| sum + step.cost);
    let _ = write!(
        table,
        "| {name} | {:.2} | {:.2} |",
        total.wall.as_secs_f64(),
        total.processor.as_secs_f64()
    );
    for step in STEPS {
        let seconds = steps
            .get(step)
            .map_or(0.0, |step| step.cost.processor.as_secs_f64());
        let _ = write!(table, " {seconds:.2} |");
    }
    table.push('\n');
}

/// Lines, columns and the share of padding that a recogniser was given.
fn given(step: Step) -> String {
    let padding = 100.0 * (step.padded - step.columns) as f64 / step.padded.max(1) as f64;
    format!(
        "{} lines in {} runs, {} columns of pixels and {padding:.1} % padding",
        step.lines, step.runs, step.columns
    )
}

/// The most memory that this process had at a time, in bytes, where the system tells.
fn peak_memory() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(1024 * kilobytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn pages_are_added_up() {
        let mut report = Report::new("rten", 1);
        for (name, turned) in [("a", false), ("b", true)] {
            let cost = Cost {
                wall: Duration::from_millis(500),
                processor: Duration::from_millis(250),
            };
            let step = Step {
                lines: 4,
                columns: 90,
                padded: 100,
                ..Step::once(cost)
            };
            report.add(Page {
                name: name.into(),
                turned,
                steps: [("recognize first".to_owned(), step)].into(),
            });
        }
        let text = report.markdown();
        assert!(text.contains("| b (turned) | 0.50 | 0.25 |"), "{text}");
        assert!(text.contains("| 2 pages | 1.00 | 0.50 |"), "{text}");
        assert!(
            text.contains("recognize first: 8 lines in 2 runs, 180 columns of pixels and 10.0 % padding"),
            "{text}"
        );
    }
}
