//! The platform's limits and durations, from settings.

use std::time::Duration;

use anyhow::{Result, bail};
use ocr_core::platform::Policies;

use super::{declared, sources::Sources, table::Setting};

const HOUR: u64 = 60 * 60;

/// Reads the policies. A value of 0 is refused where it would stop the platform or lose documents.
pub(super) fn read(sources: &Sources) -> Result<Policies> {
    let hours = |setting, hours_each: u64| -> Result<Duration> {
        let count: u64 = sources.parsed(setting)?;
        Ok(Duration::from_secs(count.saturating_mul(hours_each * HOUR)))
    };
    let mut policies = Policies::default();
    policies.max_upload_bytes = sources.parsed(declared::SERVER_MAX_FILE_SIZE)?;
    policies.max_attempts = sources.parsed(declared::RECOGNITION_MAX_ATTEMPTS)?;
    policies.max_crashes = sources.parsed(declared::RECOGNITION_MAX_CRASHES)?;
    policies.max_task_deadline = sources.seconds(declared::RECOGNITION_MAX_TASK_DEADLINE)?;
    let deadline = sources.seconds(declared::RECOGNITION_TASK_DEADLINE)?;
    if deadline > policies.max_task_deadline {
        bail!("OCR_TASK_DEADLINE must not be more than OCR_MAX_TASK_DEADLINE");
    }
    policies.task_deadline = (!deadline.is_zero()).then_some(deadline);
    policies.lease = sources.seconds(declared::RECOGNITION_LEASE)?;
    policies.max_attempt_time = sources.seconds(declared::RECOGNITION_ATTEMPT_TIMEOUT)?;
    policies.retry_base_delay = sources.seconds(declared::RECOGNITION_RETRY_BASE_DELAY)?;
    policies.retry_max_delay = sources.seconds(declared::RECOGNITION_RETRY_MAX_DELAY)?;
    policies.download_url_ttl = sources.seconds(declared::SERVER_DOWNLOAD_URL_TTL)?;
    policies.upload_url_ttl = sources.seconds(declared::SERVER_UPLOAD_URL_TTL)?;
    policies.trash_retention = hours(declared::DATA_TRASH_RETENTION, 24)?;
    policies.change_retention = hours(declared::DATA_CHANGE_RETENTION, 24)?;
    policies.orphan_grace = hours(declared::DATA_ORPHAN_GRACE, 1)?;
    policies.reuse_results = sources.parsed(declared::RECOGNITION_REUSE_RESULTS)?;
    let positive = [
        (declared::SERVER_MAX_FILE_SIZE, policies.max_upload_bytes > 0),
        (declared::RECOGNITION_MAX_ATTEMPTS, policies.max_attempts > 0),
        (declared::RECOGNITION_MAX_CRASHES, policies.max_crashes > 0),
        (
            declared::RECOGNITION_MAX_TASK_DEADLINE,
            !policies.max_task_deadline.is_zero(),
        ),
        (declared::RECOGNITION_LEASE, !policies.lease.is_zero()),
        (
            declared::RECOGNITION_ATTEMPT_TIMEOUT,
            !policies.max_attempt_time.is_zero(),
        ),
        (
            declared::SERVER_DOWNLOAD_URL_TTL,
            !policies.download_url_ttl.is_zero(),
        ),
        (
            declared::SERVER_UPLOAD_URL_TTL,
            !policies.upload_url_ttl.is_zero(),
        ),
        // A file is there before its task is: without time between them it would be taken for an orphan.
        (declared::DATA_ORPHAN_GRACE, !policies.orphan_grace.is_zero()),
    ];
    match positive.into_iter().find(|(_, is_positive)| !is_positive) {
        Some((Setting { variable, .. }, _)) => bail!("{variable} must be at least 1"),
        None => Ok(policies),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn policies(variables: &[(&str, &str)]) -> Result<Policies> {
        let environment: BTreeMap<String, String> = variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        read(&Sources::read(&environment, None)?)
    }

    #[test]
    fn the_declared_defaults_are_those_of_the_platform() {
        let (read, default) = (policies(&[]).unwrap(), Policies::default());
        assert_eq!(format!("{read:?}"), format!("{default:?}"));
    }

    #[test]
    fn days_and_hours_are_what_they_say() {
        let set = policies(&[("OCR_TRASH_RETENTION", "2"), ("OCR_ORPHAN_GRACE", "3")]).unwrap();
        assert_eq!(set.trash_retention, Duration::from_hours(48));
        assert_eq!(set.orphan_grace, Duration::from_hours(3));
    }

    #[test]
    fn results_of_the_same_bytes_are_taken_over_unless_that_is_off() {
        assert!(policies(&[]).unwrap().reuse_results);
        assert!(!policies(&[("OCR_REUSE_RESULTS", "false")]).unwrap().reuse_results);
        let named = policies(&[("OCR__RECOGNITION__REUSE_RESULTS", "false")]).unwrap();
        assert!(!named.reuse_results);
        let error = policies(&[("OCR_REUSE_RESULTS", "perhaps")])
            .unwrap_err()
            .to_string();
        assert!(error.contains("OCR_REUSE_RESULTS"), "{error}");
    }

    #[test]
    fn a_deadline_is_off_until_it_is_set_and_has_a_maximum() {
        assert_eq!(policies(&[]).unwrap().task_deadline, None);
        let set = policies(&[("OCR_TASK_DEADLINE", "90"), ("OCR_MAX_CRASHES", "5")]).unwrap();
        assert_eq!(set.task_deadline, Some(Duration::from_secs(90)));
        assert_eq!(set.max_crashes, 5);
        let beyond = [("OCR_TASK_DEADLINE", "90"), ("OCR_MAX_TASK_DEADLINE", "60")];
        let error = policies(&beyond).unwrap_err().to_string();
        assert!(error.contains("OCR_MAX_TASK_DEADLINE"), "{error}");
    }

    #[test]
    fn a_value_that_would_stop_the_platform_is_refused() {
        for variable in [
            "OCR_MAX_ATTEMPTS",
            "OCR_MAX_CRASHES",
            "OCR_LEASE",
            "OCR_ORPHAN_GRACE",
            "MAX_FILE_SIZE",
        ] {
            let error = policies(&[(variable, "0")]).unwrap_err().to_string();
            assert!(error.contains(variable), "{error}");
        }
        assert!(policies(&[("OCR_TRASH_RETENTION", "0")]).is_ok());
    }
}
