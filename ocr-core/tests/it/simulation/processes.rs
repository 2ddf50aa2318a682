//! The processes of a run: started, killed, started again; and what else goes wrong meanwhile.

use std::{
    num::NonZeroUsize,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use ocr_core::{
    duties::{ChangeListener, clean_up, run_duties},
    platform::Platform,
    queue::{NewItem, Queue, QueueItem},
    service::OcrService,
    worker::Worker,
};
use tokio_util::sync::CancellationToken;

use super::{life::Life, weather::SteppedClock, world::World};

/// What a process does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Answers clients.
    Server,
    /// Reads documents.
    Worker,
    /// Relays, reconciles, listens and cleans up.
    Duties,
}

/// Every process. One that ends is started again in its slot; servers come first, so that theirs count from 0.
const PROCESSES: [Role; 6] = [
    Role::Server,
    Role::Server,
    Role::Worker,
    Role::Worker,
    Role::Duties,
    Role::Duties,
];

/// The processes of a run.
#[derive(Debug)]
pub(super) struct Processes {
    handles: Mutex<Vec<Handle>>,
}

#[derive(Debug, Clone)]
struct Handle {
    role: Role,
    clock: Arc<SteppedClock>,
    stop: CancellationToken,
}

impl Processes {
    /// Starts them all, and each again when it ended.
    pub(super) fn start(world: &Arc<World>) -> Arc<Self> {
        let processes = Arc::new(Self {
            handles: Mutex::default(),
        });
        for (slot, role) in PROCESSES.into_iter().enumerate() {
            let handle = Handle {
                role,
                clock: world.new_clock(),
                stop: CancellationToken::new(),
            };
            processes.lock().push(handle.clone());
            if role == Role::Server {
                // There is one to be asked from the beginning.
                let life = Life::new(world.weather.clone());
                world.open(slot, OcrService::new(world.platform(&life, handle.clock.clone())));
            }
            tokio::spawn(supervise(processes.clone(), world.clone(), slot, handle));
        }
        processes
    }

    /// Stops everything, and starts nothing again.
    pub(super) fn stop(&self) {
        for handle in self.lock().drain(..) {
            handle.stop.cancel();
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Handle>> {
        self.handles.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A handle for the next process in `slot`; `None` once everything was stopped.
    fn renew(&self, slot: usize) -> Option<Handle> {
        let mut handles = self.lock();
        let handle = handles.get_mut(slot)?;
        handle.stop = CancellationToken::new();
        Some(handle.clone())
    }

    /// Does something to the world that is no process's fault, now and then, until it is calm.
    pub(super) async fn meddle(self: Arc<Self>, world: Arc<World>) {
        let dice = &world.weather.dice;
        while !world.weather.is_calm() {
            tokio::time::sleep(dice.millis(100, 1_200)).await;
            match dice.below(7) {
                0 => self.step_a_clock(&world),
                1 => self.stop_a_worker(&world),
                fate => disturb_queue(&world, fate).await,
            }
        }
    }

    fn step_a_clock(&self, world: &World) {
        let dice = &world.weather.dice;
        if dice.comes_true(300) {
            world.clock.step(dice);
        } else if let Some(handle) = dice.pick(&self.lock()) {
            handle.clock.step(dice);
        }
    }

    /// Asks a worker to stop, as a deployment does.
    fn stop_a_worker(&self, world: &World) {
        let handles = self.lock();
        let workers: Vec<&Handle> = handles
            .iter()
            .filter(|handle| handle.role == Role::Worker)
            .collect();
        if let Some(worker) = world.weather.dice.pick(&workers) {
            worker.stop.cancel();
        }
    }
}

/// Loses, repeats or moves what is queued.
async fn disturb_queue(world: &World, fate: u64) {
    let tasks = world.tasks().await.unwrap_or_default();
    let Some(task) = world.weather.dice.pick(&tasks) else {
        return;
    };
    let item = NewItem::from(QueueItem::from(task));
    // A queue in memory does not fail.
    let _ = match fate {
        2 => world.queue.remove(vec![task.id]).await,
        3 => {
            world
                .queue
                .remove(tasks.iter().map(|task| task.id).collect())
                .await
        }
        4 => world.queue.enqueue(vec![item]).await,
        _ => {
            let _ = world.queue.remove(vec![task.id]).await;
            world.queue.enqueue(vec![item]).await
        }
    };
}

async fn supervise(processes: Arc<Processes>, world: Arc<World>, slot: usize, first: Handle) {
    let mut next = Some(first);
    while let Some(handle) = next {
        let life = Life::new(world.weather.clone());
        let platform = world.platform(&life, handle.clock.clone());
        let work = tokio::spawn(run(handle.role, slot, world.clone(), platform, handle.stop));
        tokio::select! {
            biased;
            () = life.died() => {}
            // A process that ended was asked to.
            _ = work => {}
        }
        tokio::time::sleep(world.weather.dice.millis(50, 2_500)).await;
        next = processes.renew(slot);
    }
}

async fn run(role: Role, slot: usize, world: Arc<World>, platform: Platform, stop: CancellationToken) {
    match role {
        Role::Server => {
            world.open(slot, OcrService::new(platform));
            stop.cancelled().await;
        }
        Role::Worker => {
            let worker = Worker::new(platform, NonZeroUsize::MIN.saturating_add(1));
            worker.with_grace(Duration::from_millis(300)).run(stop).await;
        }
        Role::Duties => {
            let listener = ChangeListener::new(platform.clone());
            tokio::join!(
                run_duties(platform.clone(), stop.clone()),
                listener.run(stop.clone()),
                stop.run_until_cancelled(collect(&world, &platform)),
            );
        }
    }
}

/// Collects at random times, while documents come and go and after that.
async fn collect(world: &World, platform: &Platform) {
    loop {
        let longest = if world.weather.is_calm() { 40_000 } else { 8_000 };
        tokio::time::sleep(world.weather.dice.millis(500, longest)).await;
        clean_up(platform).await;
    }
}
