//! A small disk of its own for the data of a server, so that it can be filled.

use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context as _, Result, bail};

/// Its size: several times what a server keeps free and a run of minutes stores. Its bytes are in memory.
const SIZE: &str = "size=192m,mode=0755";
/// Bytes written at once while it is filled.
const PIECE: usize = 256 * 1024;

/// A disk in memory. It is taken away when dropped, with all that is on it.
#[derive(Debug)]
pub(crate) struct Disk {
    path: PathBuf,
}

impl Disk {
    /// Mounts it over the folder `path`.
    ///
    /// # Errors
    /// Where that is not allowed: it takes root, which containers mostly do not let it be.
    pub(crate) fn mount(path: &Path) -> Result<Self> {
        run(Command::new("mount")
            .args(["-t", "tmpfs", "-o", SIZE, "tmpfs"])
            .arg(path))?;
        Ok(Self {
            path: path.to_owned(),
        })
    }

    /// Takes all room that is left.
    pub(crate) fn fill(&self) -> Result<()> {
        let mut file = File::create(self.ballast())?;
        let piece = vec![0; PIECE];
        loop {
            match file.write_all(&piece) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::StorageFull => return Ok(()),
                Err(error) => return Err(error).context("the disk could not be filled"),
            }
        }
    }

    /// Gives back what [`Disk::fill`] took.
    pub(crate) fn relieve(&self) -> Result<()> {
        match fs::remove_file(self.ballast()) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }

    /// Copies what is on it to the folder `to`, which outlives it.
    pub(crate) fn copy(&self, to: &Path) -> Result<()> {
        run(Command::new("cp").arg("-a").arg(&self.path).arg(to))
    }

    fn ballast(&self) -> PathBuf {
        self.path.join("ballast")
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily: a process that was just killed may still be at it.
        let unmounted = run(Command::new("umount").arg("--lazy").arg(&self.path));
        if let Err(error) = unmounted {
            eprintln!("reliability: {error:#}");
        }
    }
}

fn run(command: &mut Command) -> Result<()> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("{name} could not be started"))?;
    if !output.status.success() {
        bail!("{name}: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(())
}
