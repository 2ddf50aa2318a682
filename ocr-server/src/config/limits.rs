//! How much may be used, from settings.

use std::{fmt, str::FromStr};

use anyhow::{Result, bail};
use ocr_core::model::{MAX_QUOTA, Quota, Quotas};

use super::{declared, sources::Sources, table::Setting};
use crate::http::RateSettings;

/// Greatest number of requests a minute that can be set.
const MAX_REQUESTS: u32 = 1_000_000;

/// Requests that somebody may make.
pub(super) fn rates(sources: &Sources) -> Result<RateSettings> {
    let requests = |setting: Setting| -> Result<u32> {
        let requests: u32 = sources.parsed(setting)?;
        if requests > MAX_REQUESTS {
            bail!("{} is at most {MAX_REQUESTS}", setting.variable);
        }
        Ok(requests)
    };
    Ok(RateSettings {
        read: requests(declared::LIMITS_READS)?,
        write: requests(declared::LIMITS_WRITES)?,
        search: requests(declared::LIMITS_SEARCHES)?,
    })
}

/// An amount of money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dollars {
    /// Millionths of a US dollar.
    pub micros: u64,
}

impl fmt::Display for Dollars {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:06}", self.micros / 1_000_000, self.micros % 1_000_000)
    }
}

impl FromStr for Dollars {
    type Err = String;

    /// US dollars with up to six digits behind the point.
    fn from_str(text: &str) -> Result<Self, String> {
        let refused = || format!("{text} is no amount in US dollars, such as 12.50");
        let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(whole) || !digits(fraction) || fraction.len() > 6 {
            return Err(refused());
        }
        let micros = format!("{whole}{fraction:0<6}").parse::<u64>();
        micros.map(|micros| Self { micros }).map_err(|_| refused())
    }
}

/// What each owner may use unless something else is set for them.
pub(super) fn quotas(sources: &Sources) -> Result<Quotas> {
    let counted = [
        (declared::LIMITS_OPEN_TASKS, Quota::OpenTasks),
        (declared::LIMITS_DOCUMENTS_PER_DAY, Quota::DocumentsPerDay),
        (declared::LIMITS_DOCUMENTS_PER_MONTH, Quota::DocumentsPerMonth),
        (declared::LIMITS_BYTES_PER_DAY, Quota::BytesPerDay),
        (declared::LIMITS_BYTES_PER_MONTH, Quota::BytesPerMonth),
        (declared::LIMITS_PAGES_PER_DAY, Quota::PagesPerDay),
        (declared::LIMITS_PAGES_PER_MONTH, Quota::PagesPerMonth),
    ];
    let mut quotas = Quotas::default();
    for (setting, quota) in counted {
        if let Some(limit) = sources.value::<u64>(setting)? {
            quotas = quotas.with(quota, in_range(setting, limit)?);
        }
    }
    let money = [
        (declared::LIMITS_SPEND_PER_DAY, Quota::SpendPerDay),
        (declared::LIMITS_SPEND_PER_MONTH, Quota::SpendPerMonth),
    ];
    spending(sources, quotas, money)
}

/// What all owners together may spend.
pub(super) fn budget(sources: &Sources) -> Result<Quotas> {
    let money = [
        (declared::LIMITS_BUDGET_PER_DAY, Quota::SpendPerDay),
        (declared::LIMITS_BUDGET_PER_MONTH, Quota::SpendPerMonth),
    ];
    spending(sources, Quotas::default(), money)
}

fn spending(sources: &Sources, quotas: Quotas, money: [(Setting, Quota); 2]) -> Result<Quotas> {
    let mut all = quotas;
    for (setting, quota) in money {
        if let Some(limit) = sources.value::<Dollars>(setting)? {
            all = all.with(quota, in_range(setting, limit.micros)?);
        }
    }
    Ok(all)
}

fn in_range(setting: Setting, limit: u64) -> Result<u64> {
    if limit > MAX_QUOTA {
        bail!("{} is too large", setting.variable);
    }
    Ok(limit)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn sources(variables: &[(&str, &str)]) -> Sources {
        let environment: BTreeMap<String, String> = variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        Sources::read(&environment, None).unwrap()
    }

    #[test]
    fn nothing_is_limited_unless_it_is_set() {
        assert!(quotas(&sources(&[])).unwrap().is_empty());
        assert!(budget(&sources(&[])).unwrap().is_empty());
    }

    #[test]
    fn rates_have_a_maximum() {
        let rate = rates(&sources(&[("OCR_RATE_READ", "0")])).unwrap();
        assert_eq!((rate.read, rate.write, rate.search), (0, 1200, 300));
        let named = rates(&sources(&[("OCR__LIMITS__SEARCHES_PER_MINUTE", "7")])).unwrap();
        assert_eq!(named.search, 7);
        for odd in ["1000001", "-1", "many"] {
            let error = rates(&sources(&[("OCR_RATE_WRITE", odd)])).unwrap_err();
            assert!(format!("{error:#}").contains("OCR_RATE_WRITE"), "{error:#}");
        }
    }

    #[test]
    fn numbers_and_dollars_are_read() {
        let set = sources(&[
            ("OCR_QUOTA_PAGES_PER_DAY", "500"),
            ("OCR_QUOTA_SPEND_PER_MONTH", "12.5"),
            ("OCR_BUDGET_PER_DAY", "0"),
            ("OCR__LIMITS__BUDGET_PER_MONTH", "100.000001"),
        ]);
        let own = quotas(&set).unwrap();
        assert_eq!(own.limit(Quota::PagesPerDay), Some(500));
        assert_eq!(own.limit(Quota::SpendPerMonth), Some(12_500_000));
        let all = budget(&set).unwrap();
        assert_eq!(all.limit(Quota::SpendPerDay), Some(0));
        assert_eq!(all.limit(Quota::SpendPerMonth), Some(100_000_001));
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        for odd in [
            "-1",
            "1,50",
            "1.",
            ".5",
            "1.0000001",
            "ten",
            "99999999999999999999",
        ] {
            let error = quotas(&sources(&[("OCR_QUOTA_SPEND_PER_DAY", odd)])).unwrap_err();
            let told = format!("{error:#}");
            assert!(told.contains("OCR_QUOTA_SPEND_PER_DAY"), "{told}");
        }
        for odd in ["-1", "many", "1000000000000001"] {
            assert!(
                quotas(&sources(&[("OCR_QUOTA_OPEN_TASKS", odd)])).is_err(),
                "{odd}"
            );
        }
    }
}
