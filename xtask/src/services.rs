//! The databases of a test run: one Postgres and one Redis, which all tests share.

use std::{
    io::{BufRead as _, BufReader},
    process::{Child, Stdio},
};

use anyhow::{Context, Result, bail};

use crate::process::built;

/// What the program prints when all servers answer.
const READY: &str = "ready";

/// Running servers. They end when dropped, or with this process.
pub(crate) struct Services {
    program: Child,
    environment: Vec<(String, String)>,
}

impl Services {
    /// Starts the servers by the example `services` of `ocr-testkit`, which the workspace build made.
    /// `environment` says where they come from.
    pub(crate) fn start(environment: &[(&str, String)]) -> Result<Self> {
        eprintln!("xtask: starting Postgres and Redis");
        let mut program = built("debug", "examples/services")
            .envs(environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("the program that starts the databases is not built")?;
        let printed = program.stdout.take().context("the program has no output")?;
        let mut services = Self {
            program,
            environment: Vec::new(),
        };
        for line in BufReader::new(printed).lines() {
            let line = line?;
            match line.split_once('=') {
                _ if line == READY => return Ok(services),
                Some((name, value)) => services.environment.push((name.into(), value.into())),
                None => bail!("the program that starts the databases printed {line:?}"),
            }
        }
        bail!("the databases of the tests could not be started")
    }

    /// Variables that tell the tests where the servers are.
    pub(crate) fn environment(&self) -> impl Iterator<Item = (&str, &str)> {
        self.environment
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

impl Drop for Services {
    fn drop(&mut self) {
        // The end of its input tells the program to end the servers.
        drop(self.program.stdin.take());
        let _ = self.program.wait();
    }
}
