//! What an owner used, what is left, and whether more is accepted.

use std::{collections::BTreeMap, sync::Arc};

use chrono::NaiveDate;
use tokio::sync::{Mutex, MutexGuard};

use super::OcrService;
use crate::{
    Error, ErrorKind, Result,
    builder::builder,
    clock::Timestamp,
    id::UserId,
    model::{Feature, Quota, QuotaPeriod, QuotaStatus, Quotas},
    platform::Platform,
    store::Scope,
    usage_store::{UsageAmounts, UsageEntry, UsageStore},
};

/// Locks among which owners are spread.
const LOCKS: u128 = 16;
/// Maximum number of pages that an estimate is asked for.
pub const MAX_ESTIMATED_PAGES: u64 = 1_000_000;

/// What was used today and this month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Used {
    today: PeriodUsage,
    month: PeriodUsage,
    open_tasks: u64,
}

impl Used {
    /// What `scope` used until `now`. Open tasks are not counted.
    pub(crate) async fn in_scope(store: &dyn UsageStore, scope: Scope, now: Timestamp) -> Result<Self> {
        let day = now.date_naive();
        let first = QuotaPeriod::Month.first_day(day);
        let entries = store.usage(scope, first, day).await?;
        let today = entries.iter().filter(|entry| entry.day == day);
        Ok(Self {
            today: PeriodUsage::sum(day, today),
            month: PeriodUsage::sum(first, entries.iter()),
            open_tasks: 0,
        })
    }

    /// What counts against `quota`.
    pub(crate) fn of(&self, quota: Quota) -> u64 {
        match quota {
            Quota::OpenTasks => self.open_tasks,
            Quota::DocumentsPerDay => self.today.total.documents,
            Quota::DocumentsPerMonth => self.month.total.documents,
            Quota::BytesPerDay => self.today.total.bytes,
            Quota::BytesPerMonth => self.month.total.bytes,
            Quota::PagesPerDay => self.today.total.pages,
            Quota::PagesPerMonth => self.month.total.pages,
            Quota::SpendPerDay => self.today.total.cost_micros,
            Quota::SpendPerMonth => self.month.total.cost_micros,
        }
    }
}

/// What was used in a day or a month.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PeriodUsage {
    /// Its first day, UTC.
    pub from: NaiveDate,
    /// Everything: documents and bytes that were accepted, pages and words that were read, what was charged.
    pub total: UsageAmounts,
    /// What each engine read and charged, by its name; documents are those that it read.
    pub engines: BTreeMap<String, UsageAmounts>,
}

impl PeriodUsage {
    fn sum<'a>(from: NaiveDate, entries: impl Iterator<Item = &'a UsageEntry>) -> Self {
        let mut accepted = UsageAmounts::default();
        let mut engines: BTreeMap<String, UsageAmounts> = BTreeMap::new();
        for entry in entries {
            let sum = match entry.engine.as_str() {
                "" => &mut accepted,
                engine => engines.entry(engine.to_owned()).or_default(),
            };
            *sum = *sum + entry.amounts;
        }
        let read: UsageAmounts = engines.values().copied().sum();
        // Of pages that were read in vain nobody may know the engine.
        let total = (read + accepted)
            .with_documents(accepted.documents)
            .with_bytes(accepted.bytes);
        Self { from, total, engines }
    }
}

/// What an owner used, and what is left.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct UsageReport {
    /// What was used since midnight, UTC.
    pub today: PeriodUsage,
    /// What was used since the first of the month, UTC.
    pub month: PeriodUsage,
    /// Every quota, in the order of [`Quota::ALL`], also those without a limit.
    pub quotas: Vec<QuotaStatus>,
}

/// What is to be read, to learn what it costs.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct EstimateRequest {
    /// Pages in all, at most [`MAX_ESTIMATED_PAGES`].
    pub pages: u64,
    /// The engine by name; the default where there is none.
    pub engine: Option<String>,
    /// What is to be found beyond the text.
    pub features: Vec<Feature>,
}

builder!(EstimateRequest {
    with_engine(engine: impl Into<Option<String>>) "The same by the engine of this name."
    with_features(features: Vec<Feature>) "The same with these things to be found beyond the text."
});

impl EstimateRequest {
    /// The text of `pages` pages, by the default engine.
    pub fn new(pages: u64) -> Self {
        Self {
            pages,
            engine: None,
            features: Vec::new(),
        }
    }
}

/// What reading costs, before anything is read.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Estimate {
    /// The engine that would read.
    pub engine: String,
    /// The pages.
    pub pages: u64,
    /// What it costs at most, in millionths of a US dollar: 0 for an engine that charges nothing, and nothing where it
    /// has no price for this.
    pub cost_micros: Option<u64>,
    /// Whether that fits in what is left of the money of the owner, if it is read now. Nothing where the price is
    /// not known.
    pub fits: Option<bool>,
}

/// Something that is to be accepted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted {
    /// Documents that are new.
    pub(super) documents: u64,
    /// Their bytes, as far as they are known.
    pub(super) bytes: u64,
}

/// Locks that make documents of one owner be accepted one after the other in this process.
#[derive(Debug, Clone)]
pub(super) struct Admission(Arc<[Mutex<()>]>);

impl Default for Admission {
    fn default() -> Self {
        Self((0..LOCKS).map(|_| Mutex::default()).collect())
    }
}

impl Admission {
    async fn of(&self, owner: UserId) -> Option<MutexGuard<'_, ()>> {
        let lock = self.0.get((owner.0.as_u128() % LOCKS) as usize)?;
        Some(lock.lock().await)
    }
}

impl OcrService {
    /// What `owner` used, and what is left.
    ///
    /// # Errors
    /// `Unsupported` where the platform counts nothing.
    pub async fn usage(&self, owner: UserId) -> Result<UsageReport> {
        let store = usage_store(&self.platform)?;
        let quotas = store.quotas(owner).await?.over(&self.platform.policies.quotas);
        let now = self.platform.clock.now();
        let mut used = Used::in_scope(store, Scope::owner(owner), now).await?;
        used.open_tasks = self.open_tasks(owner).await?;
        let status = |quota| QuotaStatus::new(quota, quotas.limit(quota), used.of(quota), now);
        Ok(UsageReport {
            quotas: Quota::ALL.map(status).to_vec(),
            today: used.today,
            month: used.month,
        })
    }

    /// What all owners together used today and this month.
    ///
    /// # Errors
    /// `Unsupported` where the platform counts nothing.
    pub async fn usage_of_all(&self) -> Result<(PeriodUsage, PeriodUsage)> {
        let now = self.platform.clock.now();
        let used = Used::in_scope(usage_store(&self.platform)?, Scope::system(), now).await?;
        Ok((used.today, used.month))
    }

    /// The limits that were set for `owner`, without the defaults.
    ///
    /// # Errors
    /// `Unsupported` where the platform counts nothing.
    pub async fn quotas(&self, owner: UserId) -> Result<Quotas> {
        usage_store(&self.platform)?.quotas(owner).await
    }

    /// Sets the limits of `owner` in place of those before; the defaults hold for quotas that are not named.
    ///
    /// # Errors
    /// `InvalidInput` for a limit of more than [`MAX_QUOTA`](crate::model::MAX_QUOTA); `Unsupported` where the platform
    /// counts nothing.
    pub async fn set_quotas(&self, owner: UserId, quotas: Quotas) -> Result<()> {
        quotas.check()?;
        usage_store(&self.platform)?.set_quotas(owner, quotas).await
    }

    /// What it costs `owner` at most to have something read.
    ///
    /// # Errors
    /// `InvalidInput` for an unknown engine, for what it does not find, and for no pages or more than
    /// [`MAX_ESTIMATED_PAGES`].
    pub async fn estimate(&self, owner: UserId, request: EstimateRequest) -> Result<Estimate> {
        let invalid = |message: String| Err(Error::new(ErrorKind::InvalidInput, message));
        if !(1..=MAX_ESTIMATED_PAGES).contains(&request.pages) {
            return invalid(format!("pages must be 1 to {MAX_ESTIMATED_PAGES}"));
        }
        let engine = self.platform.engines.choose(request.engine.as_deref())?;
        let capabilities = engine.capabilities();
        let lacks = |feature: &&Feature| !capabilities.features.contains(feature);
        if let Some(feature) = request.features.iter().find(lacks) {
            return invalid(format!("the engine {} does not find {feature}", engine.name()));
        }
        let cost_micros = if capabilities.charges() {
            let price = capabilities.price_of_page(&request.features);
            price.map(|micros| micros.saturating_mul(request.pages))
        } else {
            Some(0)
        };
        let fits = match (cost_micros, &self.platform.usage) {
            (Some(0), _) | (Some(_), None) => Some(true),
            (Some(cost), Some(_)) => {
                let report = self.usage(owner).await?;
                let mut money = report.quotas.iter().filter(|status| status.quota.is_spend());
                Some(!money.any(|status| status.refuses(cost)))
            }
            (None, _) => None,
        };
        Ok(Estimate {
            engine: engine.name().to_owned(),
            pages: request.pages,
            cost_micros,
            fits,
        })
    }

    /// Refuses what does not fit in the quotas of `owner`. Nothing else of theirs is accepted by this process while the
    /// guard lives, so that what was checked is still true when it is committed.
    ///
    /// # Errors
    /// `QuotaExceeded` for what fits when the quota begins anew, `TooLarge` for what never does.
    pub(super) async fn admit(&self, owner: UserId, wanted: Wanted) -> Result<Option<MutexGuard<'_, ()>>> {
        let Some(store) = &self.platform.usage else {
            return Ok(None);
        };
        let quotas = store.quotas(owner).await?.over(&self.platform.policies.quotas);
        let limited: Vec<(Quota, u64)> = quotas
            .iter()
            .filter(|(quota, _)| !quota.is_spend())
            .filter_map(|(quota, limit)| limit.map(|limit| (quota, limit)))
            .collect();
        if limited.is_empty() {
            return Ok(None);
        }
        let guard = self.admission.of(owner).await;
        let now = self.platform.clock.now();
        let mut used = Used::in_scope(store.as_ref(), Scope::owner(owner), now).await?;
        if quotas.limit(Quota::OpenTasks).is_some() {
            used.open_tasks = self.open_tasks(owner).await?;
        }
        for (quota, limit) in limited {
            let more = wanted.counts_as(quota);
            if matches!(quota, Quota::BytesPerDay | Quota::BytesPerMonth) && more > limit {
                let message = format!("the file has {more} bytes; the quota {quota} is {limit}");
                return Err(Error::new(ErrorKind::TooLarge, message));
            }
            let status = QuotaStatus::new(quota, Some(limit), used.of(quota), now);
            if status.refuses(more) {
                return Err(status.exceeded(now));
            }
        }
        Ok(guard)
    }

    async fn open_tasks(&self, owner: UserId) -> Result<u64> {
        let stats = self.platform.store.stats(Scope::owner(owner)).await?;
        Ok(stats.pending + stats.processing)
    }
}

impl Wanted {
    /// One new document of this many bytes.
    pub(super) fn document(bytes: u64) -> Self {
        Self { documents: 1, bytes }
    }

    /// How much of `quota` it takes. How many pages a document has is not known before it is read: one at least.
    fn counts_as(self, quota: Quota) -> u64 {
        match quota {
            Quota::OpenTasks | Quota::PagesPerDay | Quota::PagesPerMonth => 1,
            Quota::DocumentsPerDay | Quota::DocumentsPerMonth => self.documents,
            Quota::BytesPerDay | Quota::BytesPerMonth => self.bytes,
            Quota::SpendPerDay | Quota::SpendPerMonth => 0,
        }
    }
}

/// Where the platform counts what is used.
fn usage_store(platform: &Platform) -> Result<&dyn UsageStore> {
    platform
        .usage
        .as_deref()
        .ok_or_else(|| Error::new(ErrorKind::Unsupported, "what is used is not counted here"))
}
