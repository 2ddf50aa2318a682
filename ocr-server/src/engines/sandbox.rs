//! What page processes may reach, and what of the environment they are told.

use std::{
    ffi::OsString,
    fs::File,
    io::Read as _,
    path::{Path, PathBuf},
    thread,
};

use anyhow::{Result, bail};
use ocr_vision::sandbox::{Confine, Confinement, PageProcessAccess};

use crate::config::{SandboxMode, Settings, TESSERACT};

/// Variables of the system that the libraries of an engine look at. No secret is among them.
const OF_THE_SYSTEM: [&str; 13] = [
    "PATH",
    "HOME",
    "XDG_CACHE_HOME",
    "TMPDIR",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "TZ",
    "TESSDATA_PREFIX",
    "LD_LIBRARY_PATH",
    "DYLD_LIBRARY_PATH",
    "RUST_BACKTRACE",
    "LLVM_PROFILE_FILE",
];

/// Where programs are found when `PATH` is not set, as the C library has it.
const USUAL_PATH: &str = "/bin:/usr/bin";

/// How far page processes are confined here.
///
/// # Errors
/// When the settings require more than this system can do.
pub fn confinement(settings: &Settings) -> Result<Confinement> {
    if settings.sandbox == SandboxMode::Off {
        return Ok(Confinement::None {
            reason: "OCR_SANDBOX=off".into(),
        });
    }
    let found = Confinement::of_this_system();
    if settings.sandbox == SandboxMode::Require && found != Confinement::Complete {
        bail!("OCR_SANDBOX=require, but the confinement of page processes is not complete here; {found}");
    }
    Ok(found)
}

/// The same, told in the log: once for this process, and not for each page process.
///
/// # Errors
/// As [`confinement`].
pub fn announce_confinement(settings: &Settings) -> Result<()> {
    match confinement(settings)? {
        Confinement::Complete => {
            tracing::info!("page processes have no network, and no files but their engine's");
        }
        found => tracing::warn!(
            confinement = %found,
            "page processes are not confined completely; a document that takes one over can do more than read itself"
        ),
    }
    Ok(())
}

/// What the page process of `engine` may reach.
pub fn page_process_access(settings: &Settings, engine: Option<&str>) -> PageProcessAccess {
    let access = PageProcessAccess::none().with_confine(match settings.sandbox {
        SandboxMode::Auto => Confine::WherePossible,
        SandboxMode::Require => Confine::Required,
        SandboxMode::Off => Confine::Off,
    });
    match engine {
        Some(TESSERACT) => access.with_run(of_tesseract()),
        Some(_) => access.with_read(vec![settings.models_dir.clone()]),
        None => access,
    }
}

/// The program tesseract on the search path, its libraries and its languages. A program that is a script needs those of
/// the system too.
fn of_tesseract() -> Vec<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_else(|| USUAL_PATH.into());
    let found = std::env::split_paths(&path)
        .map(|folder| folder.join(TESSERACT))
        .find(|program| program.is_file());
    let Some(program) = found.map(|program| program.canonicalize().unwrap_or(program)) else {
        return Vec::new();
    };
    let mut needed = Vec::new();
    if let Some(prefix) = program.parent().and_then(Path::parent) {
        needed
            .extend(["lib", "lib64", "share/tessdata", "share/tesseract-ocr"].map(|part| prefix.join(part)));
    }
    for variable in ["LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"] {
        let folders = std::env::var_os(variable).unwrap_or_default();
        needed.extend(std::env::split_paths(&folders).filter(|folder| folder.is_absolute()));
    }
    needed.extend(std::env::var_os("TESSDATA_PREFIX").map(PathBuf::from));
    if is_script(&program) {
        needed.extend(["/bin", "/usr/bin"].map(PathBuf::from));
    }
    needed.push(program);
    needed
}

fn is_script(program: &Path) -> bool {
    let mut start = [0; 2];
    File::open(program).is_ok_and(|mut file| file.read_exact(&mut start).is_ok() && start == *b"#!")
}

/// The whole environment of a page process: no password or key of this server is in its memory. Every setting that a
/// page process looks at is here; it reads no file of settings.
pub(super) fn environment(settings: &Settings) -> Option<Vec<(OsString, OsString)>> {
    if !cfg!(unix) {
        return None;
    }
    let system = OF_THE_SYSTEM
        .iter()
        .filter_map(|name| Some((OsString::from(name), std::env::var_os(name)?)));
    let ours: [(&str, OsString); 11] = [
        ("OCR_CONFIG", "/dev/null".into()),
        ("OCR_MODELS_DIR", settings.models_dir.clone().into()),
        ("OCR_SANDBOX", settings.sandbox.as_str().into()),
        (
            "OCR_PAGE_MEMORY_MB",
            (settings.page_memory >> 20).to_string().into(),
        ),
        (
            "OCR_PAGE_TIMEOUT",
            settings.page_timeout.as_secs().to_string().into(),
        ),
        ("OCR_PAGE_PROCESSES", settings.page_processes.to_string().into()),
        ("OCR_MAX_PAGES", settings.max_pages.to_string().into()),
        ("OCR_MAX_PIXELS", settings.max_pixels.to_string().into()),
        (
            "MAX_FILE_SIZE",
            settings.policies.max_upload_bytes.to_string().into(),
        ),
        ("OCR_LOG_FORMAT", settings.log.format.as_str().into()),
        // An empty value counts as not set.
        ("OCR_LOG", settings.log.filter.clone().unwrap_or_default().into()),
    ];
    let variant = settings.model_variant.clone().map(OsString::from);
    let ours = ours
        .into_iter()
        .chain(variant.map(|variant| ("OCR_MODEL_VARIANT", variant)))
        .map(|(name, value)| (OsString::from(name), value));
    Some(system.chain(ours).collect())
}

/// Processors that one page may keep busy.
pub(super) fn processors(settings: &Settings) -> u32 {
    let here = thread::available_parallelism().map_or(1, usize::from);
    u32::try_from(here.max(settings.page_processes)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::config::Sources;

    fn settings(variables: &[(&str, &str)]) -> Settings {
        let environment: BTreeMap<String, String> = variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        Settings::new(&Sources::read(&environment, None).unwrap()).unwrap()
    }

    #[cfg(unix)]
    #[test]
    fn a_page_process_is_told_its_settings_and_no_secret() {
        let told = settings(&[
            ("DATABASE_URL", "postgres://me:hunter2@localhost/ocr"),
            ("OCR_PAGE_MEMORY_MB", "700"),
            ("OCR_MAX_PIXELS", "1000"),
            ("OCR_MODEL_VARIANT", "tiny"),
            ("OCR_SANDBOX", "require"),
        ]);
        let environment = environment(&told).unwrap();
        assert!(
            environment
                .iter()
                .all(|(_, value)| value != "postgres://me:hunter2@localhost/ocr")
        );
        let ours: BTreeMap<String, String> = environment
            .into_iter()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .filter(|(name, _)| !OF_THE_SYSTEM.contains(&name.as_str()))
            .collect();
        let read = Settings::new(&Sources::read(&ours, None).unwrap()).unwrap();
        assert_eq!(
            (read.page_memory, read.max_pixels, read.sandbox),
            (700 << 20, 1000, SandboxMode::Require)
        );
        assert_eq!(read.models_dir, told.models_dir);
        assert_eq!(read.model_variant.as_deref(), Some("tiny"));
        assert_eq!(read.page_timeout, told.page_timeout);
        assert_eq!(read.policies.max_upload_bytes, told.policies.max_upload_bytes);
    }

    #[test]
    fn only_the_engine_that_is_a_program_may_run_one() {
        let settings = settings(&[("OCR_MODELS_DIR", "/models")]);
        let ppocr = page_process_access(&settings, Some("ppocr"));
        assert_eq!(ppocr.read, [PathBuf::from("/models")]);
        assert!(ppocr.run.is_empty());
        let pictures = page_process_access(&settings, None);
        assert!(pictures.read.is_empty() && pictures.run.is_empty());
        assert_eq!(pictures.confine, Confine::WherePossible);
    }

    #[test]
    fn what_is_switched_off_is_told_as_that() {
        let settings = settings(&[("OCR_SANDBOX", "off")]);
        assert_eq!(
            confinement(&settings).unwrap().to_string(),
            "none: OCR_SANDBOX=off"
        );
        assert_eq!(page_process_access(&settings, None).confine, Confine::Off);
    }
}
