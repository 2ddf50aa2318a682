//! `ocr-server admin quota` and `ocr-server admin usage`: what users may use, and what they used.

use anyhow::{Context, Result, bail};
use ocr_core::{
    account_store::{AuditAction, AuditOrigin},
    id::UserId,
    model::{Quota, Quotas},
    platform::Platform,
    service::{AccountService, OcrService, PeriodUsage},
};

use crate::config::Dollars;

/// Prints what `user` may use, after the changes in `set`.
pub(super) async fn quota(
    platform: &Platform,
    accounts: &AccountService,
    user: &str,
    set: &[String],
) -> Result<()> {
    let service = OcrService::new(platform.clone());
    let owner = owner(accounts, user).await?;
    if !set.is_empty() {
        let mut quotas = service.quotas(owner).await?;
        for change in set {
            quotas = changed(quotas, change)?;
        }
        service.set_quotas(owner, quotas).await?;
        accounts
            .note(
                &AuditOrigin::default(),
                AuditAction::QuotasChanged,
                owner.to_string(),
            )
            .await?;
    }
    for status in service.usage(owner).await?.quotas {
        let amount = |number: Option<u64>| match number {
            Some(number) if status.quota.is_spend() => Dollars { micros: number }.to_string(),
            Some(number) => number.to_string(),
            None => "none".to_owned(),
        };
        println!(
            "{}\tlimit {}\tused {}\tleft {}",
            status.quota,
            amount(status.limit),
            amount(Some(status.used)),
            amount(status.remaining())
        );
    }
    Ok(())
}

/// The quotas after a change such as `pages_per_day=500`.
fn changed(quotas: Quotas, change: &str) -> Result<Quotas> {
    let Some((name, limit)) = change.split_once('=') else {
        bail!("{change} is no change; write a quota and its limit, such as pages_per_day=500");
    };
    let quota: Quota = name.parse()?;
    Ok(match limit {
        "" => quotas.without(quota),
        "none" => quotas.with(quota, None::<u64>),
        money if quota.is_spend() => {
            let dollars = money.parse::<Dollars>().map_err(anyhow::Error::msg)?;
            quotas.with(quota, dollars.micros)
        }
        number => {
            let number = number
                .parse::<u64>()
                .with_context(|| format!("{number} is no limit of {quota}"))?;
            quotas.with(quota, number)
        }
    })
}

/// Prints what `users` used, or everybody together.
pub(super) async fn usage(platform: &Platform, accounts: &AccountService, users: &[String]) -> Result<()> {
    let service = OcrService::new(platform.clone());
    if users.is_empty() {
        let (today, month) = service.usage_of_all().await?;
        print("everybody", "today", &today);
        print("everybody", "month", &month);
    }
    for user in users {
        let report = service.usage(owner(accounts, user).await?).await?;
        print(user, "today", &report.today);
        print(user, "month", &report.month);
    }
    Ok(())
}

fn print(who: &str, when: &str, period: &PeriodUsage) {
    let total = period.total;
    println!(
        "{who}\t{when}\t{} documents\t{} bytes\t{} pages\t{} words\t{} US dollars",
        total.documents,
        total.bytes,
        total.pages,
        total.words,
        Dollars {
            micros: total.cost_micros
        }
    );
    for (engine, amounts) in &period.engines {
        println!(
            "{who}\t{when}\t{engine}\t{} documents\t{} pages\t{} US dollars",
            amounts.documents,
            amounts.pages,
            Dollars {
                micros: amounts.cost_micros
            }
        );
    }
}

/// The owner that a name or a UUID stands for.
async fn owner(accounts: &AccountService, user: &str) -> Result<UserId> {
    match user.parse() {
        Ok(owner) => Ok(owner),
        Err(_) => Ok(accounts.account_named(user).await?.id),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_read() {
        let apply = |changes: &[&str]| {
            let mut all = changes.iter().copied();
            all.try_fold(Quotas::default(), changed)
        };
        let quotas = apply(&["pages_per_day=500", "spend_per_month=12.50", "open_tasks=none"]).unwrap();
        assert_eq!(quotas.limit(Quota::PagesPerDay), Some(500));
        assert_eq!(quotas.limit(Quota::SpendPerMonth), Some(12_500_000));
        assert_eq!(quotas.iter().count(), 3);
        assert!(apply(&["open_tasks=1", "open_tasks="]).unwrap().is_empty());
        for odd in ["pages", "pages=5", "pages_per_day=many", "spend_per_day=1,5"] {
            assert!(apply(&[odd]).is_err(), "{odd}");
        }
    }
}
