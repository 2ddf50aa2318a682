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

/// Where the libraries and the languages of tesseract are: those of Debian, Fedora, and whoever builds it.
const IN_PREFIX: [&str; 5] = [
    "lib",
    "lib64",
    "share/tessdata",
    "share/tesseract-ocr",
    "share/tesseract",
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
        Some(_) => access.with_read(of_models(&settings.models_dir)),
        None => access,
    }
}

/// The models, wherever links among them lead, and the libraries that a runtime may be linked with.
fn of_models(folder: &Path) -> Vec<PathBuf> {
    let mut needed = vec![folder.to_owned()];
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let links = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_symlink()));
    needed.extend(links.filter_map(|link| link.path().canonicalize().ok()));
    needed.extend(library_folders());
    needed
}

/// Where the dynamic linker was told to look.
fn library_folders() -> Vec<PathBuf> {
    ["LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"]
        .into_iter()
        .filter_map(std::env::var_os)
        .flat_map(|folders| std::env::split_paths(&folders).collect::<Vec<_>>())
        .filter(|folder| folder.is_absolute())
        .collect()
}

/// The program tesseract on the search path, its libraries and its languages. A program that is a script needs those of
/// the system too.
fn of_tesseract() -> Vec<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_else(|| USUAL_PATH.into());
    let found = std::env::split_paths(&path)
        .map(|folder| folder.join(TESSERACT))
        .find(|program| program.is_file());
    let Some(found) = found else {
        return Vec::new();
    };
    let program = found.canonicalize().unwrap_or_else(|_| found.clone());
    let mut needed = of_prefix(&program, &IN_PREFIX);
    if program != found {
        needed.extend(of_prefix(&found, &IN_PREFIX));
        // Homebrew keeps each program in a folder of its own there, and links it and its libraries.
        needed.extend(of_prefix(&found, &["Cellar"]));
    }
    needed.extend(library_folders());
    needed.extend(std::env::var_os("TESSDATA_PREFIX").map(PathBuf::from));
    if is_script(&program) {
        needed.extend(["/bin", "/usr/bin"].map(PathBuf::from));
    }
    needed.push(program);
    needed
}

/// These folders beside the one that `program` is in.
fn of_prefix(program: &Path, parts: &[&str]) -> Vec<PathBuf> {
    let prefix = program.parent().and_then(Path::parent);
    prefix
        .map(|prefix| parts.iter().map(|part| prefix.join(part)).collect())
        .unwrap_or_default()
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
        assert_eq!(ppocr.read[0], PathBuf::from("/models"));
        assert!(ppocr.run.is_empty());
        let pictures = page_process_access(&settings, None);
        assert!(pictures.read.is_empty() && pictures.run.is_empty());
        assert_eq!(pictures.confine, Confine::WherePossible);
    }

    #[cfg(unix)]
    #[test]
    fn models_may_be_links_to_elsewhere() {
        let (models, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let real = elsewhere.path().join("real.onnx");
        std::fs::write(&real, b"").unwrap();
        std::os::unix::fs::symlink(&real, models.path().join("model.onnx")).unwrap();
        let needed = of_models(models.path());
        assert!(needed.contains(&real.canonicalize().unwrap()), "{needed:?}");
        assert!(needed.contains(&models.path().to_owned()));
    }

    #[test]
    fn languages_are_where_systems_keep_them() {
        let needed = of_prefix(Path::new("/usr/bin/tesseract"), &IN_PREFIX);
        for folder in ["/usr/share/tesseract", "/usr/share/tesseract-ocr", "/usr/lib64"] {
            assert!(needed.contains(&PathBuf::from(folder)), "{folder}");
        }
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
