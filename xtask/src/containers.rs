//! Images of the databases, for the tests that take them from containers.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::Path,
    process::{Child, Stdio},
    thread,
    time::Duration,
};

use anyhow::{Context, Result, bail};

use crate::{
    process::{self, command, output, succeeds, target_directory},
    system,
};

/// Variables that name the images, and the images they name where a registry can be reached.
const IMAGES: [(&str, &str); 2] = [
    ("OCR_TEST_POSTGRES_IMAGE", "postgres:15"),
    ("OCR_TEST_REDIS_IMAGE", "redis:7"),
];

/// The image we make of Debian's own packages where none can be pulled; it runs either database.
const OWN_IMAGE: &str = "ocr-test-databases:1";

/// What our image starts: the command that is given, or a new Postgres cluster as the usual image does.
const START: &str = r#"#!/bin/sh
set -e
[ $# -gt 0 ] && [ "$1" != postgres ] && exec "$@"
bin=$(dirname "$(ls -d /usr/lib/postgresql/*/bin/postgres)")
echo "$POSTGRES_PASSWORD" >/tmp/password
chown postgres /tmp/password
install -d -o postgres -g postgres /data /run/postgresql
as() { setpriv --reuid postgres --regid postgres --clear-groups "$@"; }
as "$bin/initdb" -D /data -U postgres --pwfile=/tmp/password --auth-host=scram-sha-256 --auth-local=trust
echo 'host all all all scram-sha-256' >>/data/pg_hba.conf
[ "$1" = postgres ] && shift
exec setpriv --reuid postgres --regid postgres --clear-groups "$bin/postgres" -D /data -c listen_addresses='*' "$@"
"#;

/// How long a container engine may take to start.
const ENGINE_START: Duration = Duration::from_mins(1);

/// A container engine that runs, with images of the databases. If it was started here, it ends when
/// dropped.
pub(crate) struct Containers {
    engine: Option<Child>,
    environment: Vec<(&'static str, String)>,
}

impl Containers {
    /// Makes sure that containers of the databases can be started: installs and starts a container
    /// engine where that is allowed, pulls the images, and makes one of Debian's packages where no
    /// registry can be reached.
    pub(crate) fn prepare() -> Result<Self> {
        let mut containers = Self {
            engine: start_engine()?,
            environment: vec![("OCR_TEST_SERVICES", "containers".to_owned())],
        };
        for (variable, image) in IMAGES {
            let there = succeeds(command("docker").args(["image", "inspect", image]))
                || succeeds(command("docker").args(["pull", "--quiet", image]));
            let image = if there { image } else { own_image()? };
            containers.environment.push((variable, image.to_owned()));
        }
        Ok(containers)
    }

    /// The environment that makes the tests use them.
    pub(crate) fn environment(&self) -> &[(&'static str, String)] {
        &self.environment
    }
}

impl Drop for Containers {
    fn drop(&mut self) {
        if let Some(engine) = &mut self.engine {
            // Asked by a signal, it ends what it runs first.
            let _ = succeeds(command("kill").arg(engine.id().to_string()));
            let _ = engine.wait();
        }
    }
}

/// Starts an engine, unless one runs.
fn start_engine() -> Result<Option<Child>> {
    let answers = || succeeds(command("docker").arg("info"));
    if answers() {
        return Ok(None);
    }
    if !system::may_install() {
        bail!(
            "the tests in containers need a container engine that this user may use: install and start docker, \
             and add yourself to its group"
        );
    }
    system::install(&["docker.io", "iptables"])?;
    let log = target_directory().join("dockerd.log");
    let log = fs::File::create(&log).with_context(|| format!("{} cannot be written", log.display()))?;
    let engine = command("dockerd")
        .stdout(log.try_clone()?)
        .stderr(log)
        .spawn()
        .context("the container engine could not be started")?;
    let looks = ENGINE_START.as_millis() / 250;
    for _ in 0..looks {
        if answers() {
            return Ok(Some(engine));
        }
        thread::sleep(Duration::from_millis(250));
    }
    bail!("the container engine did not start; target/dockerd.log says why")
}

/// Both databases in one image made of Debian's packages.
fn own_image() -> Result<&'static str> {
    if succeeds(command("docker").args(["image", "inspect", OWN_IMAGE])) {
        return Ok(OWN_IMAGE);
    }
    if !system::may_install() {
        bail!("no registry of images can be reached, and only root on Debian can make one of packages");
    }
    system::install(&["debootstrap"])?;
    let release = fs::read_to_string("/etc/os-release").context("this is no Debian")?;
    let release = release
        .lines()
        .find_map(|line| line.strip_prefix("VERSION_CODENAME="))
        .context("this release of Debian has no name")?
        .to_owned();
    let folder = tempfile_folder()?;
    let tree = folder.join("root");
    let mut bootstrap = command("debootstrap");
    bootstrap.args(["--variant=minbase", "--include=postgresql,redis-server", &release]);
    process::run(bootstrap.arg(&tree).stdout(Stdio::null()))?;
    let start = tree.join("usr/local/bin/start");
    fs::write(&start, START)?;
    fs::set_permissions(&start, fs::Permissions::from_mode(0o755))?;
    let imported = import(&tree);
    fs::remove_dir_all(&folder)?;
    imported.map(|()| OWN_IMAGE)
}

/// Makes an image of a directory tree.
fn import(tree: &Path) -> Result<()> {
    let mut archive = command("tar")
        .args(["--create", "--numeric-owner", "--directory"])
        .arg(tree)
        .arg(".")
        .stdout(Stdio::piped())
        .spawn()
        .context("tar could not be started")?;
    let pipe = archive.stdout.take().context("tar has no output")?;
    let mut import = command("docker");
    import.args([
        "import",
        "--change",
        "ENTRYPOINT [\"/usr/local/bin/start\"]",
        "-",
        OWN_IMAGE,
    ]);
    process::run(import.stdin(pipe))?;
    if !archive.wait()?.success() {
        bail!("the image could not be archived");
    }
    Ok(())
}

/// A folder for a tree with devices, outside of the repository.
fn tempfile_folder() -> Result<std::path::PathBuf> {
    let made = output(command("mktemp").args(["--directory", "--tmpdir", "ocr-image.XXXXXX"]))?;
    Ok(made.trim().into())
}
