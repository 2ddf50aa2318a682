//! What was measured, as Markdown tables.

use std::fmt::Write as _;

use crate::{
    figures::{Answers, Build, Figures},
    measure::Contestant,
    percentiles::{Growth, percentile},
    questions::Kind,
};

/// Pages of an archive that is larger than what was measured.
const FAR: f64 = 1_000_000.0;
const MEGABYTE: f64 = 1e6;

/// All tables.
pub(crate) fn tables(figures: &Figures, contestants: &[Contestant]) -> String {
    let mut sizes: Vec<usize> = figures.builds.iter().map(|build| build.pages).collect();
    sizes.dedup();
    [
        latencies(
            &figures.answers,
            contestants,
            sizes.last().copied().unwrap_or_default(),
        ),
        growth(&figures.answers, contestants, &sizes),
        builds(&figures.builds),
        memory(figures),
    ]
    .join("\n")
}

/// Percentiles at the last size, and how they compare with the program beside.
fn latencies(answers: &[Answers], contestants: &[Contestant], pages: usize) -> String {
    let mut table = format!(
        "Answers at {pages} pages, milliseconds:\n\n\
         | query | program | asked | with hits | failed | p50 | p95 | p99 | beside plain: p50 | p99 |\n\
         |---|---|---:|---:|---:|---:|---:|---:|---:|---:|\n"
    );
    for kind in Kind::ALL {
        for contestant in contestants {
            let of: Vec<&Answers> = chosen(answers, contestant.program, kind, pages).collect();
            let asked: usize = of.iter().map(|answers| answers.milliseconds.len()).sum();
            let answered: usize = of.iter().map(|answers| answers.answered).sum();
            let failed: usize = of.iter().map(|answers| answers.failed).sum();
            let value = |share| quantile(answers, contestant.program, kind, pages, share);
            let ratio = |share| {
                let other = quantile(answers, contestant.beside?, kind, pages, share)?;
                Some(value(share)? / other)
            };
            // Writing to a string cannot fail.
            let _ = writeln!(
                table,
                "| {} | {} | {asked} | {answered} | {failed} | {} | {} | {} | {} | {} |",
                kind.as_str(),
                contestant.program,
                shown(value(0.5)),
                shown(value(0.95)),
                shown(value(0.99)),
                times(ratio(0.5)),
                times(ratio(0.99)),
            );
        }
    }
    table
}

/// The p99 at each size, and what it would be far beyond.
fn growth(answers: &[Answers], contestants: &[Contestant], sizes: &[usize]) -> String {
    let mut table =
        String::from("p99 in milliseconds by pages; the last column is extrapolated:\n\n| query | program |");
    let mut rule = String::from("|---|---|");
    for size in sizes {
        let _ = write!(table, " {size} |");
        rule.push_str("---:|");
    }
    let _ = writeln!(
        table,
        " grows as pages to the power of | at {FAR} |\n{rule}---:|---:|"
    );
    for kind in Kind::ALL {
        for contestant in contestants {
            let value = |size: &usize| quantile(answers, contestant.program, kind, *size, 0.99);
            let values: Vec<Option<f64>> = sizes.iter().map(value).collect();
            let measured: Option<Vec<(f64, f64)>> = sizes
                .iter()
                .zip(&values)
                .map(|(size, value)| Some((*size as f64, (*value)?)))
                .collect();
            let growth = measured.and_then(|measured| Growth::of(&measured));
            let _ = write!(table, "| {} | {} |", kind.as_str(), contestant.program);
            for value in values {
                let _ = write!(table, " {} |", shown(value));
            }
            let exponent = growth.map_or_else(|| "-".into(), |growth| format!("{:.2}", growth.exponent));
            let far = shown(growth.map(|growth| growth.at(FAR)));
            let _ = writeln!(table, " {exponent} | {far} |");
        }
    }
    table
}

/// Sizes of the indexes and how fast they took pages in.
fn builds(builds: &[Build]) -> String {
    let mut table = String::from(
        "Indexes:\n\n| program | pages | pages/s since the line before | MB on disk | bytes a page | \
         MB at 1000000 pages, extrapolated |\n|---|---:|---:|---:|---:|---:|\n",
    );
    let mut programs: Vec<&str> = Vec::new();
    for build in builds {
        if !programs.contains(&build.program) {
            programs.push(build.program);
        }
    }
    for program in programs {
        let of: Vec<&Build> = builds.iter().filter(|build| build.program == program).collect();
        let measured: Vec<(f64, f64)> = of
            .iter()
            .map(|build| (build.pages as f64, build.bytes as f64))
            .collect();
        let growth = Growth::of(&measured);
        for (line, build) in of.iter().enumerate() {
            let is_last = line + 1 == of.len();
            let far = growth.filter(|_| is_last).map(|growth| growth.at(FAR) / MEGABYTE);
            let _ = writeln!(
                table,
                "| {program} | {} | {:.0} | {:.1} | {:.0} | {} |",
                build.pages,
                build.added as f64 / build.seconds.max(1e-9),
                build.bytes as f64 / MEGABYTE,
                build.bytes as f64 / build.pages.max(1) as f64,
                far.map_or_else(|| "-".into(), |far| format!("{far:.0}")),
            );
        }
    }
    table
}

fn memory(figures: &Figures) -> String {
    let mut table = String::from(
        "Resident memory, MB:\n\n| pages | this program, with SQLite in it | its maximum | the Postgres server |\n\
         |---:|---:|---:|---:|\n",
    );
    for memory in &figures.memory {
        let _ = writeln!(
            table,
            "| {} | {:.0} | {:.0} | {:.0} |",
            memory.pages,
            memory.own as f64 / MEGABYTE,
            memory.own_maximum as f64 / MEGABYTE,
            memory.server as f64 / MEGABYTE,
        );
    }
    table
}

fn chosen<'a>(
    answers: &'a [Answers],
    program: &'a str,
    kind: Kind,
    pages: usize,
) -> impl Iterator<Item = &'a Answers> {
    answers
        .iter()
        .filter(move |answers| answers.program == program && answers.kind == kind && answers.pages == pages)
}

/// A percentile over all rounds.
fn quantile(answers: &[Answers], program: &str, kind: Kind, pages: usize, share: f64) -> Option<f64> {
    let all: Vec<f64> = chosen(answers, program, kind, pages)
        .flat_map(|answers| answers.milliseconds.iter().copied())
        .collect();
    percentile(&all, share)
}

fn shown(milliseconds: Option<f64>) -> String {
    milliseconds.map_or_else(|| "-".into(), |value| format!("{value:.2}"))
}

fn times(ratio: Option<f64>) -> String {
    ratio.map_or_else(|| "-".into(), |ratio| format!("{ratio:.1} times"))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use anyhow::Result;
    use async_trait::async_trait;

    use super::*;
    use crate::{contestant::Searched, figures::Memory, questions::Question};

    struct Silent;

    #[async_trait]
    impl Searched for Silent {
        async fn ask(&self, _question: &Question) -> Result<usize> {
            Ok(0)
        }
    }

    fn contestant(program: &'static str, beside: Option<&'static str>) -> Contestant {
        Contestant {
            program,
            beside,
            searched: Arc::new(Silent),
        }
    }

    fn answers(program: &'static str, pages: usize, milliseconds: f64) -> Answers {
        Answers {
            program,
            pages,
            round: 1,
            kind: Kind::Word,
            milliseconds: vec![milliseconds; 2],
            answered: 2,
            failed: 0,
        }
    }

    #[test]
    fn tables_compare_and_extrapolate() {
        let folder = tempfile::tempdir().unwrap();
        let mut figures = Figures::new(&folder.path().join("figures")).unwrap();
        for (pages, ours) in [(50_000, 2.0), (100_000, 4.0)] {
            figures.answered(answers("ours", pages, ours)).unwrap();
            figures.answered(answers("plain", pages, 2.0)).unwrap();
            figures
                .built(Build {
                    program: "ours",
                    pages,
                    added: 50_000,
                    seconds: 10.0,
                    bytes: pages as u64 * 1_000,
                })
                .unwrap();
            figures
                .resident(Memory {
                    pages,
                    own: 5_000_000,
                    own_maximum: 6_000_000,
                    server: 7_000_000,
                })
                .unwrap();
        }
        let all = tables(
            &figures,
            &[contestant("ours", Some("plain")), contestant("plain", None)],
        );
        for line in [
            "| word | ours | 2 | 2 | 0 | 4.00 | 4.00 | 4.00 | 2.0 times | 2.0 times |",
            "| word | plain | 2 | 2 | 0 | 2.00 | 2.00 | 2.00 | - | - |",
            "| word | ours | 2.00 | 4.00 | 1.00 | 40.00 |",
            "| word | plain | 2.00 | 2.00 | 0.00 | 2.00 |",
            "| phrase | ours | 0 | 0 | 0 | - | - | - | - | - |",
            "| ours | 100000 | 5000 | 100.0 | 1000 | 1000 |",
            "| 100000 | 5 | 6 | 7 |",
        ] {
            assert!(all.lines().any(|found| found == line), "{line} is not in\n{all}");
        }
    }
}
