//! `hostile`: files and names that are meant to break a server, and whether it minds.

mod judge;
mod mutants;
mod names;
mod watch;

use std::{
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};
use fastrand::Rng;
use futures::{StreamExt as _, stream};
use tokio::time::sleep;

use crate::{
    arguments::Arguments,
    client::{Answer, Client, OPEN},
    documents::{Document, words_of},
    proc,
    stack::{self, Profile, Stack},
};
use judge::{End, Group, Outcome, Sums};
use watch::Watch;

/// Names the corpus where the argument does not.
const CORPUS: &str = "OCR_TEST_CORPUS";
/// The folder of the corpus with such files.
const FOLDER: &str = "hostile";
/// Mutants, unless said otherwise.
const MUTANTS: u64 = 300;
/// Mutants of a group.
const GROUP: usize = 100;
/// Uploads at the same time.
const AT_ONCE: usize = 4;
/// Longest time from the upload to the end of a task: three attempts at a page that takes too long.
const END: Duration = Duration::from_mins(3);
/// Time between two looks at a task.
const LOOK: Duration = Duration::from_millis(200);
/// How long connections and files may stay open after everything.
const CLOSING: Duration = Duration::from_secs(20);
/// Descriptors by which the end may differ from the beginning: pools of connections grow.
const TOLERANCE: usize = 16;

/// Something to send.
struct Sent {
    name: Vec<u8>,
    bytes: Vec<u8>,
}

/// A running server, and what it had open at the beginning.
struct Target {
    stack: Stack,
    base: String,
    pid: u32,
    watch: Watch,
    descriptors: usize,
    goods: usize,
}

/// Runs what `arguments` ask for.
pub(crate) async fn run(arguments: &mut Arguments) -> Result<()> {
    let seed = arguments.seed()?;
    let count = arguments.number("--mutants")?.unwrap_or(MUTANTS);
    let program = arguments
        .text("--program")?
        .context("which server? --program PATH")?;
    let folder = corpus(arguments.word())?;
    arguments.end()?;
    let mut groups = groups(&folder)?;
    groups.extend(mutant_groups(seed, usize::try_from(count)?));
    println!("corpus {}, {count} mutants, --seed {seed}", folder.display());
    let mut target = Target::start(&stack::program(&program)?).await?;
    let mut sums = Sums::default();
    for (name, files) in groups {
        let group = target.send(&name, files).await?;
        print!("{}", group.problems());
        sums.add(group);
    }
    let left = target.left_open().await;
    print!("{}", sums.table());
    println!(
        "  descriptors: {} at the beginning, {left} at the end",
        target.descriptors
    );
    if target.stack.pid().await != Some(target.pid) {
        bail!(
            "the server ended; its logs are in {}",
            target.stack.keep().display()
        );
    }
    let is_open = left > target.descriptors + TOLERANCE;
    println!("{}", sums.line());
    if is_open || !sums.is_good() {
        bail!(
            "something is wrong; logs are kept in {}",
            target.stack.keep().display()
        );
    }
    Ok(())
}

/// The folder with untrusted files: the one that was given, or the one of the corpus.
fn corpus(given: Option<String>) -> Result<PathBuf> {
    match (given, env::var_os(CORPUS)) {
        (Some(given), _) => Ok(given.into()),
        (None, Some(corpus)) => Ok(Path::new(&corpus).join(FOLDER)),
        (None, None) => bail!("which corpus? name a folder, or set {CORPUS}"),
    }
}

/// The files of the corpus by the first word of their names, and the names.
fn groups(folder: &Path) -> Result<Vec<(String, Vec<Sent>)>> {
    let mut groups: BTreeMap<String, Vec<Sent>> = BTreeMap::new();
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)
        .with_context(|| {
            format!(
                "there is no corpus at {}; name one, or set {CORPUS}",
                folder.display()
            )
        })?
        .flatten()
        .map(|entry| entry.path())
        .collect();
    paths.sort();
    for path in paths {
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let is_list = [".json", ".txt", ".md"].iter().any(|end| name.ends_with(end));
        if path.is_file() && !is_list {
            let kind = name.split('_').next().unwrap_or_default().to_owned();
            groups.entry(kind).or_default().push(Sent {
                name: name.into_bytes(),
                bytes: fs::read(&path)?,
            });
        }
    }
    let good = Document::new(0, 1, &mut Rng::with_seed(0));
    let named = names::all(folder)?.into_iter().map(|name| Sent {
        name,
        bytes: good.bytes.clone(),
    });
    let mut groups: Vec<_> = groups.into_iter().collect();
    groups.push(("names".into(), named.collect()));
    Ok(groups)
}

fn mutant_groups(seed: u64, count: usize) -> Vec<(String, Vec<Sent>)> {
    let mut random = Rng::with_seed(seed);
    let originals = mutants::originals(&mut random);
    let mut all: Vec<Sent> = (1..=count)
        .map(|number| {
            let (extension, bytes) = mutants::mutant(&originals, &mut random);
            Sent {
                name: format!("mutant-{number}.{extension}").into_bytes(),
                bytes,
            }
        })
        .collect();
    let mut groups = Vec::new();
    while !all.is_empty() {
        let rest = all.split_off(GROUP.min(all.len()));
        groups.push((format!("mutants {}", groups.len() + 1), all));
        all = rest;
    }
    groups
}

impl Target {
    async fn start(program: &Path) -> Result<Self> {
        let settings = [
            ("OCR_PAGE_TIMEOUT", "20"),
            ("OCR_RETRY_BASE_DELAY", "1"),
            ("OCR_LOG_FORMAT", "json"),
        ];
        let settings = settings.map(|(name, value)| (name, value.to_owned()));
        let stack = Stack::start(program, Profile::Embedded, &settings).await?;
        let base = stack.bases.first().context("no server")?.clone();
        let pid = stack.pid().await.context("the server has ended")?;
        let mut target = Self {
            watch: Watch::start(pid, stack.ports.clone()),
            stack,
            base,
            pid,
            descriptors: 0,
            goods: 0,
        };
        if !target.good().await? {
            bail!("a good document was not read before anything else was sent");
        }
        sleep(LOOK).await;
        target.descriptors = proc::descriptors(pid);
        Ok(target)
    }

    /// Sends a group, waits for the ends, and sees whether a good document is still read.
    async fn send(&mut self, name: &str, files: Vec<Sent>) -> Result<Group> {
        let begun = Instant::now();
        self.watch.take();
        let client = Arc::new(user(self.goods)?);
        let base = self.base.as_str();
        let outcomes: Vec<Outcome> = stream::iter(files)
            .map(|file| {
                let client = Arc::clone(&client);
                async move { send(&client, base, file).await }
            })
            .buffer_unordered(AT_ONCE)
            .collect()
            .await;
        drop(client);
        let is_next_read = self.good().await?;
        Ok(Group {
            name: name.to_owned(),
            outcomes,
            peaks: self.watch.take(),
            took: begun.elapsed(),
            is_next_read,
        })
    }

    /// Whether a good document, another one each time, is read.
    async fn good(&mut self) -> Result<bool> {
        self.goods += 1;
        let document = Document::new(self.goods, 2, &mut Rng::with_seed(self.goods as u64));
        let client = user(self.goods)?;
        let (answer, _) = client
            .upload(&self.base, &document.name, document.bytes, None)
            .await;
        let Answer::Accepted(task) = answer else {
            return Ok(false);
        };
        if end(&client, &self.base, &task).await != End::Ended("completed".into(), None) {
            return Ok(false);
        }
        let text = client.text(&self.base, &task).await?;
        Ok(words_of(&text) == document.text)
    }

    /// What is open once everything had time to close.
    async fn left_open(&self) -> usize {
        let begun = Instant::now();
        loop {
            let open = proc::descriptors(self.pid);
            if open <= self.descriptors || begun.elapsed() > CLOSING {
                return open;
            }
            sleep(LOOK).await;
        }
    }
}

/// A user of its own for each group: lists stay short.
fn user(number: usize) -> Result<Client> {
    Client::new(format!("00000000-0000-4000-9000-{number:012x}"))
}

/// Sends one file and follows its task to the end.
async fn send(client: &Client, base: &str, file: Sent) -> Outcome {
    let begun = Instant::now();
    let name = String::from_utf8_lossy(&file.name).into_owned();
    let (status, body) = client.upload_raw(base, &file.name, &file.bytes).await;
    let answered = begun.elapsed();
    let end = match body["data"]["taskId"].as_str() {
        Some(task) => end(client, base, task).await,
        None => End::NoTask,
    };
    Outcome {
        name,
        status,
        code: body["code"].as_str().map(ToOwned::to_owned),
        end,
        answered,
        took: begun.elapsed(),
    }
}

/// How a task ends.
async fn end(client: &Client, base: &str, task: &str) -> End {
    let waited = tokio::time::timeout(END, async {
        loop {
            if let Ok(row) = client.task(base, task).await
                && !OPEN.contains(&row.status.as_str())
            {
                return End::Ended(row.status, row.error_code);
            }
            sleep(LOOK).await;
        }
    });
    waited.await.unwrap_or(End::Open)
}
