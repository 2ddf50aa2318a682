//! `ocr-server admin audit verify` and `export`.

use std::io::{Write, stdout};

use anyhow::{Result, bail};
use futures::TryStreamExt;
use ocr_core::{
    account_store::{AuditAction, AuditAnchor, AuditOrigin},
    platform::Platform,
    service::{AccountService, AuditCheck, OcrService},
};

use crate::{audit_file::AuditFormat, cli::AuditCommand};

pub(super) async fn run(platform: &Platform, accounts: &AccountService, action: AuditCommand) -> Result<()> {
    let service = OcrService::new(platform.clone());
    match action {
        AuditCommand::Verify { expect } => {
            let expect = expect
                .map(|expect| expect.trim().parse::<AuditAnchor>())
                .transpose()?;
            judge(&service.verify_audit(expect).await?)
        }
        AuditCommand::Export { format } => {
            let format: AuditFormat = format.parse()?;
            let origin = AuditOrigin::default();
            accounts
                .note(&origin, AuditAction::AuditExported, format.filename())
                .await?;
            let mut output = stdout();
            output.write_all(&format.head()?)?;
            let mut batches = service.sealed_audit()?;
            while let Some(batch) = batches.try_next().await? {
                output.write_all(&format.entries(&batch)?)?;
            }
            output.flush()?;
            Ok(())
        }
    }
}

/// Says what was found.
fn judge(check: &AuditCheck) -> Result<()> {
    println!("{} entries are as they were written", check.checked);
    if let Some(anchor) = &check.anchor {
        println!(
            "entries up to {} were removed because their time was over",
            anchor.seq
        );
    }
    if check.blanked > 0 {
        println!("{} of them do not say any more who did what", check.blanked);
    }
    if check.unsealed > 0 {
        println!(
            "{} entries are not sealed yet; a running server seals them",
            check.unsealed
        );
    }
    if let Some(broken) = &check.broken {
        let entry = broken.entry.as_deref().unwrap_or("unknown");
        bail!(
            "the audit log is broken at place {}, entry {entry}: {}",
            broken.seq,
            broken.reason
        );
    }
    println!("the last place is {}", check.last);
    if check.holds == Some(false) {
        bail!("the expected place is not in the chain: entries were cut off or written anew");
    }
    Ok(())
}
