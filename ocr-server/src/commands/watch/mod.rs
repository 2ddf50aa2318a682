//! `ocr-server watch`: what lands in a folder is read, and written into another one.

mod folder;
mod journal;
mod outputs;
mod records;

use std::{
    collections::HashSet,
    fs, io,
    num::NonZeroUsize,
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

use anyhow::{Context, Result, bail};
use ocr_core::{
    ErrorKind,
    blob::ByteStream,
    digest::sha256_hex,
    duties::{Indexer, run_duties},
    id::{TaskId, UserId},
    model::TaskStatus,
    platform::Platform,
    service::{OcrService, SubmitRequest},
    store::Scope,
    worker::Worker,
};
use tokio::time::Instant;
use tokio_util::{io::ReaderStream, sync::CancellationToken, task::TaskTracker};

use self::{
    folder::{Found, Settling, Stamp},
    journal::Journal,
    outputs::Outputs,
    records::{Record, State},
};
use super::serve;
use crate::{
    cli::{Afterwards, WatchArgs},
    compose,
    config::Settings,
    data_dir::InUse,
    engines, shutdown,
    worker_name::worker_name,
};

/// Time between two looks at the folder.
const LOOK: Duration = Duration::from_secs(1);
/// The same after a look that failed, as where the folder is on another machine that cannot be reached.
const LOOK_AFTER_TROUBLE: Duration = Duration::from_secs(10);
/// Documents that are being read at most; others wait in the folder.
const AT_ONCE: usize = 32;
/// Where files are moved to that were read.
const DONE: &str = "done";

/// Watches until told to stop.
pub(super) async fn run(settings: &Settings, args: WatchArgs) -> Result<ExitCode> {
    let stop = shutdown::on_signal();
    let composition = compose::open(settings).await?;
    let platform = composition.platform.clone();
    let mut watch = Watch::open(settings, &args, OcrService::new(platform.clone()))?;
    let _in_use = InUse::note(&settings.data_dir)?;
    serve::prepare_engines(settings, &platform, engines::textract(settings).await?);
    let tasks = TaskTracker::new();
    work(settings, &platform, &tasks, &stop);
    eprintln!(
        "watching {}; results go to {}",
        args.folder.display(),
        args.out.display()
    );
    watch.run(&stop).await;
    tasks.close();
    tasks.wait().await;
    composition.close().await;
    Ok(ExitCode::SUCCESS)
}

/// Starts what reads documents, until `stop`.
fn work(settings: &Settings, platform: &Platform, tasks: &TaskTracker, stop: &CancellationToken) {
    tasks.spawn(run_duties(platform.clone(), stop.clone()));
    if let Some(indexer) = Indexer::new(platform.clone()) {
        let until = stop.clone();
        tasks.spawn(async move { indexer.run(until).await });
    }
    let workers = NonZeroUsize::new(settings.workers).unwrap_or(NonZeroUsize::MIN);
    let worker = Worker::new(platform.clone(), workers)
        .with_grace(settings.grace)
        .with_poll(settings.poll)
        .with_name(&worker_name());
    let until = stop.clone();
    tasks.spawn(async move { worker.run(until).await });
}

/// A folder that is watched.
struct Watch {
    service: OcrService,
    /// Of what is taken from now on.
    owner: UserId,
    folder: PathBuf,
    outputs: Outputs,
    journal: Journal,
    settling: Settling,
    quiet: Duration,
    afterwards: Afterwards,
    /// Names that cannot be written in UTF-8, of which was told already.
    told: HashSet<String>,
}

impl Watch {
    fn open(settings: &Settings, args: &WatchArgs, service: OcrService) -> Result<Self> {
        let unusable = |path: &Path| format!("{} cannot be used", path.display());
        let folder = fs::canonicalize(&args.folder).with_context(|| unusable(&args.folder))?;
        fs::create_dir_all(&args.out).with_context(|| unusable(&args.out))?;
        let out = fs::canonicalize(&args.out).with_context(|| unusable(&args.out))?;
        if folder == out {
            bail!("--out must be another folder: what is written there would be read again");
        }
        if folder.join(DONE) == out {
            bail!("--out must not be the folder {DONE}, which is for files that were read");
        }
        let journals = settings.data_dir.join("watch");
        fs::create_dir_all(&journals).with_context(|| unusable(&journals))?;
        let mut id = sha256_hex(format!("{}\0{}", folder.display(), out.display()));
        id.truncate(16);
        let files = folder::look(&folder).with_context(|| unusable(&folder))?.files;
        let journal = Journal::open(&journals.join(format!("{id}.jsonl")), &files)?;
        let part = format!(".{id}.part");
        Ok(Self {
            owner: args.user.parse()?,
            outputs: Outputs::new(out, &args.format, service.formats(), &part),
            journal,
            settling: Settling::default(),
            quiet: Duration::from_secs(args.settle),
            afterwards: args.after,
            told: HashSet::new(),
            service,
            folder,
        })
    }

    async fn run(&mut self, stop: &CancellationToken) {
        let mut pause = LOOK;
        while stop
            .run_until_cancelled(tokio::time::sleep(pause))
            .await
            .is_some()
        {
            pause = LOOK;
            // What was begun is finished: a document is given in and noted, or neither.
            if let Err(error) = self.look().await {
                tracing::warn!("{error:#}");
                pause = LOOK_AFTER_TROUBLE;
            }
        }
    }

    /// Takes what is new and complete, and writes what was read. What fails is done again at the next look.
    async fn look(&mut self) -> Result<()> {
        let seen = folder::look(&self.folder)
            .with_context(|| format!("{} cannot be read", self.folder.display()))?;
        for name in seen.unnameable {
            if self.told.insert(name.clone()) {
                eprintln!("{name}: not read, because its name is not UTF-8");
            }
        }
        self.journal.keep_only(&seen.files);
        let now = Instant::now();
        let settled = self.settling.settled(seen.files, now, self.quiet);
        let mut trouble = Ok(());
        for file in settled {
            if self.journal.knows(&file) {
                continue;
            }
            if self.journal.waiting().len() >= AT_ONCE {
                break;
            }
            // When one fails, the next may fare better.
            if let Err(error) = self.take(&file).await {
                trouble = Err(error.context(file.name));
            }
        }
        for (record, task) in self.journal.waiting() {
            let name = record.name.clone();
            if let Err(error) = self.deliver(record, task).await {
                trouble = Err(error.context(name));
            }
        }
        trouble
    }

    /// Gives a file in to be read. One that cannot be read is noted, and it is said why; one that changes again is taken
    /// later.
    async fn take(&mut self, file: &Found) -> Result<()> {
        let path = self.folder.join(&file.name);
        let body = match body(&path, file.stamp).await {
            Ok(Some(body)) => body,
            Ok(None) => return Ok(()),
            Err(error) => {
                let reason = format!("the file cannot be read: {error}");
                return self.give_up(file, &reason).await;
            }
        };
        let stem = self.stem(&file.name);
        let key = sha256_hex(format!(
            "{}\0{}\0{}",
            path.display(),
            file.stamp.size,
            file.stamp.modified
        ));
        // A process that ended before it noted the task gets the same one again.
        let request = SubmitRequest::new(&file.name).with_idempotency_key(format!("watch-{key}"));
        let created = match self.service.submit(self.owner, request, body).await {
            Ok(created) => created,
            Err(error) if error.is_transient() => return Err(error.into()),
            Err(_) if Stamp::at(&path) != Some(file.stamp) => return Ok(()),
            Err(error) => return self.give_up(file, error.message()).await,
        };
        let record = Record {
            name: file.name.clone(),
            stamp: file.stamp,
            owner: self.owner,
            stem,
            state: State::Waiting(created.into_task().id),
        };
        self.journal.note(record)?;
        Ok(())
    }

    /// The name of what is written of a file: that of the file in whose place it is, or a new one.
    fn stem(&self, name: &str) -> String {
        let known = self.journal.stem_of(name).map(str::to_owned);
        known.unwrap_or_else(|| self.outputs.stem(name, |stem| self.journal.has_stem(stem)))
    }

    /// Writes what was read of a file, once it was.
    async fn deliver(&mut self, record: Record, task: TaskId) -> Result<()> {
        let scope = Scope::owner(record.owner);
        let found = match self.service.get(scope, task).await {
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            found => Some(found?),
        };
        let reasons = match found.as_ref().map(|task| (task.status(), &task.state.failure)) {
            Some((TaskStatus::Pending | TaskStatus::Processing, _)) => return Ok(()),
            Some((TaskStatus::Completed, _)) => {
                let written = self.outputs.write(&self.service, scope, task, &record.stem);
                written.await?
            }
            Some((TaskStatus::Failed, Some(failure))) => vec![failure.message.clone()],
            Some((TaskStatus::Failed | TaskStatus::Cancelled, _)) => vec!["reading it was stopped".into()],
            None => vec!["the document was deleted before its results were written".into()],
        };
        let mut state = State::Done;
        if reasons.is_empty() {
            self.outputs.explain_no_more(&record.name).await?;
            match self.put_away(&record) {
                Ok(true) => state = State::Gone,
                Ok(false) => {}
                Err(error) => eprintln!("{error:#}"),
            }
        } else {
            let reasons = reasons.join("\n");
            self.outputs.explain(&record.name, &reasons).await?;
            eprintln!("{}: {reasons}", record.name);
        }
        self.journal.note(Record { state, ..record })?;
        Ok(())
    }

    /// Says that a file cannot be read, and does not try again until it changes.
    async fn give_up(&mut self, file: &Found, reason: &str) -> Result<()> {
        self.outputs.explain(&file.name, reason).await?;
        eprintln!("{}: {reason}", file.name);
        let record = Record {
            name: file.name.clone(),
            stamp: file.stamp,
            owner: self.owner,
            stem: self.stem(&file.name),
            state: State::Done,
        };
        self.journal.note(record)?;
        Ok(())
    }

    /// Does with a file that was read what is wanted, unless it is another by now; whether it is away then.
    fn put_away(&self, record: &Record) -> Result<bool> {
        let path = self.folder.join(&record.name);
        if self.afterwards == Afterwards::Keep || Stamp::at(&path) != Some(record.stamp) {
            return Ok(false);
        }
        let moved = match self.afterwards {
            Afterwards::Keep => Ok(()),
            Afterwards::Delete => fs::remove_file(&path),
            Afterwards::Move => moved_into(&self.folder.join(DONE), &path, &record.name),
        };
        moved.with_context(|| format!("{} was read and cannot be put away", path.display()))?;
        Ok(true)
    }
}

/// Moves a file into a folder, under a name that nothing there has.
fn moved_into(folder: &Path, path: &Path, name: &str) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let numbered = (2_u64..).map(|number| format!("{number}-{name}"));
    let mut names = std::iter::once(name.to_owned()).chain(numbered);
    let free = names.find(|name| folder.join(name).symlink_metadata().is_err());
    fs::rename(path, folder.join(free.as_deref().unwrap_or(name)))
}

/// The bytes of a file; `None` when it is not what it was any more.
async fn body(path: &Path, stamp: Stamp) -> io::Result<Option<ByteStream>> {
    let file = match tokio::fs::File::open(path).await {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    if Stamp::at(path) != Some(stamp) {
        return Ok(None);
    }
    let bytes = ByteStream::new(ReaderStream::new(file), Some(stamp.size));
    Ok(Some(bytes.exactly(stamp.size)))
}

#[cfg(test)]
mod tests {
    use ocr_testkit::{MemoryPlatform, samples};

    use super::*;

    fn watch(folder: &Path, service: OcrService) -> Watch {
        let (scans, texts) = (folder.join("in"), folder.join("out"));
        fs::create_dir(&scans).unwrap();
        fs::create_dir(&texts).unwrap();
        Watch {
            owner: samples::user(),
            outputs: Outputs::new(texts, &[], service.formats(), ".part"),
            journal: Journal::open(&folder.join("journal.jsonl"), &[]).unwrap(),
            settling: Settling::default(),
            quiet: Duration::ZERO,
            afterwards: Afterwards::Keep,
            told: HashSet::new(),
            service,
            folder: scans,
        }
    }

    #[tokio::test]
    async fn what_was_taken_for_another_user_is_still_found() {
        let folder = tempfile::tempdir().unwrap();
        let mut watch = watch(folder.path(), OcrService::new(MemoryPlatform::new().platform));
        fs::write(watch.folder.join("a.pdf"), "%PDF-1.7 and whatever follows").unwrap();
        watch.look().await.unwrap();
        let taken = watch.journal.waiting();
        assert_eq!(taken.len(), 1);
        watch.owner = samples::user();
        watch.look().await.unwrap();
        assert_eq!(watch.journal.waiting(), taken, "it is still being read");
        let said = fs::read_dir(folder.path().join("out")).unwrap();
        assert_eq!(said.count(), 0);
    }

    #[test]
    fn files_that_are_put_away_do_not_replace_each_other() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.pdf");
        let done = folder.path().join(DONE);
        for text in ["first", "second", "third"] {
            fs::write(&path, text).unwrap();
            moved_into(&done, &path, "a.pdf").unwrap();
        }
        for (name, text) in [("a.pdf", "first"), ("2-a.pdf", "second"), ("3-a.pdf", "third")] {
            assert_eq!(fs::read_to_string(done.join(name)).unwrap(), text);
        }
        assert!(!path.exists());
    }

    #[tokio::test]
    async fn a_file_that_changed_is_not_taken() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.pdf");
        fs::write(&path, "text").unwrap();
        let stamp = Stamp::at(&path).unwrap();
        let taken = body(&path, stamp).await.unwrap().unwrap();
        assert_eq!(taken.collect(10).await.unwrap(), "text");
        let before = Stamp { size: 3, ..stamp };
        assert!(body(&path, before).await.unwrap().is_none());
        assert!(body(&folder.path().join("b"), stamp).await.unwrap().is_none());
    }
}
