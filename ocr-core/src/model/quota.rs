//! How much an owner may use.

use std::{collections::BTreeMap, fmt, str::FromStr, time::Duration};

use chrono::{Datelike as _, NaiveDate, NaiveTime};
use serde::{Deserialize, Serialize};

use crate::{Error, ErrorKind, Result, clock::Timestamp};

/// Greatest limit that a quota may have, which every database can keep.
pub const MAX_QUOTA: u64 = 1_000_000_000_000_000;

/// A span of time at whose end what was used counts no more; both are those of UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QuotaPeriod {
    /// From midnight to midnight.
    Day,
    /// From the first to the last day of a month.
    Month,
}

impl QuotaPeriod {
    /// The first day of the period that `day` lies in.
    pub fn first_day(self, day: NaiveDate) -> NaiveDate {
        match self {
            Self::Day => day,
            Self::Month => day.with_day(1).unwrap_or(day),
        }
    }

    /// When the period that `now` lies in ends.
    pub fn resets_at(self, now: Timestamp) -> Timestamp {
        let first = self.first_day(now.date_naive());
        let next = match self {
            Self::Day => first.succ_opt(),
            Self::Month => first.checked_add_months(chrono::Months::new(1)),
        };
        next.map_or(Timestamp::MAX_UTC, |day| day.and_time(NaiveTime::MIN).and_utc())
    }
}

/// What is limited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Quota {
    /// Documents that wait or are read at the same time.
    OpenTasks,
    /// Documents that are accepted in a day.
    DocumentsPerDay,
    /// Documents that are accepted in a month.
    DocumentsPerMonth,
    /// Bytes of the documents that are accepted in a day.
    BytesPerDay,
    /// Bytes of the documents that are accepted in a month.
    BytesPerMonth,
    /// Pages that are read in a day.
    PagesPerDay,
    /// Pages that are read in a month.
    PagesPerMonth,
    /// What engines charge in a day, in millionths of a US dollar.
    SpendPerDay,
    /// What engines charge in a month, in millionths of a US dollar.
    SpendPerMonth,
}

impl Quota {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::OpenTasks,
        Self::DocumentsPerDay,
        Self::DocumentsPerMonth,
        Self::BytesPerDay,
        Self::BytesPerMonth,
        Self::PagesPerDay,
        Self::PagesPerMonth,
        Self::SpendPerDay,
        Self::SpendPerMonth,
    ];

    /// Its name in databases, in the API and on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OpenTasks => "open_tasks",
            Self::DocumentsPerDay => "documents_per_day",
            Self::DocumentsPerMonth => "documents_per_month",
            Self::BytesPerDay => "bytes_per_day",
            Self::BytesPerMonth => "bytes_per_month",
            Self::PagesPerDay => "pages_per_day",
            Self::PagesPerMonth => "pages_per_month",
            Self::SpendPerDay => "spend_per_day",
            Self::SpendPerMonth => "spend_per_month",
        }
    }

    /// What it is counted over; nothing for what is counted at a moment.
    pub const fn period(self) -> Option<QuotaPeriod> {
        match self {
            Self::OpenTasks => None,
            Self::DocumentsPerDay | Self::BytesPerDay | Self::PagesPerDay | Self::SpendPerDay => {
                Some(QuotaPeriod::Day)
            }
            Self::DocumentsPerMonth | Self::BytesPerMonth | Self::PagesPerMonth | Self::SpendPerMonth => {
                Some(QuotaPeriod::Month)
            }
        }
    }

    /// Whether it is money. Who has spent it is not refused: documents wait for the next period.
    pub const fn is_spend(self) -> bool {
        matches!(self, Self::SpendPerDay | Self::SpendPerMonth)
    }
}

impl fmt::Display for Quota {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Quota {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::ALL
            .into_iter()
            .find(|quota| quota.as_str() == text)
            .ok_or_else(|| {
                let names = Self::ALL.map(Self::as_str).join(", ");
                let message = format!("there is no quota of that name; choose one of: {names}");
                Error::new(ErrorKind::InvalidInput, message)
            })
    }
}

/// Limits by quota: a number, or none at all. A quota that is not named is left to somebody else, as the defaults are.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Quotas(BTreeMap<Quota, Option<u64>>);

impl Quotas {
    /// Whether none is named.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The limit of `quota`; nothing where it has none.
    pub fn limit(&self, quota: Quota) -> Option<u64> {
        self.0.get(&quota).copied().flatten()
    }

    /// The quotas that are named, with their limits.
    pub fn iter(&self) -> impl Iterator<Item = (Quota, Option<u64>)> + '_ {
        self.0.iter().map(|(quota, limit)| (*quota, *limit))
    }

    /// The same with this limit of `quota`, or with none.
    pub fn with(mut self, quota: Quota, limit: impl Into<Option<u64>>) -> Self {
        self.0.insert(quota, limit.into());
        self
    }

    /// The same without a word about `quota`.
    pub fn without(mut self, quota: Quota) -> Self {
        self.0.remove(&quota);
        self
    }

    /// The same, where those that are not named are as in `defaults`.
    pub fn over(&self, defaults: &Self) -> Self {
        let mut all = defaults.0.clone();
        all.extend(self.iter());
        Self(all)
    }

    /// `InvalidInput` for a limit of more than [`MAX_QUOTA`].
    pub fn check(&self) -> Result<()> {
        match self
            .iter()
            .find(|(_, limit)| limit.is_some_and(|limit| limit > MAX_QUOTA))
        {
            None => Ok(()),
            Some((quota, _)) => {
                let message = format!("{quota} is limited to at most {MAX_QUOTA}");
                Err(Error::new(ErrorKind::InvalidInput, message))
            }
        }
    }
}

/// How much of a quota is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct QuotaStatus {
    /// What is limited.
    pub quota: Quota,
    /// The limit; nothing where there is none.
    pub limit: Option<u64>,
    /// What is used.
    pub used: u64,
    /// When nothing is used again; nothing for what is counted at a moment.
    pub resets_at: Option<Timestamp>,
}

impl QuotaStatus {
    /// `quota` with this `limit`, of which `used` is used at `now`.
    pub fn new(quota: Quota, limit: Option<u64>, used: u64, now: Timestamp) -> Self {
        Self {
            quota,
            limit,
            used,
            resets_at: quota.period().map(|period| period.resets_at(now)),
        }
    }

    /// What is left; nothing where there is no limit.
    pub fn remaining(&self) -> Option<u64> {
        self.limit.map(|limit| limit.saturating_sub(self.used))
    }

    /// Whether `more` does not fit in what is left.
    pub fn refuses(&self, more: u64) -> bool {
        self.remaining().is_some_and(|remaining| remaining < more)
    }

    /// The error for whoever wants more than is left, at `now`.
    pub fn exceeded(&self, now: Timestamp) -> Error {
        let (quota, used) = (self.quota, self.used);
        let limit = self.limit.unwrap_or_default();
        let Some(resets_at) = self.resets_at else {
            let message =
                format!("the quota {quota} is used up: {used} of {limit}; wait until documents are read");
            return Error::new(ErrorKind::QuotaExceeded, message);
        };
        let end = resets_at.format("%Y-%m-%d %H:%M UTC");
        let amounts = if quota.is_spend() {
            format!("{} of {} US dollars", dollars(used), dollars(limit))
        } else {
            format!("{used} of {limit}")
        };
        let message = format!("the quota {quota} is used up: {amounts}; it begins anew at {end}");
        let wait = (resets_at - now).to_std().unwrap_or(Duration::ZERO);
        Error::new(ErrorKind::QuotaExceeded, message).with_retry_after(wait)
    }
}

/// Millionths of a US dollar as dollars and cents, rounded down.
fn dollars(micros: u64) -> String {
    format!("{}.{:02}", micros / 1_000_000, micros % 1_000_000 / 10_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn periods_end_at_midnight_of_utc_and_with_the_month() {
        let ends = |period: QuotaPeriod, now| period.resets_at(at(now));
        let day = |now| ends(QuotaPeriod::Day, now);
        assert_eq!(
            day("2026-03-29T00:59:59Z"),
            at("2026-03-30T00:00:00Z"),
            "clocks change"
        );
        assert_eq!(day("2026-12-31T23:59:59.999999Z"), at("2027-01-01T00:00:00Z"));
        assert_eq!(day("2027-01-01T00:00:00Z"), at("2027-01-02T00:00:00Z"));
        let month = |now| ends(QuotaPeriod::Month, now);
        assert_eq!(month("2028-02-29T12:00:00Z"), at("2028-03-01T00:00:00Z"));
        assert_eq!(month("2026-12-31T23:59:59Z"), at("2027-01-01T00:00:00Z"));
        assert_eq!(month("2026-01-31T00:00:00Z"), at("2026-02-01T00:00:00Z"));
        let first = QuotaPeriod::Month.first_day(at("2028-02-29T12:00:00Z").date_naive());
        assert_eq!(first.to_string(), "2028-02-01");
    }

    #[test]
    fn names_are_read_back() {
        for quota in Quota::ALL {
            assert_eq!(quota.as_str().parse::<Quota>().unwrap(), quota);
            assert_eq!(serde_json::to_value(quota).unwrap(), quota.as_str());
        }
        assert_eq!(
            "pages".parse::<Quota>().unwrap_err().kind(),
            ErrorKind::InvalidInput
        );
    }

    #[test]
    fn a_user_has_the_defaults_but_for_what_is_set_for_them() {
        let defaults = Quotas::default()
            .with(Quota::PagesPerDay, 100_u64)
            .with(Quota::OpenTasks, 5_u64);
        let own = Quotas::default()
            .with(Quota::PagesPerDay, None::<u64>)
            .with(Quota::SpendPerMonth, 7_u64);
        let all = own.over(&defaults);
        assert_eq!(all.limit(Quota::PagesPerDay), None, "no limit of theirs");
        assert_eq!(all.limit(Quota::OpenTasks), Some(5));
        assert_eq!(all.limit(Quota::SpendPerMonth), Some(7));
        let json = serde_json::to_string(&own).unwrap();
        assert_eq!(json, r#"{"pages_per_day":null,"spend_per_month":7}"#);
        assert_eq!(serde_json::from_str::<Quotas>(&json).unwrap(), own);
        assert!(own.with(Quota::OpenTasks, MAX_QUOTA + 1).check().is_err());
    }

    #[test]
    fn what_is_left_can_be_used_to_the_last() {
        let now = at("2026-11-30T23:00:00Z");
        let status = QuotaStatus::new(Quota::PagesPerDay, Some(10), 8, now);
        assert!(!status.refuses(2) && status.refuses(3));
        let error = status.exceeded(now);
        assert_eq!(error.kind(), ErrorKind::QuotaExceeded);
        assert_eq!(error.retry_after(), Some(Duration::from_hours(1)));
        assert!(error.message().contains("8 of 10"), "{error}");
        let open = QuotaStatus::new(Quota::OpenTasks, Some(1), 1, now);
        assert_eq!(open.exceeded(now).retry_after(), None);
        let money = QuotaStatus::new(Quota::SpendPerMonth, Some(2_500_000), 2_504_999, now);
        assert!(money.refuses(1));
        let told = money.exceeded(now);
        assert!(told.message().contains("2.50 of 2.50 US dollars"), "{told}");
        assert!(!QuotaStatus::new(Quota::PagesPerDay, None, u64::MAX, now).refuses(1));
    }
}
