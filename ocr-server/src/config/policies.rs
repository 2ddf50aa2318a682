//! The platform's limits and durations, from settings.

use std::time::Duration;

use anyhow::{Result, bail};
use ocr_core::{account_store::AuditLevel, platform::Policies};

use super::{choices::AuthMode, declared, limits, sources::Sources, table::Setting};

const HOUR: u64 = 60 * 60;
/// Maximum number of days for which a page gives its text to the same picture: about ten years.
const MAX_REUSE_DAYS: u64 = 3650;

/// Maximum number of days for which entries of the audit log are kept: a century.
const MAX_AUDIT_DAYS: u64 = 36_525;

/// Maximum number of days for which a link to a document may be made to work: about ten years.
const MAX_SHARE_DAYS: u64 = 3650;

/// How much is recorded unless somebody says so: where people sign in, who did what is worth knowing.
fn usual_audit(sources: &Sources) -> Result<AuditLevel> {
    Ok(match sources.parsed(declared::SERVER_AUTH)? {
        AuthMode::None => AuditLevel::Off,
        AuthMode::Local | AuthMode::Oidc => AuditLevel::All,
    })
}

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
    policies.max_share_time = hours(declared::SERVER_SHARE_MAX_DAYS, 24)?;
    if policies.max_share_time > Duration::from_hours(MAX_SHARE_DAYS * 24) {
        bail!("OCR_SHARE_MAX_DAYS must be at most {MAX_SHARE_DAYS}");
    }
    policies.trash_retention = hours(declared::DATA_TRASH_RETENTION, 24)?;
    policies.change_retention = hours(declared::DATA_CHANGE_RETENTION, 24)?;
    policies.orphan_grace = hours(declared::DATA_ORPHAN_GRACE, 1)?;
    policies.audit = sources.or(declared::AUDIT_LEVEL, usual_audit(sources)?)?;
    let days: u64 = sources.parsed(declared::AUDIT_RETENTION)?;
    if days > MAX_AUDIT_DAYS {
        bail!("OCR_AUDIT_RETENTION must be at most {MAX_AUDIT_DAYS}");
    }
    policies.audit_retention = (days > 0).then(|| Duration::from_secs(days * 24 * HOUR));
    policies.quotas = limits::quotas(sources)?;
    policies.budget = limits::budget(sources)?;
    policies.reuse_results = sources.parsed(declared::RECOGNITION_REUSE_RESULTS)?;
    policies.reuse_pages_for = hours(declared::RECOGNITION_REUSE_PAGES, 24)?;
    if policies.reuse_pages_for > Duration::from_hours(MAX_REUSE_DAYS * 24) {
        let variable = declared::RECOGNITION_REUSE_PAGES.variable;
        bail!("{variable} is a number of days, at most {MAX_REUSE_DAYS}");
    }
    policies.text_layer = sources.parsed(declared::RECOGNITION_TEXT_LAYER)?;
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
    use ocr_core::model::TextLayerMode;
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
    fn links_work_for_some_days_or_none_is_made() {
        let days = |value| policies(&[("OCR_SHARE_MAX_DAYS", value)]).map(|policies| policies.max_share_time);
        assert_eq!(days("7").unwrap(), Duration::from_hours(7 * 24));
        assert!(days("0").unwrap().is_zero());
        for refused in ["3651", "-1", "some"] {
            let error = days(refused).unwrap_err().to_string();
            assert!(error.contains("OCR_SHARE_MAX_DAYS"), "{error}");
        }
        let named = policies(&[("OCR__SERVER__SHARE_MAX_DAYS", "1")]).unwrap();
        assert_eq!(named.max_share_time, Duration::from_hours(24));
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
    fn pages_give_their_text_for_some_days() {
        let days = |value| policies(&[("OCR_REUSE_PAGES", value)]);
        assert_eq!(days("1").unwrap().reuse_pages_for, Duration::from_hours(24));
        assert!(days("0").unwrap().reuse_pages_for.is_zero());
        let named = policies(&[("OCR__RECOGNITION__REUSE_PAGES", "3650")]).unwrap();
        assert_eq!(named.reuse_pages_for, Duration::from_hours(3650 * 24));
        for refused in ["3651", "-1", "true"] {
            let error = days(refused).unwrap_err().to_string();
            assert!(error.contains("OCR_REUSE_PAGES"), "{error}");
        }
    }

    #[test]
    fn text_layers_are_used_in_one_of_four_ways() {
        let mode = |variable, value| policies(&[(variable, value)]).map(|policies| policies.text_layer);
        assert_eq!(mode("OCR_TEXT_LAYER", "").unwrap(), TextLayerMode::Auto);
        for known in TextLayerMode::ALL {
            assert_eq!(mode("OCR_TEXT_LAYER", known.as_str()).unwrap(), known);
        }
        assert_eq!(
            mode("OCR__RECOGNITION__TEXT_LAYER", "redo").unwrap(),
            TextLayerMode::Redo
        );
        let error = mode("OCR_TEXT_LAYER", "always").unwrap_err().to_string();
        assert!(
            error.contains("OCR_TEXT_LAYER") && error.contains("skip"),
            "{error}"
        );
    }

    #[test]
    fn what_people_do_is_recorded_where_they_sign_in() {
        let level = |variables: &[(&str, &str)]| policies(variables).map(|policies| policies.audit);
        assert_eq!(level(&[]).unwrap(), AuditLevel::Off);
        assert_eq!(level(&[("OCR_AUTH", "local")]).unwrap(), AuditLevel::All);
        assert_eq!(
            level(&[("OCR_AUTH", "local"), ("OCR_AUDIT", "off")]).unwrap(),
            AuditLevel::Off
        );
        assert_eq!(
            level(&[("OCR__AUDIT__LEVEL", "changes")]).unwrap(),
            AuditLevel::Changes
        );
        assert!(level(&[("OCR_AUDIT", "some")]).is_err());
    }

    #[test]
    fn entries_are_kept_for_days_or_for_ever() {
        let kept = |days| policies(&[("OCR_AUDIT_RETENTION", days)]).map(|policies| policies.audit_retention);
        assert_eq!(kept("0").unwrap(), None);
        assert_eq!(kept("2").unwrap(), Some(Duration::from_hours(48)));
        assert!(kept("36526").is_err());
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
