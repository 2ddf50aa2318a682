//! Measures how well tables are found on generated pages, by kind.
//!
//! `tables [--seed N] [--count N]`: pages are words with boxes and drawn lines, as a perfect recognition would give them,
//! so that what is measured is the finding of tables alone. The same seed makes the same pages.

mod generate;
mod grid;
mod score;
mod teds;

use anyhow::{Context as _, Result, bail};

use generate::Kind;
use score::Score;

fn main() -> Result<()> {
    let (mut seed, mut count) = (1_u64, 60_usize);
    let mut arguments = std::env::args().skip(1);
    while let Some(flag) = arguments.next() {
        let value = arguments
            .next()
            .with_context(|| format!("{flag} wants a number"))?;
        match flag.as_str() {
            "--seed" => seed = value.parse().context("--seed wants a number")?,
            "--count" => count = value.parse().context("--count wants a number")?,
            _ => bail!("no such option: {flag}"),
        }
    }
    println!("seed {seed}, {count} pages of each kind\n");
    println!("| kind | cell precision | cell recall | cell F1 | TEDS |");
    println!("|---|---|---|---|---|");
    for kind in Kind::ALL {
        let mut total = Score::default();
        for number in 0..count {
            let page_seed = seed.wrapping_mul(1_000_003).wrapping_add(number as u64);
            let (page, truth) = generate::page(kind, page_seed);
            total.add(&truth, &grid::found(&page));
        }
        println!(
            "| {} | {:.3} | {:.3} | {:.3} | {:.3} |",
            kind.name(),
            total.precision(),
            total.recall(),
            total.f1(),
            total.teds()
        );
    }
    Ok(())
}
