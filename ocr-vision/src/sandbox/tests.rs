//! What a page process loses, tried in a process of its own: the tests start themselves again as a child, which gives up
//! what a page process gives up and then does what it must not.

use std::{
    env, fs,
    io::{self, BufRead, BufReader, ErrorKind as IoErrorKind},
    net::{TcpListener, TcpStream, UdpSocket},
    os::unix::net::UnixDatagram,
    path::{Path, PathBuf},
    process::{Command, ExitStatus, Output, Stdio},
    thread,
    time::Duration,
};

use ocr_core::ErrorKind;
use ocr_testkit::requirements::Requirement;
use rustix::{
    process::{getppid, test_kill_process},
    time::{ClockId, clock_gettime},
};

use super::{
    access::PageProcessAccess,
    confinement::{Confinement, confine},
    ending, resources,
};

/// What the child is to do.
const CHILD: &str = "OCR_TEST_CHILD";
/// A folder with the file `model` in the folder `read`, which the child may read.
const FOLDER: &str = "OCR_TEST_CHILD_FOLDER";
/// This, as the child names it.
const TEST: &str = "sandbox::tests::the_child";

/// The child. Does nothing in a usual test run.
#[test]
fn the_child() {
    let Ok(wanted) = env::var(CHILD) else {
        return;
    };
    let folder = PathBuf::from(env::var_os(FOLDER).unwrap_or_default());
    match wanted.as_str() {
        "spend" => return spend(),
        "allocate" => return allocate(),
        "outlive" => return outlive(),
        _ => {}
    }
    let mut access = PageProcessAccess::none().with_read(vec![folder.join("read")]);
    if wanted.starts_with("program") {
        access = access.with_run(vec!["/bin/cat".into()]);
    }
    assert_eq!(confine(&access).unwrap(), Confinement::Complete);
    let outcome = match attempt(&wanted, &folder) {
        Ok(()) => "allowed".to_owned(),
        Err(error) if error.kind() == IoErrorKind::PermissionDenied => "refused".to_owned(),
        Err(error) => format!("{error:?}"),
    };
    println!("\nOUTCOME {outcome}");
}

fn attempt(wanted: &str, folder: &Path) -> io::Result<()> {
    let model = folder.join("read/model");
    match wanted {
        "read what it may" => fs::read(model).map(drop),
        "start a thread" => thread::Builder::new()
            .spawn(|| ())
            .map(|thread| thread.join().unwrap()),
        "ask the time" => fs::read("/proc/cpuinfo").map(drop),
        "read accounts" => fs::read("/etc/passwd").map(drop),
        "read the project" => fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")).map(drop),
        "list a folder" => fs::read_dir(folder).map(drop),
        "write a file" => fs::write(folder.join("new"), "new"),
        "change what it reads" => fs::write(model, "changed"),
        "remove what it reads" => fs::remove_file(model),
        "listen" => TcpListener::bind("127.0.0.1:0").map(drop),
        "connect" => TcpStream::connect("127.0.0.1:9").map(drop),
        "send" => UdpSocket::bind("127.0.0.1:0").map(drop),
        "talk to this machine" => UnixDatagram::unbound().map(drop),
        "run a program" => Command::new("/bin/cat").arg("/dev/null").status().map(drop),
        "signal" => test_kill_process(getppid().unwrap()).map_err(io::Error::from),
        "program that reads what it may" => cat(&model),
        "program that reads accounts" => cat(Path::new("/etc/passwd")),
        other => panic!("nobody knows how to {other}"),
    }
}

/// Reads `file` in another program.
fn cat(file: &Path) -> io::Result<()> {
    let output = Command::new("/bin/cat").arg(file).output()?;
    if output.status.success() {
        return Ok(());
    }
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    if told.contains("Permission denied") {
        return Err(IoErrorKind::PermissionDenied.into());
    }
    Err(io::Error::other(told))
}

/// Uses the processor for longer than it may.
fn spend() {
    resources::allow_processor_time(Duration::ZERO).unwrap();
    // As much as this only where nothing ends it.
    while clock_gettime(ClockId::ProcessCPUTime).tv_sec < 60 {}
}

/// Takes more memory than there is.
fn allocate() {
    resources::limit(2 << 30).unwrap();
    let memory = vec![1_u8; 3 << 30];
    println!("\nOUTCOME {}", memory.len());
}

/// Waits for longer than its parent lives, without reading its input.
fn outlive() {
    resources::belong_to_parent(false).unwrap();
    println!("\nOUTCOME {}", std::process::id());
    loop {
        thread::park();
    }
}

/// The arguments that make this program the child.
fn arguments() -> [&'static str; 4] {
    ["--exact", TEST, "--nocapture", "--test-threads=1"]
}

fn run(wanted: &str, folder: &Path) -> Output {
    Command::new(env::current_exe().unwrap())
        .args(arguments())
        .env(CHILD, wanted)
        .env(FOLDER, folder)
        .output()
        .unwrap()
}

/// What the child says became of it, where this machine can confine it.
fn outcome(wanted: &str) -> Option<String> {
    let found = match Confinement::of_this_system() {
        Confinement::Complete => Ok(()),
        other => Err(other),
    };
    Requirement::Sandbox.or_skip(found)?;
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("read")).unwrap();
    let model = folder.path().join("read/model");
    fs::write(&model, "weights").unwrap();
    let output = run(wanted, folder.path());
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(fs::read_to_string(model).unwrap(), "weights");
    assert!(!folder.path().join("new").exists());
    let outcome = told.lines().find_map(|line| line.strip_prefix("OUTCOME "));
    Some(outcome.unwrap_or_else(|| panic!("{output:?}")).to_owned())
}

#[test]
fn a_confined_process_goes_on_with_what_it_needs() {
    for wanted in ["read what it may", "start a thread", "ask the time"] {
        let Some(outcome) = outcome(wanted) else { return };
        assert_eq!(outcome, "allowed", "{wanted}");
    }
}

#[test]
fn a_confined_process_reads_and_writes_no_other_file() {
    for wanted in [
        "read accounts",
        "read the project",
        "list a folder",
        "write a file",
        "change what it reads",
        "remove what it reads",
    ] {
        let Some(outcome) = outcome(wanted) else { return };
        assert_eq!(outcome, "refused", "{wanted}");
    }
}

#[test]
fn a_confined_process_has_no_network() {
    for wanted in ["listen", "connect", "send", "talk to this machine"] {
        let Some(outcome) = outcome(wanted) else { return };
        assert_eq!(outcome, "refused", "{wanted}");
    }
}

#[test]
fn a_confined_process_runs_no_program_and_signals_none() {
    for wanted in ["run a program", "signal"] {
        let Some(outcome) = outcome(wanted) else { return };
        assert_eq!(outcome, "refused", "{wanted}");
    }
}

#[test]
fn a_program_that_it_may_run_is_confined_as_it_is() {
    for (wanted, expected) in [
        ("program that reads what it may", "allowed"),
        ("program that reads accounts", "refused"),
    ] {
        let Some(outcome) = outcome(wanted) else { return };
        assert_eq!(outcome, expected, "{wanted}");
    }
}

fn status(wanted: &str) -> ExitStatus {
    run(wanted, Path::new("/nonexistent")).status
}

#[test]
fn a_process_that_uses_the_processor_for_too_long_ends_for_that() {
    assert_eq!(ending::of(status("spend")), ErrorKind::OutOfTime);
}

#[test]
fn a_process_that_takes_too_much_memory_ends_for_that() {
    assert_eq!(ending::of(status("allocate")), ErrorKind::OutOfMemory);
}

#[test]
fn a_process_ends_with_its_parent() {
    let mut parent = Command::new("/bin/sh")
        .args(["-c", "\"$0\" \"$@\" & wait"])
        .arg(env::current_exe().unwrap())
        .args(arguments())
        .env(CHILD, "outlive")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let told = BufReader::new(parent.stdout.take().unwrap());
    let child = told
        .lines()
        .map_while(Result::ok)
        .find_map(|line| Some(line.strip_prefix("OUTCOME ")?.to_owned()))
        .expect("the child says its number");
    parent.kill().unwrap();
    parent.wait().unwrap();
    // What has ended may wait for somebody to collect it.
    let stat = format!("/proc/{child}/stat");
    let runs = || fs::read_to_string(&stat).is_ok_and(|stat| !stat.contains(") Z "));
    while runs() {
        thread::sleep(Duration::from_millis(10));
    }
}
