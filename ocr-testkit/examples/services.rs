//! Starts one Postgres and one Redis for a whole run of tests, prints what to put into the environment
//! of the tests, and ends both when its input ends.
//!
//! ```console
//! $ cargo run -p ocr-testkit --features services --example services
//! OCR_TEST_POSTGRES_URL=postgres://...
//! OCR_TEST_REDIS_URL=redis://...
//! ```

use std::process::ExitCode;

use ocr_testkit::services::{postgres, redis};

#[tokio::main]
async fn main() -> ExitCode {
    let servers = tokio::join!(postgres::start(), redis::start());
    match servers {
        (Ok(postgres), Ok(redis)) => {
            println!("{}={}", postgres::URL_VARIABLE, postgres.url());
            println!("{}={}", redis::URL_VARIABLE, redis.url());
            println!("ready");
            // Nothing else runs here, so blocking is fine. An error ends the input too.
            let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
            ExitCode::SUCCESS
        }
        (postgres, redis) => {
            for reason in [postgres.err(), redis.err()].into_iter().flatten() {
                eprintln!("{reason}");
            }
            ExitCode::FAILURE
        }
    }
}
