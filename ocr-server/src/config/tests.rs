//! Settings as a whole: what they are when nothing is set, and what is refused.

use std::{collections::BTreeMap, path::Path};

use super::*;

fn settings(variables: &[(&str, &str)]) -> Result<Settings> {
    let environment = variables
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    Settings::new(&Sources::read(&environment, None)?)
}

#[test]
fn nothing_needs_to_be_set() {
    let settings = settings(&[]).unwrap();
    assert_eq!(settings.api_address().to_string(), "127.0.0.1:8080");
    assert_eq!(settings.health_address().to_string(), "127.0.0.1:5000");
    assert_eq!(settings.web_address().to_string(), "127.0.0.1:3000");
    assert_eq!(settings.policies.max_upload_bytes, 52_428_800);
    assert_eq!(settings.min_free_disk, 256 * 1024 * 1024);
    assert_eq!(settings.connections_per_address, 1000);
    assert_eq!(settings.trusted_proxies, TrustedProxies::default());
    assert_eq!(
        (settings.store, settings.blobs),
        (StoreChoice::Sqlite, BlobChoice::Fs)
    );
}

#[test]
fn certificate_and_key_go_together() {
    let (cert, key) = (("OCR_TLS_CERT", "/tls/cert.pem"), ("OCR_TLS_KEY", "/tls/key.pem"));
    assert_eq!(settings(&[]).unwrap().scheme(), "http");
    let secure = settings(&[cert, key, ("OCR_HTTP_REDIRECT_PORT", "8000")]).unwrap();
    assert_eq!((secure.scheme(), secure.redirect_port), ("https", Some(8000)));
    assert_eq!(secure.tls.unwrap().key, Path::new("/tls/key.pem"));
    for half in [&[cert][..], &[key], &[("OCR_HTTP_REDIRECT_PORT", "8000")]] {
        assert!(settings(half).is_err(), "{half:?}");
    }
}

#[test]
fn a_public_address_without_sign_in_must_be_forced() {
    assert!(settings(&[("OCR_BIND", "0.0.0.0")]).is_err());
    assert!(settings(&[("OCR_BIND", "0.0.0.0"), ("OCR_ALLOW_PUBLIC_NO_AUTH", "true")]).is_ok());
    let signed = settings(&[("OCR_BIND", "0.0.0.0"), ("OCR_AUTH", "local")]).unwrap();
    assert!(signed.is_public() && signed.auth == AuthMode::Local);
    assert!(!settings(&[("OCR_AUTH", "local")]).unwrap().is_public());
    assert!(settings(&[("OCR_AUTH", "maybe")]).is_err());
}

#[test]
fn a_provider_is_described_completely_and_protected() {
    let (auth, client) = (("OCR_AUTH", "oidc"), ("OCR_OIDC_CLIENT_ID", "ocr"));
    let issuer = |url| ("OCR_OIDC_ISSUER", url);
    let secure = issuer("https://id.example/realms/work");
    let told = settings(&[auth, client, secure]).unwrap();
    let oidc = told.oidc.unwrap();
    assert_eq!(oidc.issuer, "https://id.example/realms/work");
    assert_eq!(
        (oidc.scopes, oidc.groups_claim.as_str()),
        (vec!["profile".into(), "email".into()], "groups")
    );
    assert!(!oidc.create_users && oidc.admin_group.is_none() && oidc.client_secret.is_none());
    assert!(settings(&[auth, client, issuer("http://127.0.0.1:9000")]).is_ok());
    for wrong in [
        &[auth, client][..],
        &[auth, secure],
        &[auth, client, issuer("http://id.example")],
        &[auth, client, issuer("https://id.example/?tenant=1")],
        &[auth, client, issuer("id.example")],
        &[auth, client, secure, ("OCR_BIND", "0.0.0.0")],
    ] {
        assert!(settings(wrong).is_err(), "{wrong:?}");
    }
    let public = ("OCR_PUBLIC_URL", "https://ocr.example");
    let public = settings(&[auth, client, secure, public, ("OCR_BIND", "0.0.0.0")]).unwrap();
    assert!(public.is_public() && public.base_url() == "https://ocr.example");
    let unused = settings(&[client, secure]).unwrap();
    assert!(unused.oidc.is_none());
    assert_eq!(unused.ignored, ["OCR_OIDC_ISSUER", "OCR_OIDC_CLIENT_ID"]);
}

#[test]
fn page_processes_are_confined_unless_somebody_says_otherwise() {
    let mode = |variables: &[(&str, &str)]| settings(variables).map(|settings| settings.sandbox);
    assert_eq!(mode(&[]).unwrap(), SandboxMode::Auto);
    assert_eq!(mode(&[("OCR_SANDBOX", "require")]).unwrap(), SandboxMode::Require);
    assert_eq!(
        mode(&[("OCR__RECOGNITION__SANDBOX", "off")]).unwrap(),
        SandboxMode::Off
    );
    let error = mode(&[("OCR_SANDBOX", "yes")]).unwrap_err().to_string();
    assert!(error.contains("auto, require, off"), "{error}");
}

#[test]
fn a_public_url_is_the_address_of_a_site() {
    assert!(settings(&[("OCR_PUBLIC_URL", "https://ocr.example/app/")]).is_ok());
    let error = settings(&[("OCR_PUBLIC_URL", "ocr.example")]).unwrap_err();
    assert!(
        error.to_string().contains("OCR_PUBLIC_URL=ocr.example"),
        "{error}"
    );
}

#[test]
fn proxies_are_named_one_by_one() {
    let proxies = |text| settings(&[("OCR_TRUSTED_PROXIES", text)]);
    let named = proxies("10.0.0.1, 2001:db8::1").unwrap().trusted_proxies;
    let wanted: TrustedProxies = "10.0.0.1,2001:db8::1".parse().unwrap();
    assert_eq!(named, wanted);
    let error = proxies("10.0.0.0/8").unwrap_err().to_string();
    assert!(
        error.contains("OCR_TRUSTED_PROXIES") && error.contains("10.0.0.0/8"),
        "{error}"
    );
    let file = "[server]\ntrusted_proxies = [\"10.0.0.1\", \"2001:db8::1\"]";
    let sources = Sources::read(&BTreeMap::new(), Some((Path::new("ocr.toml"), file))).unwrap();
    assert_eq!(Settings::new(&sources).unwrap().trusted_proxies, named);
}

#[test]
fn a_profile_is_a_set_of_defaults() {
    let standard = settings(&[("OCR_PROFILE", "standard"), ("OCR_BLOBS", "fs")]).unwrap();
    assert_eq!(
        (standard.store, standard.queue),
        (StoreChoice::Postgres, QueueChoice::Redis)
    );
    assert_eq!(
        (standard.notifier, standard.blobs),
        (NotifierChoice::Redis, BlobChoice::Fs)
    );
    assert!(
        settings(&[("OCR_STORE", "oracle")])
            .unwrap_err()
            .to_string()
            .contains("sqlite, postgres")
    );
}

#[test]
fn what_has_no_effect_is_reported() {
    let embedded = settings(&[("REDIS_HOST", "localhost"), ("DB_HOST", "localhost")]).unwrap();
    assert_eq!(embedded.ignored, ["DB_HOST", "REDIS_HOST"]);
    let mixed = settings(&[("OCR_QUEUE", "redis"), ("REDIS_HOST", "h"), ("DB_HOST", "h")]).unwrap();
    assert_eq!(mixed.ignored, ["DB_HOST"]);
    let file = ("OCR_TEXTRACT_PRICES_FILE", "prices.toml");
    let without = settings(&[("OCR_TEXTRACT", "false"), file]).unwrap();
    assert_eq!(without.ignored, ["OCR_TEXTRACT_PRICES_FILE"]);
    assert!(
        settings(&[("OCR_TEXTRACT", "true"), file])
            .unwrap()
            .ignored
            .is_empty()
    );
}

#[test]
fn textract_is_sent_to_buckets_it_knows_only() {
    let bucket = |more: &[(&str, &str)]| {
        let s3 = [("OCR_BLOBS", "s3"), ("S3_BUCKET_NAME", "b")];
        settings(&[&s3, more].concat()).unwrap().textract_bucket()
    };
    let elsewhere = ("AWS_ENDPOINT_URL_S3", "http://minio:9000");
    assert_eq!(bucket(&[]).as_deref(), Some("b"));
    assert_eq!(bucket(&[elsewhere]), None);
    assert!(bucket(&[elsewhere, ("AWS_ENDPOINT_URL_TEXTRACT", "http://moto:5000")]).is_some());
    let private = "https://vpce-2.textract.eu-west-1.vpce.amazonaws.com";
    assert_eq!(bucket(&[elsewhere, ("AWS_ENDPOINT_URL_TEXTRACT", private)]), None);
    assert!(
        bucket(&[(
            "AWS_ENDPOINT_URL_S3",
            "https://vpce-1.s3.eu-west-1.vpce.amazonaws.com"
        )])
        .is_some()
    );
    assert_eq!(settings(&[]).unwrap().textract_bucket(), None);
}

#[test]
#[cfg(any(feature = "s3", feature = "textract"))]
fn a_key_of_aws_comes_with_its_secret_and_token() {
    let key = [
        ("AWS_ACCESS_KEY_ID", "id"),
        ("AWS_SECRET_ACCESS_KEY", "canary"),
        ("AWS_SESSION_TOKEN", "t"),
    ];
    let credentials = settings(&key).unwrap().aws.credentials().unwrap();
    assert!(credentials.session_token.is_some());
    assert!(settings(&key[..1]).unwrap().aws.credentials().is_none());
}

#[test]
fn quotas_are_more_than_nothing() {
    let set = settings(&[
        ("OCR_TEXTRACT_QUOTA_ANALYZE", "2.5"),
        ("OCR_TEXTRACT_QUOTA_JOBS", "7"),
    ])
    .unwrap();
    let quota = set.textract.quota;
    assert_eq!(
        (quota.analyze, quota.jobs, quota.get_text),
        (Some(2.5), Some(7), None)
    );
    for bad in ["0", "-1", "inf", "many"] {
        assert!(settings(&[("OCR_TEXTRACT_QUOTA_ANALYZE", bad)]).is_err(), "{bad}");
    }
    assert!(settings(&[("OCR_TEXTRACT_QUOTA_JOBS", "0")]).is_err());
}

#[test]
fn pages_are_asked_for_again_a_few_times_at_most() {
    let repeats = |value: &str| {
        let set = settings(&[("OCR_TEXTRACT", "true"), ("OCR_TEXTRACT_PAGE_REPEATS", value)]);
        set.map(|set| set.textract.page_repeats)
    };
    assert_eq!(settings(&[]).unwrap().textract.page_repeats, 2);
    assert_eq!((repeats("0").unwrap(), repeats("10").unwrap()), (0, 10));
    for bad in ["11", "-1", "often"] {
        assert!(repeats(bad).is_err(), "{bad}");
    }
}

#[test]
fn what_cannot_work_is_refused_at_once() {
    for wrong in [
        [("OCR_ENGINE", "foo"), ("OCR_LOG", "info")],
        [("OCR_FALLBACK_ENGINE", "foo"), ("OCR_LOG", "info")],
        [("PORT", "7000"), ("HEALTH_PORT", "7000")],
        [("OCR_CONNECTIONS_PER_ADDRESS", "0"), ("OCR_LOG", "info")],
        [("OCR_MIN_FREE_DISK_BYTES", "1 GB"), ("OCR_LOG", "info")],
    ] {
        assert!(settings(&wrong).is_err(), "{wrong:?}");
    }
    assert!(settings(&[("OCR_ENGINE", "tesseract")]).is_ok());
}

#[test]
fn secrets_are_not_shown() {
    let settings = settings(&[("DB_PASSWORD", "canary-7"), ("REDIS_URL", "redis://:canary-7@h")]).unwrap();
    assert!(!format!("{settings:?}").contains("canary"));
}

#[test]
fn a_default_that_the_default_engine_cannot_do_is_refused() {
    let textract = [("OCR_ENGINE", "textract"), ("OCR_TEXT_LAYER", "redo")];
    let error = settings(&textract).unwrap_err().to_string();
    assert!(error.contains("OCR_TEXT_LAYER=redo"), "{error}");
    settings(&[textract[0], ("OCR_TEXT_LAYER", "force")]).unwrap();
    settings(&[textract[1]]).unwrap();
}
