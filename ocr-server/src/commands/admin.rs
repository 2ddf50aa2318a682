//! `ocr-server admin`: accounts, from the machine of the server.

use std::{
    io::{Read, stdin},
    path::Path,
    process::ExitCode,
};

use anyhow::{Context, Result, bail};
use futures::StreamExt;
use ocr_core::{
    ErrorKind,
    account_store::{AuditAction, AuditFilter, AuditOrigin, Identity, Role},
    clock::Timestamp,
    id::UserId,
    platform::Platform,
    service::{AccountService, MAX_PASSWORD, OcrService, Secret},
};
use secrecy::SecretString;
use tokio::io::AsyncWriteExt;

use super::{
    admin_limits::{quota, usage},
    audit, dead_letters,
};
use crate::{
    cli::AdminAction,
    compose,
    config::Settings,
    http::{archive, user_archive},
    links,
};

/// Does what is asked, on the databases of the settings; a server may run meanwhile.
pub(super) async fn run(settings: &Settings, action: AdminAction) -> Result<ExitCode> {
    let composition = compose::open(settings).await?;
    // Documents fail whether anybody has to sign in or not.
    if let AdminAction::DeadLetters { action } = action {
        let service = OcrService::new(composition.platform.clone());
        let outcome = dead_letters::run(&service, action).await;
        composition.close().await;
        return outcome.map(|()| ExitCode::SUCCESS);
    }
    let accounts = compose::accounts(settings, &composition.platform).await;
    let outcome = match accounts {
        Ok(accounts) => act(settings, &composition.platform, &accounts, action).await,
        Err(error) => Err(error),
    };
    composition.close().await;
    outcome.map(|()| ExitCode::SUCCESS)
}

async fn act(
    settings: &Settings,
    platform: &Platform,
    accounts: &AccountService,
    action: AdminAction,
) -> Result<()> {
    let operator = AuditOrigin::default();
    match action {
        AdminAction::CreateUser {
            name,
            admin,
            password_stdin,
        } => {
            let role = if admin { Role::Admin } else { Role::User };
            let password = password_stdin.then(password).transpose()?;
            let made = accounts
                .create_account(&name, role, password.as_ref(), &operator)
                .await?;
            println!("made the account {} ({})", made.account.login, made.account.id);
            if let Some(secret) = made.link {
                hand_over(settings, &secret);
            }
        }
        AdminAction::ListUsers => list(accounts).await?,
        AdminAction::DisableUser { name, enable } => {
            let account = accounts.account_named(&name).await?;
            accounts.set_disabled(account.id, !enable, &operator).await?;
            let now = if enable {
                "may sign in again"
            } else {
                "may not sign in any more"
            };
            println!("{} {now}", account.login);
        }
        AdminAction::ResetLink { name } => {
            let account = accounts.account_named(&name).await?;
            let secret = accounts.reset_link(account.id, &operator).await?;
            hand_over(settings, &secret);
        }
        AdminAction::RemoveSecondFactor { name } => {
            let account = accounts.account_named(&name).await?;
            accounts.drop_second_factor(account.id, &operator).await?;
            println!("{} signs in with the password alone", account.login);
        }
        AdminAction::RotateKeys { at_once } => {
            let id = accounts.rotate_signing_keys(at_once, &operator).await?;
            let when = if at_once { "now" } else { "two minutes" };
            println!("access tokens are signed with {id} from {when} on");
        }
        AdminAction::LinkIdentity { name, subject } => {
            link_identity(settings, accounts, &name, &subject).await?;
        }
        AdminAction::DeadLetters { .. } => bail!("dead letters need no accounts"),
        AdminAction::Audit {
            action: Some(action), ..
        } => audit::run(platform, accounts, action).await?,
        AdminAction::Audit { limit, action: None } => print_audit(accounts, usize::from(limit)).await?,
        AdminAction::ExportUser { user, out } => export(platform, accounts, &user, &out).await?,
        AdminAction::EraseUser { user, yes } => erase(platform, accounts, &user, yes).await?,
        AdminAction::Adopt { name, owners, all } => adopt(accounts, &name, &owners, all).await?,
        AdminAction::Quota { user, set } => quota(platform, accounts, &user, &set).await?,
        AdminAction::Usage { users } => usage(platform, accounts, &users).await?,
    }
    Ok(())
}

/// A password of standard input, without the end of its line.
fn password() -> Result<SecretString> {
    let mut text = String::new();
    let most = (MAX_PASSWORD * 4 + 2) as u64;
    stdin()
        .take(most)
        .read_to_string(&mut text)
        .context("the password cannot be read")?;
    Ok(text.trim_end_matches(['\r', '\n']).into())
}

/// The address of a one-time link, for whoever is at this machine or uses the public address.
pub(super) fn link(settings: &Settings, screen: &str, secret: &Secret) -> String {
    links::one_time(&settings.base_url(), screen, secret)
}

fn hand_over(settings: &Settings, secret: &Secret) {
    println!("a password is chosen within a day, once, at");
    println!("{}", link(settings, "reset", secret));
}

async fn link_identity(
    settings: &Settings,
    accounts: &AccountService,
    name: &str,
    subject: &str,
) -> Result<()> {
    let Some(oidc) = &settings.oidc else {
        bail!("this is for OCR_AUTH=oidc, and OCR_OIDC_ISSUER names whose subject it is");
    };
    let account = accounts.account_named(name).await?;
    let identity = Identity::new(&oidc.issuer, subject)?;
    accounts
        .link_identity(account.id, identity, &AuditOrigin::default())
        .await?;
    println!("{} signs in with {}", account.login, oidc.issuer);
    Ok(())
}

async fn list(accounts: &AccountService) -> Result<()> {
    let mut after = None;
    loop {
        let found = accounts.accounts(after).await?;
        for account in &found {
            let state = match (account.disabled, account.password.is_some()) {
                (true, _) => "disabled",
                (false, true) => "active",
                (false, false) => "invited",
            };
            let last = account.last_sign_in.as_ref().map(Timestamp::to_rfc3339);
            println!(
                "{}\t{}\t{}\t{state}\t{}",
                account.login,
                account.id,
                account.role.as_str(),
                last.as_deref().unwrap_or("never")
            );
        }
        after = match found.last() {
            Some(account) => Some(account.login.clone()),
            None => return Ok(()),
        };
    }
}

async fn print_audit(accounts: &AccountService, limit: usize) -> Result<()> {
    let entries = accounts.audit_log(AuditFilter::default(), limit).await?;
    let actors = entries.iter().filter_map(|entry| entry.actor).collect();
    let logins = accounts.logins(actors).await?;
    for entry in &entries {
        let actor = match entry.actor {
            Some(actor) => logins.get(&actor).cloned().unwrap_or_else(|| actor.to_string()),
            None if entry.address.is_empty() => "operator".to_owned(),
            None => "nobody".to_owned(),
        };
        println!(
            "{}\t{actor}\t{}\t{}\t{}",
            entry.at.to_rfc3339(),
            entry.action.as_str(),
            entry.object,
            entry.address
        );
    }
    Ok(())
}

/// The owner of this name or id.
async fn owner_named(accounts: &AccountService, user: &str) -> Result<UserId> {
    match accounts.account_named(user).await {
        Ok(account) => Ok(account.id),
        Err(error) if error.kind() == ErrorKind::NotFound => user
            .parse::<UserId>()
            .with_context(|| format!("nobody signs in as {user}, and it is no id")),
        Err(error) => Err(error.into()),
    }
}

async fn export(platform: &Platform, accounts: &AccountService, user: &str, out: &Path) -> Result<()> {
    let id = owner_named(accounts, user).await?;
    // Only whoever runs the command may read what belongs to somebody else.
    let mut file = tokio::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(out)
        .await
        .with_context(|| format!("{} cannot be made", out.display()))?;
    let service = OcrService::new(platform.clone());
    let written = Box::pin(write_archive(&mut file, service, id)).await;
    if let Err(error) = written {
        // A part must not be taken for the whole.
        let _ = tokio::fs::remove_file(out).await;
        return Err(error);
    }
    accounts
        .note(&AuditOrigin::default(), AuditAction::UserExported, id.to_string())
        .await?;
    println!("wrote all that belongs to {id} to {}", out.display());
    Ok(())
}

async fn write_archive(file: &mut tokio::fs::File, service: OcrService, user: UserId) -> Result<()> {
    let pieces = archive::streamed(move |archive| user_archive::pack(archive, service, user, None));
    let mut pieces = std::pin::pin!(pieces);
    while let Some(piece) = pieces.next().await {
        file.write_all(&piece?).await?;
    }
    file.flush().await?;
    file.sync_all().await?;
    Ok(())
}

async fn erase(platform: &Platform, accounts: &AccountService, user: &str, yes: bool) -> Result<()> {
    let operator = AuditOrigin::default();
    let id = owner_named(accounts, user).await?;
    if !yes {
        println!("all that belongs to {id} would be removed for good; --yes does it");
        return Ok(());
    }
    if accounts.logins(vec![id]).await?.contains_key(&id) {
        // Nobody sends anything while it is removed; and the last administrator stays.
        accounts.set_disabled(id, true, &operator).await?;
    }
    let removed = OcrService::new(platform.clone())
        .erase_user(id, &operator)
        .await?;
    println!("{id} is forgotten: {removed} documents");
    Ok(())
}

async fn adopt(accounts: &AccountService, name: &str, owners: &[String], all: bool) -> Result<()> {
    let account = accounts.account_named(name).await?;
    let strangers = accounts.strangers().await?;
    if owners.is_empty() && !all {
        for (owner, documents) in &strangers {
            println!("{owner}\t{documents} documents");
        }
        println!(
            "name the owners whose documents {} shall have, or --all",
            account.login
        );
        return Ok(());
    }
    let chosen: Vec<UserId> = if all {
        strangers.iter().map(|(owner, _)| *owner).collect()
    } else {
        let parsed = owners.iter().map(|owner| owner.parse());
        parsed.collect::<ocr_core::Result<_>>()?
    };
    for owner in chosen {
        if !strangers.iter().any(|(stranger, _)| *stranger == owner) {
            bail!("{owner} has no documents, or an account of its own");
        }
        let adopted = accounts.adopt(owner, account.id, &AuditOrigin::default()).await?;
        println!("{} has {adopted} documents of {owner}", account.login);
    }
    Ok(())
}
