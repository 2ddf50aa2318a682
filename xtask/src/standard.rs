//! `cargo xtask standard`: the standard profile without containers. Real Postgres and Redis, a stand-in
//! for S3, and every role in a process of its own.

use std::{
    fs,
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::Duration,
};

use anyhow::{Context, Result, bail};

use crate::{
    moto,
    process::{self, built, cargo, command, output, succeeds, target_directory},
    system,
};

const DATABASE: &str = "ocr_platform_dev";
const USER: &str = "ocr_platform_user";
/// Only this machine can connect, and what is kept here is for trying things out.
const PASSWORD: &str = "ocr_platform";
const S3_PORT: u16 = 5555;
/// User that Postgres runs as when we are root; Debian's package makes it.
const POSTGRES_USER: &str = "postgres";

/// Name, role and port of each process; the port of its role where there is none.
const PROCESSES: [(&str, &str, Option<&str>); 8] = [
    ("api-1", "api", None),
    ("api-2", "api", Some("8081")),
    ("worker-1", "worker", None),
    ("worker-2", "worker", None),
    ("worker-3", "worker", None),
    ("listener", "listener", None),
    ("health", "health", None),
    ("web", "web", None),
];

/// Starts what does not run yet.
pub(crate) fn up() -> Result<()> {
    system::install_missing()?;
    moto::install()?;
    process::run(&mut cargo(&[
        "build",
        "--locked",
        "--release",
        "-p",
        "ocr-server",
    ]))?;
    process::run(built("release", "ocr-server").args(["models", "pull"]))?;
    for folder in ["logs", "pids", "data"] {
        fs::create_dir_all(home().join(folder))?;
    }
    start_postgres()?;
    start_redis()?;
    start_s3()?;
    process::run(
        built("release", "ocr-server")
            .args(["storage", "setup"])
            .envs(environment()),
    )?;
    process::run(built("release", "ocr-server").arg("migrate").envs(environment()))?;
    for (name, role, port) in PROCESSES {
        let mut server = built("release", "ocr-server");
        server.args(["serve", "--role", role]).envs(environment());
        start(name, server.envs(port.map(|port| ("PORT", port))))?;
    }
    println!(
        "page http://127.0.0.1:3000 · API http://127.0.0.1:8080 and :8081 · health http://127.0.0.1:5000/status"
    );
    println!("logs in {}", home().join("logs").display());
    println!(
        "psql -h 127.0.0.1 -U {USER} -d {DATABASE} (password {PASSWORD}) · redis-cli LLEN ocr:task:queue"
    );
    Ok(())
}

/// Stops everything, workers first; data stays.
pub(crate) fn down() -> Result<()> {
    for (name, ..) in PROCESSES.iter().rev() {
        stop(name)?;
    }
    stop("s3")?;
    stop("redis")?;
    if postgres_runs() {
        process::run(
            as_postgres("pg_ctl")?
                .args(["stop", "-m", "fast", "-D"])
                .arg(cluster()),
        )?;
    }
    Ok(())
}

/// Says what runs. Fails unless everything does.
pub(crate) fn status() -> Result<()> {
    let mut missing = 0;
    let servers = ["redis", "s3"].into_iter();
    let names = servers.chain(PROCESSES.iter().map(|(name, ..)| *name));
    let mut report = |name: &str, runs: bool| {
        println!("{name:<10} {}", if runs { "running" } else { "stopped" });
        missing += usize::from(!runs);
    };
    report("postgres", postgres_runs());
    for name in names {
        report(name, running(name).is_some());
    }
    if missing > 0 {
        bail!("{missing} of them are stopped; start them with: cargo xtask standard up");
    }
    Ok(())
}

/// Where everything is kept: a place that the user of Postgres can reach, too.
fn home() -> PathBuf {
    std::env::temp_dir().join("ocr-standard")
}

fn cluster() -> PathBuf {
    home().join("postgres")
}

/// Settings of every process of ours.
fn environment() -> Vec<(&'static str, String)> {
    vec![
        ("OCR_PROFILE", "standard".into()),
        ("OCR_DATA_DIR", home().join("data").display().to_string()),
        ("DB_HOST", "127.0.0.1".into()),
        ("DB_NAME", DATABASE.into()),
        ("DB_USER", USER.into()),
        ("DB_PASSWORD", PASSWORD.into()),
        ("REDIS_HOST", "127.0.0.1".into()),
        ("AWS_ENDPOINT_URL_S3", format!("http://127.0.0.1:{S3_PORT}")),
        ("OCR_S3_PATH_STYLE", "true".into()),
        ("AWS_ACCESS_KEY_ID", "local".into()),
        ("AWS_SECRET_ACCESS_KEY", "local-secret".into()),
    ]
}

/// A program of the Postgres server, run as a user who may run it.
fn as_postgres(program: &str) -> Result<Command> {
    let versions = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten();
    let mut found: Vec<PathBuf> = versions
        .map(|version| version.path().join("bin").join(program))
        .filter(|path| path.exists())
        .collect();
    found.sort();
    let path = found.pop().unwrap_or_else(|| PathBuf::from(program));
    if output(command("id").arg("-u"))?.trim() != "0" {
        return Ok(command(path));
    }
    let mut as_user = command("runuser");
    as_user.args(["-u", POSTGRES_USER, "--"]).arg(path);
    as_user.current_dir("/");
    Ok(as_user)
}

fn postgres_runs() -> bool {
    as_postgres("pg_ctl").is_ok_and(|mut control| succeeds(control.args(["status", "-D"]).arg(cluster())))
}

fn start_postgres() -> Result<()> {
    if postgres_runs() {
        return Ok(());
    }
    let cluster = cluster();
    if !cluster.exists() {
        // Made as root, it must belong to the user of the server.
        process::run(command("install").args(owner()?).arg("-d").arg(&cluster))?;
        let mut initdb = as_postgres("initdb")?;
        process::run(
            initdb
                .args(["--auth=trust", "-U", POSTGRES_USER, "-D"])
                .arg(&cluster)
                .stdout(Stdio::null()),
        )?;
    }
    let options = format!("-p 5432 -c listen_addresses=127.0.0.1 -k {}", cluster.display());
    let mut control = as_postgres("pg_ctl")?;
    control
        .args(["start", "--wait", "-o", &options, "-l"])
        .arg(cluster.join("server.log"));
    process::run(control.arg("-D").arg(&cluster).stdout(Stdio::null()))?;
    let statements = [
        format!("CREATE ROLE {USER} LOGIN PASSWORD '{PASSWORD}'"),
        format!("CREATE DATABASE {DATABASE} OWNER {USER}"),
    ];
    for statement in statements {
        // Both exist already when the cluster does.
        let _ = succeeds(as_postgres("psql")?.args(["-h", "127.0.0.1", "-c", &statement]));
    }
    Ok(())
}

/// `install` arguments that give a folder to the user of Postgres when we are root.
fn owner() -> Result<Vec<&'static str>> {
    Ok(match output(command("id").arg("-u"))?.trim() {
        "0" => vec!["-o", POSTGRES_USER, "-g", POSTGRES_USER],
        _ => Vec::new(),
    })
}

fn start_redis() -> Result<()> {
    let mut redis = command("redis-server");
    redis.args([
        "--port",
        "6379",
        "--bind",
        "127.0.0.1",
        "--appendonly",
        "yes",
        "--dir",
    ]);
    start("redis", redis.arg(home().join("data")))?;
    wait_for("Redis", || succeeds(command("redis-cli").arg("PING")))
}

fn start_s3() -> Result<()> {
    let mut server = command("python3");
    server.env("PYTHONPATH", target_directory().join("tools/moto"));
    start(
        "s3",
        server.args(["-m", "moto.server", "-p", &S3_PORT.to_string()]),
    )?;
    let address = ("127.0.0.1", S3_PORT);
    wait_for("the stand-in for S3", || {
        std::net::TcpStream::connect(address).is_ok()
    })
}

fn wait_for(what: &str, answers: impl Fn() -> bool) -> Result<()> {
    for _ in 0..120 {
        if answers() {
            return Ok(());
        }
        thread::sleep(Duration::from_millis(250));
    }
    bail!(
        "{what} takes too long; its log is in {}",
        home().join("logs").display()
    )
}

fn pid_file(name: &str) -> PathBuf {
    home().join("pids").join(format!("{name}.pid"))
}

/// The process `name`, if it runs.
fn running(name: &str) -> Option<String> {
    let pid = fs::read_to_string(pid_file(name)).ok()?;
    // A zombie answers signals, too: the state of the process tells.
    let state = fs::read_to_string(Path::new("/proc").join(&pid).join("stat")).ok()?;
    (!state.contains(") Z ")).then_some(pid)
}

/// Starts a process that outlives us, unless it runs.
fn start(name: &str, server: &mut Command) -> Result<()> {
    if running(name).is_some() {
        return Ok(());
    }
    let log = home().join("logs").join(format!("{name}.log"));
    let log = fs::File::options()
        .create(true)
        .append(true)
        .open(&log)
        .with_context(|| format!("{} cannot be written", log.display()))?;
    server.stdout(log.try_clone()?).stderr(log).process_group(0);
    let child = server
        .spawn()
        .with_context(|| format!("{name} could not be started"))?;
    fs::write(pid_file(name), child.id().to_string())?;
    println!("started {name}");
    Ok(())
}

/// Asks a process to end, and waits until it has.
fn stop(name: &str) -> Result<()> {
    let Some(pid) = running(name) else { return Ok(()) };
    process::run(command("kill").args(["-TERM", &pid]))?;
    wait_for(name, || running(name).is_none())?;
    println!("stopped {name}");
    Ok(())
}
