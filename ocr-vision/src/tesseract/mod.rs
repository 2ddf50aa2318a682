//! Tesseract as a page recogniser, run as a process of its own.
//!
//! The program only ever sees pixels we wrote, on its standard input: given a file that is not an
//! image, it takes it for a list of files to read.

mod languages;
mod tsv;

use std::{
    ffi::OsString,
    io::Write,
    process::{Child, Command, Stdio},
    sync::mpsc,
    time::Duration,
};

use ocr_core::{
    Error, ErrorKind, Result,
    model::PageText,
    page::{PageImage, PageRecognizer, PixelFormat, RecognizeOptions, RecognizerCapabilities},
};

/// Longest time a page may take.
const PAGE_TIMEOUT: Duration = Duration::from_secs(55);
/// Resolution told to the program when the page does not know its own.
const DEFAULT_DPI: f32 = 200.0;

/// Tesseract as a page recogniser.
#[derive(Debug, Clone)]
pub struct Tesseract {
    program: OsString,
    version: String,
    installed: Vec<String>,
}

impl Tesseract {
    /// Finds the program on the search path.
    ///
    /// # Errors
    /// `Unavailable`, saying how to install it.
    pub fn find() -> Result<Self> {
        Self::with_program("tesseract")
    }

    /// Uses `program`.
    ///
    /// # Errors
    /// `Unavailable` when it cannot be run.
    pub fn with_program(program: impl Into<OsString>) -> Result<Self> {
        let program = program.into();
        let ask = |argument: &str| {
            let output = Command::new(&program).arg(argument).stdin(Stdio::null()).output();
            output
                .map(|output| String::from_utf8_lossy(&output.stdout).into_owned())
                .map_err(|error| {
                    let message =
                        "the program tesseract is not installed (Debian: apt-get install tesseract-ocr)";
                    Error::new(ErrorKind::Unavailable, message).with_source(error)
                })
        };
        let version = ask("--version")?;
        let version = version
            .lines()
            .next()
            .unwrap_or_default()
            .trim_start_matches("tesseract ")
            .to_owned();
        let installed = ask("--list-langs")?
            .lines()
            .skip(1)
            .map(|line| line.trim().to_owned())
            .collect();
        Ok(Self {
            program,
            version,
            installed,
        })
    }

    fn start(&self, image: &PageImage, options: &RecognizeOptions) -> Result<Child> {
        let dpi = image
            .dpi()
            .filter(|dpi| (70.0..=2400.0).contains(dpi))
            .unwrap_or(DEFAULT_DPI);
        Command::new(&self.program)
            .args(["stdin", "stdout", "--psm", "1", "--dpi"])
            .arg(format!("{dpi:.0}"))
            .arg("-l")
            .arg(languages::choose(&options.languages, &self.installed)?)
            .arg("tsv")
            .env("OMP_THREAD_LIMIT", options.threads.max(1).to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| failed("it could not be started", error))
    }
}

impl PageRecognizer for Tesseract {
    fn name(&self) -> &'static str {
        "tesseract"
    }

    fn capabilities(&self) -> RecognizerCapabilities {
        RecognizerCapabilities::new(self.version.clone())
    }

    fn recognize_page(&self, image: &PageImage, options: &RecognizeOptions) -> Result<PageText> {
        self.capabilities().check(self.name(), &options.features)?;
        // Smaller than a letter, and more than the program can take.
        if image.width() < 10 || image.height() < 10 {
            return Ok(PageText::empty(1, image.width(), image.height()));
        }
        if image.width() > 32_767 || image.height() > 32_767 {
            return Err(Error::new(
                ErrorKind::InvalidInput,
                "tesseract reads at most 32767 pixels a side",
            ));
        }
        let child = self.start(image, options)?;
        let table = exchange(child, pnm(image))?;
        Ok(tsv::page(
            &table,
            image.width(),
            image.height(),
            &crate::rules::find_rules(image),
        ))
    }
}

/// Feeds `input` to the child and returns what it prints; kills it when it takes too long.
fn exchange(mut child: Child, input: Vec<u8>) -> Result<String> {
    let pipes = child.stdin.take().zip(child.stdout.take());
    let (mut stdin, mut stdout) =
        pipes.ok_or_else(|| failed("it has no pipes", std::io::Error::other("pipes")))?;
    // A child that stops reading must not stop us reading from it.
    let writer = std::thread::spawn(move || stdin.write_all(&input));
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let mut output = String::new();
        let read = std::io::Read::read_to_string(&mut stdout, &mut output);
        // Nobody waits any more when the time is over.
        let _ = sender.send(read.map(|_| output));
    });
    let Ok(output) = receiver.recv_timeout(PAGE_TIMEOUT) else {
        let _ = child.kill();
        let _ = child.wait();
        return Err(Error::new(
            ErrorKind::OutOfTime,
            "tesseract took too long for this page",
        ));
    };
    let output = output.map_err(|error| failed("its answer broke off", error))?;
    let status = child
        .wait()
        .map_err(|error| failed("it could not be waited for", error))?;
    let written = writer.join().is_ok_and(|written| written.is_ok());
    if status.success() && written {
        Ok(output)
    } else {
        Err(failed("it stopped", std::io::Error::other(status.to_string())))
    }
}

fn failed(what: &str, error: std::io::Error) -> Error {
    Error::new(ErrorKind::Internal, format!("tesseract failed: {what}")).with_source(error)
}

/// The pixels as a portable anymap, binary.
fn pnm(image: &PageImage) -> Vec<u8> {
    let magic = match image.format() {
        PixelFormat::Gray8 => "P5",
        PixelFormat::Rgb8 => "P6",
    };
    let mut file = format!("{magic}\n{} {}\n255\n", image.width(), image.height()).into_bytes();
    file.extend_from_slice(image.pixels());
    file
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pixels_are_written_as_they_are() {
        let image = PageImage::new(2, 1, PixelFormat::Gray8, vec![0, 255]).unwrap();
        assert_eq!(pnm(&image), b"P5\n2 1\n255\n\x00\xff");
    }

    #[test]
    fn a_missing_program_is_explained() {
        let error = Tesseract::with_program("no-such-program-of-ours").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable);
        assert!(error.message().contains("apt-get install"));
    }
}
