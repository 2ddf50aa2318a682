//! Faults as they happen to running processes.

use std::time::Duration;

use anyhow::{Context as _, Result};
use rustix::process::Signal;
use tokio::{
    sync::MutexGuard,
    time::{sleep, timeout},
};

use super::schedule::{Fault, Kind, Service};
use crate::{
    proc::{self, Identity},
    process::{Process, signal},
    proxy::Network,
    stack::{Role, Services, Stack},
};

/// Longest wait for a page process to kill.
const LOOK: Duration = Duration::from_secs(3);
/// Longest wait for the end of another fault of the same process.
const TURN: Duration = Duration::from_secs(3);
/// How long processes may outlive the one that started them.
const SURVIVAL: Duration = Duration::from_secs(20);
/// How long a slow network holds up each piece.
const DELAY: Duration = Duration::from_millis(120);

/// How far a clock steps, in seconds.
const STEP: i64 = 3600;

/// What became of a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect {
    /// It happened; so many page processes outlived their worker.
    Done {
        /// Processes that should have ended, and had not.
        survivors: usize,
    },
    /// There was nothing to break, or another fault had it.
    Skipped,
}

const DONE: Effect = Effect::Done { survivors: 0 };

/// Lets a fault happen, and ends it again.
pub(crate) async fn inject(stack: &Stack, fault: Fault) -> Result<Effect> {
    match fault.kind {
        Kind::KillWorker => kill(stack, fault, Role::Worker).await,
        Kind::KillServer => kill(stack, fault, Role::Server).await,
        Kind::KillListener => kill(stack, fault, Role::Listener).await,
        Kind::KillPageProcess => kill_page_process(stack, fault).await,
        Kind::FreezeWorker => freeze(stack, fault, Role::Worker).await,
        Kind::FreezeServer => freeze(stack, fault, Role::Server).await,
        Kind::FillDisk => fill_disk(stack, fault).await,
        Kind::ClockAhead => step_clock(stack, fault, STEP).await,
        Kind::ClockBehind => step_clock(stack, fault, -STEP).await,
        _ => match &stack.services {
            Some(services) => break_service(services, fault).await,
            None => Ok(Effect::Skipped),
        },
    }
}

/// A running process with this role that no other fault has.
async fn choose(stack: &Stack, role: Role, target: usize) -> Option<(MutexGuard<'_, Process>, u32)> {
    let able = |of: Role| of == role || of == Role::Everything;
    let members: Vec<_> = stack.members.iter().filter(|member| able(member.role)).collect();
    let (before, after) = members.split_at(target.checked_rem(members.len())?);
    let mut in_turn = after.iter().chain(before);
    let free = in_turn.find_map(|member| member.process.try_lock().ok());
    let mut process = match free {
        Some(process) => process,
        None => timeout(TURN, after.first()?.process.lock()).await.ok()?,
    };
    let pid = process.pid()?;
    Some((process, pid))
}

async fn kill(stack: &Stack, fault: Fault, role: Role) -> Result<Effect> {
    let Some((mut process, pid)) = choose(stack, role, fault.target).await else {
        return Ok(Effect::Skipped);
    };
    let children = proc::descendants(pid);
    process.kill().await?;
    sleep(fault.lasts).await;
    process.start_again()?;
    drop(process);
    Ok(Effect::Done {
        survivors: survivors(children).await,
    })
}

/// How many of these processes have not ended after a while.
async fn survivors(children: Vec<Identity>) -> usize {
    let alive = || children.iter().filter(|child| child.is_alive()).count();
    let ended = async {
        while alive() > 0 {
            sleep(Duration::from_millis(50)).await;
        }
    };
    // Whoever is left then is counted.
    let _ = timeout(SURVIVAL, ended).await;
    alive()
}

async fn kill_page_process(stack: &Stack, fault: Fault) -> Result<Effect> {
    let Some((_process, pid)) = choose(stack, Role::Worker, fault.target).await else {
        return Ok(Effect::Skipped);
    };
    let found = timeout(LOOK, async {
        loop {
            if let Some(child) = proc::descendants(pid).first() {
                return *child;
            }
            sleep(Duration::from_millis(10)).await;
        }
    });
    let Ok(child) = found.await else {
        return Ok(Effect::Skipped);
    };
    signal(child.pid, Signal::KILL)?;
    Ok(DONE)
}

async fn freeze(stack: &Stack, fault: Fault, role: Role) -> Result<Effect> {
    let Some((_process, pid)) = choose(stack, role, fault.target).await else {
        return Ok(Effect::Skipped);
    };
    signal(pid, Signal::STOP)?;
    sleep(fault.lasts).await;
    signal(pid, Signal::CONT)?;
    Ok(DONE)
}

async fn fill_disk(stack: &Stack, fault: Fault) -> Result<Effect> {
    let Some(disk) = &stack.disk else {
        return Ok(Effect::Skipped);
    };
    // Whoever has the process cannot kill it meanwhile: a server that starts on a full disk says so and ends.
    let Some((_process, _)) = choose(stack, Role::Worker, fault.target).await else {
        return Ok(Effect::Skipped);
    };
    disk.fill()?;
    sleep(fault.lasts).await;
    disk.relieve()?;
    Ok(DONE)
}

async fn step_clock(stack: &Stack, fault: Fault, ahead: i64) -> Result<Effect> {
    let Some(clocks) = &stack.clocks else {
        return Ok(Effect::Skipped);
    };
    let role = if fault.target.is_multiple_of(2) {
        Role::Worker
    } else {
        Role::Server
    };
    let Some((process, _)) = choose(stack, role, fault.target / 2).await else {
        return Ok(Effect::Skipped);
    };
    let name = process.name().to_owned();
    // It may be killed meanwhile, and start again with the wrong time.
    drop(process);
    clocks.set(&name, ahead)?;
    sleep(fault.lasts).await;
    clocks.set(&name, 0)?;
    Ok(DONE)
}

async fn break_service(services: &Services, fault: Fault) -> Result<Effect> {
    let network = |service, network| change_network(services, service, network, fault.lasts);
    match fault.kind {
        Kind::Cut(service) => return Ok(network(service, Network::Cut).await),
        Kind::Silence(service) => return Ok(network(service, Network::Silent).await),
        Kind::Slow(service) => return Ok(network(service, Network::Slow(DELAY)).await),
        Kind::FreezeRedis | Kind::FlushRedis | Kind::RestartRedis => {
            return break_redis(services, fault).await;
        }
        _ => {}
    }
    let Ok(mut postgres) = services.postgres.try_lock() else {
        return Ok(Effect::Skipped);
    };
    let happened = match fault.kind {
        Kind::FreezePostgres => {
            postgres.signal_all(Signal::STOP)?;
            sleep(fault.lasts).await;
            postgres.signal_all(Signal::CONT)?;
            true
        }
        Kind::CrashPostgres => postgres.crash(fault.target).await?,
        Kind::TerminateBackends => postgres.terminate_backends().await? > 0,
        _ => false,
    };
    Ok(if happened { DONE } else { Effect::Skipped })
}

async fn break_redis(services: &Services, fault: Fault) -> Result<Effect> {
    let redis = &services.redis;
    let Ok(mut process) = redis.process.try_lock() else {
        return Ok(Effect::Skipped);
    };
    match fault.kind {
        Kind::FlushRedis => drop(redis.command("FLUSHALL").await?),
        Kind::RestartRedis => {
            process.kill().await?;
            sleep(fault.lasts).await;
            process.start_again()?;
            redis.wait().await?;
        }
        _ => {
            let pid = process.pid().context("Redis has ended")?;
            signal(pid, Signal::STOP)?;
            sleep(fault.lasts).await;
            signal(pid, Signal::CONT)?;
        }
    }
    Ok(DONE)
}

async fn change_network(services: &Services, service: Service, network: Network, lasts: Duration) -> Effect {
    let [postgres, redis, blobs] = &services.networks;
    let proxy = match service {
        Service::Postgres => postgres,
        Service::Redis => redis,
        Service::Blobs => blobs,
    };
    let Ok(proxy) = proxy.try_lock() else {
        return Effect::Skipped;
    };
    proxy.set(network);
    sleep(lasts).await;
    proxy.set(Network::Well);
    DONE
}
