//! `ocr-server serve`

use std::{io::IsTerminal, net::SocketAddr, num::NonZeroUsize, process::ExitCode, sync::Arc, time::Duration};

use anyhow::{Context, Result};
use axum::Router;
use ocr_core::{
    clock::{Clock, SystemClock},
    duties::{ChangeListener, Indexer, run_duties},
    engine::OcrEngine,
    platform::Platform,
    service::OcrService,
    worker::Worker,
};
use tokio::{net::TcpListener, sync::watch};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::admin::link as admin_link;
use crate::{
    compose::{self, Composition},
    config::{AuthMode, Role, Settings},
    data_dir::{self, InUse},
    engines,
    http::{self, AppState, HttpSettings, RateGate, Spool},
    oidc::Oidc,
    shutdown,
    worker_name::worker_name,
};

/// How long to wait before a database that could not be reached is tried again; doubled each time.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// Longest of these pauses.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// Does what its roles say until told to stop.
pub(super) async fn run(settings: Settings) -> Result<ExitCode> {
    for name in &settings.ignored {
        tracing::warn!("{name} is set, but no adapter that needs it is chosen; see OCR_PROFILE");
    }
    engines::announce_confinement(&settings)?;
    data_dir::make_new_files_private();
    // Ports first: a second server on the same machine should say so before it touches anything.
    let ports = Ports::bind(&settings).await?;
    let tls = match settings.tls.clone() {
        Some(files) => Some(http::Tls::open(files).await?),
        None => None,
    };
    let stop = shutdown::on_signal();
    let tasks = TaskTracker::new();
    let page = ports.web.is_some();
    if let Some(tls) = tls.clone() {
        tasks.spawn(tls.follow(stop.clone()));
    }
    let doors = ports.serve(&tasks, &stop, &settings, tls.as_ref());
    let Some(composition) = open_when_reachable(&settings, &doors, &stop).await? else {
        return Ok(ExitCode::SUCCESS);
    };
    let in_use = InUse::note(&settings.data_dir)?;
    // Without the page as its own role, the port is that of another process of ours.
    let web_is_ours = page || !settings.roles.has(Role::Web);
    let state = app_state(&settings, &composition, web_is_ours, stop.clone()).await?;
    invite_first(&settings, &state).await?;
    let platform = composition.platform.clone();
    prepare_engines(&settings, &platform, engines::textract(&settings).await?);

    doors.open(&state);
    let roles = &settings.roles;
    if roles.has(Role::Api) || roles.has(Role::Web) || roles.has(Role::Worker) {
        tasks.spawn(run_duties(platform.clone(), stop.clone()));
    }
    // Where events do not leave a process, the one that serves clients looks for changes itself.
    let serves = roles.has(Role::Api) || roles.has(Role::Web);
    let alone = !platform.notifier.capabilities().cross_process;
    if roles.has(Role::Listener) || (serves && alone) {
        let listener = ChangeListener::new(platform.clone());
        let until = stop.clone();
        tasks.spawn(async move { listener.run(until).await });
    }
    let indexes = roles.has(Role::Indexer) || (serves && alone);
    if let Some(indexer) = Indexer::new(platform.clone()).filter(|_| indexes) {
        let until = stop.clone();
        tasks.spawn(async move { indexer.run(until).await });
    }
    if roles.has(Role::Worker) {
        let workers = NonZeroUsize::new(settings.workers).unwrap_or(NonZeroUsize::MIN);
        let worker = Worker::new(platform, workers)
            .with_grace(settings.grace)
            .with_poll(settings.poll)
            .with_name(&worker_name());
        let until = stop.clone();
        tasks.spawn(async move { worker.run(until).await });
    }

    announce(&settings, &composition, page, &in_use);
    tasks.spawn(async move { stop.cancelled().await });
    tasks.close();
    tasks.wait().await;
    composition.close().await;
    Ok(ExitCode::SUCCESS)
}

/// The open ports of the roles.
struct Ports {
    api: Option<TcpListener>,
    health: Option<TcpListener>,
    web: Option<TcpListener>,
    redirect: Option<TcpListener>,
}

impl Ports {
    async fn bind(settings: &Settings) -> Result<Self> {
        let roles = &settings.roles;
        let api = bind_if(roles.has(Role::Api), settings.api_address()).await?;
        let health = bind_if(roles.has(Role::Health), settings.health_address()).await?;
        let web = match bind_if(roles.has(Role::Web), settings.web_address()).await {
            Ok(port) => port,
            Err(error) if settings.web_wanted => return Err(error),
            Err(_) => {
                // The page is on the API's port too; many other programs like this one.
                tracing::warn!(
                    "port {} is taken; the page is at the API's port",
                    settings.web_port
                );
                None
            }
        };
        let redirect = match settings.redirect_port {
            Some(port) if roles.has(Role::Api) => Some(http::bind((settings.bind, port).into()).await?),
            _ => None,
        };
        Ok(Self {
            api,
            health,
            web,
            redirect,
        })
    }

    /// Serves the current router on every listener, once there is one.
    fn serve(
        self,
        tasks: &TaskTracker,
        stop: &CancellationToken,
        settings: &Settings,
        tls: Option<&http::Tls>,
    ) -> Doors {
        let doors = Doors {
            api: watch::Sender::default(),
            health: watch::Sender::default(),
        };
        // The page server answers the API too: pages ask the host they came from.
        for port in [self.api, self.web].into_iter().flatten() {
            tasks.spawn(http::serve(
                port,
                doors.api.subscribe(),
                settings.connections_per_address,
                settings.trusted_proxies.clone(),
                tls.cloned(),
                stop.clone(),
            ));
        }
        if let Some(port) = self.health {
            tasks.spawn(http::serve(
                port,
                doors.health.subscribe(),
                settings.connections_per_address,
                settings.trusted_proxies.clone(),
                None,
                stop.clone(),
            ));
        }
        if let Some(port) = self.redirect {
            let (door, router) = watch::channel(Router::new());
            let target = http::redirect_router(settings.public_url.clone(), settings.port);
            drop(door.send_replace(target));
            tasks.spawn(http::serve(
                port,
                router,
                settings.connections_per_address,
                settings.trusted_proxies.clone(),
                None,
                stop.clone(),
            ));
        }
        doors
    }
}

/// The router of each listener.
struct Doors {
    api: watch::Sender<Router>,
    health: watch::Sender<Router>,
}

impl Doors {
    /// From now on: the routers of a server that is starting, which answer 503 with the reason.
    fn explain(&self, reason: &str) {
        let now = SystemClock.now();
        drop(self.api.send_replace(http::starting_router(reason, now)));
        drop(
            self.health
                .send_replace(http::starting_health_router(reason, now)),
        );
    }

    /// From now on: the real routers.
    fn open(&self, state: &AppState) {
        drop(self.api.send_replace(http::router(state.clone())));
        drop(self.health.send_replace(http::health_router(state.clone())));
    }
}

/// Opens the platform, trying again for as long as a server cannot be reached; `None` once shutdown was
/// asked for.
async fn open_when_reachable(
    settings: &Settings,
    doors: &Doors,
    stop: &CancellationToken,
) -> Result<Option<Composition>> {
    let mut pause = FIRST_PAUSE;
    loop {
        let opened = tokio::select! {
            biased;
            () = stop.cancelled() => return Ok(None),
            opened = compose::open(settings) => opened,
        };
        let error = match opened {
            Ok(composition) => return Ok(Some(composition)),
            Err(error) => error,
        };
        let Some(reason) = compose::passing(&error) else {
            return Err(error);
        };
        tracing::warn!(again_in_ms = pause.as_millis(), "waiting: {error:#}");
        doors.explain(&reason);
        tokio::select! {
            () = stop.cancelled() => return Ok(None),
            () = tokio::time::sleep(pause) => {}
        }
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

async fn bind_if(wanted: bool, address: SocketAddr) -> Result<Option<TcpListener>> {
    if wanted {
        http::bind(address).await.map(Some)
    } else {
        Ok(None)
    }
}

/// What handlers need; `web_is_ours` is whether pages on the page's port are ours and not another program's.
async fn app_state(
    settings: &Settings,
    composition: &Composition,
    web_is_ours: bool,
    stop: CancellationToken,
) -> Result<AppState> {
    let spool_dir = settings.data_dir.join("spool");
    std::fs::create_dir_all(&spool_dir)
        .with_context(|| format!("{} cannot be created", spool_dir.display()))?;
    let renderer = Arc::new(engines::pictures(settings)?);
    let platform = composition.platform.clone().with_page_renderer(renderer);
    let accounts = match settings.auth {
        AuthMode::None => None,
        AuthMode::Local | AuthMode::Oidc => Some(compose::accounts(settings, &platform).await?),
    };
    let clock = platform.clock.clone();
    let oidc = match settings.oidc.clone() {
        Some(oidc) => Some(Arc::new(Oidc::new(oidc, &settings.base_url(), clock.clone())?)),
        None => None,
    };
    Ok(AppState {
        accounts,
        oidc,
        rate: Arc::new(RateGate::new(
            settings.rate,
            composition.rate_limiter.clone(),
            clock,
        )),
        service: OcrService::new(platform),
        settings: Arc::new(HttpSettings {
            public_url: settings.public_url.clone(),
            site: settings.site()?,
            tls: settings.tls.is_some(),
            public: settings.is_public(),
            spool: Spool {
                folder: spool_dir,
                room: settings.disk_room(),
            },
            page_ports: [
                settings.port,
                if web_is_ours {
                    settings.web_port
                } else {
                    settings.port
                },
            ],
            started_at: composition.platform.clock.now(),
        }),
        shutdown: stop,
    })
}

/// Prints a link to make the first account, while nobody has one: to standard error, past the log, which others may keep.
async fn invite_first(settings: &Settings, state: &AppState) -> Result<()> {
    let (Some(accounts), true) = (&state.accounts, settings.roles.has(Role::Api)) else {
        return Ok(());
    };
    // Administrators are those of the provider, and whom an operator makes one.
    if settings.auth == AuthMode::Oidc {
        return Ok(());
    }
    if let Some(secret) = accounts.set_up_link().await? {
        let link = admin_link(settings, "set-up", &secret);
        eprintln!(
            "\nNobody has an account yet. Make the first one within a day, an administrator's, at\n\n  {link}\n"
        );
    }
    Ok(())
}

/// Finds engines and fetches models in the background: the server answers meanwhile.
pub(super) fn prepare_engines(
    settings: &Settings,
    platform: &Platform,
    textract: Option<Arc<dyn OcrEngine>>,
) {
    let (settings, engines) = (settings.clone(), platform.engines.clone());
    engines.explain_missing("the OCR engine is starting; documents wait until then");
    // A thread of its own: at shutdown the runtime would wait for a running download.
    std::thread::spawn(move || {
        let interactive = std::io::stderr().is_terminal();
        if let Err(error) = engines::provide(&settings, &engines, textract, interactive) {
            tracing::error!(error = format!("{error:#}"), "no engine could be set up");
            engines.explain_missing(format!("no OCR engine is ready: {error:#}"));
        }
    });
}

/// Says what this process does; `page` is whether the page has a port of its own.
fn announce(settings: &Settings, composition: &Composition, page: bool, in_use: &InUse) {
    let roles = &settings.roles;
    tracing::info!(%roles, "this process");
    if roles.has(Role::Api) {
        tracing::info!(
            "OCR platform at {}://{}",
            settings.scheme(),
            settings.api_address()
        );
    }
    if page {
        tracing::info!("page at {}://{}", settings.scheme(), settings.web_address());
    }
    if roles.has(Role::Health) {
        tracing::info!("health at http://{}/health", settings.health_address());
    }
    let platform = &composition.platform;
    tracing::info!(
        store = platform.store.name(),
        queue = platform.queue.name(),
        blobs = platform.blobs.name(),
        notifier = platform.notifier.name(),
        "adapters"
    );
    tracing::info!("data in {}", settings.data_dir.display());
    if in_use.shared {
        tracing::warn!(
            "another process uses {} too: right when it has other roles of this server, a mistake otherwise",
            settings.data_dir.display()
        );
    }
    if settings.auth == AuthMode::Local {
        warn_of_plain_passwords(settings);
    } else if settings.bind.is_loopback() {
        tracing::info!("nobody has to sign in: only this machine can connect");
    } else {
        tracing::warn!("nobody has to sign in, and other machines can connect");
    }
}

/// Says loudly when passwords may cross the network as they are.
fn warn_of_plain_passwords(settings: &Settings) {
    let https = settings
        .public_url
        .as_deref()
        .is_some_and(|url| url.starts_with("https://"));
    let open = !settings.bind.is_loopback() && settings.tls.is_none();
    if open && !https {
        tracing::warn!(
            "passwords cross the network unencrypted; set OCR_TLS_CERT and OCR_TLS_KEY, or put a proxy with TLS in front, \
             its address in OCR_PUBLIC_URL and its IP address in OCR_TRUSTED_PROXIES"
        );
    } else if open && settings.trusted_proxies.is_empty() {
        tracing::warn!(
            "OCR_PUBLIC_URL is https, but this server has no TLS and no proxy is named in OCR_TRUSTED_PROXIES: whoever \
             connects to it past the proxy sends passwords unencrypted"
        );
    }
}
