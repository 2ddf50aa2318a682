//! What AWS has beyond objects: settings of a bucket, KMS, versions.

use std::collections::BTreeMap;

use aws_sdk_s3::{
    Client,
    types::{
        BucketVersioningStatus, LifecycleRule, ServerSideEncryption, TransitionStorageClass,
        VersioningConfiguration,
    },
};
use ocr_adapters::s3::{BucketSettings, S3BlobStore, SetupOutcome};
use ocr_core::blob::{BlobStore, BlobStoreExt, PutOptions};
use ocr_testkit::{requirements::Requirement, services::moto::Moto};

use super::{PART, body, bytes, config, key, open, read};

const KMS_KEY: &str = "arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-3333-4444-555555555555";

/// A server, a store in its bucket, and a client of its own to look behind the store.
async fn moto(kms_key_id: Option<&str>) -> (Moto, S3BlobStore, Client) {
    let moto = Requirement::Moto.or_end(Moto::start().await);
    let config = config(moto.endpoint()).with_kms_key_id(kms_key_id.map(str::to_owned));
    let credentials = aws_sdk_s3::config::Credentials::new("key", "secret", None, None, "test");
    let client = Client::from_conf(
        aws_sdk_s3::Config::builder()
            .behavior_version_latest()
            .region(aws_sdk_s3::config::Region::new("eu-central-1"))
            .endpoint_url(moto.endpoint())
            .force_path_style(true)
            .credentials_provider(credentials)
            .build(),
    );
    let blobs = open(config).await;
    (moto, blobs, client)
}

fn settings() -> BucketSettings {
    BucketSettings::default().with_cors_origins(vec!["https://ocr.example.com".into()])
}

async fn outcomes(blobs: &S3BlobStore, settings: &BucketSettings) -> Vec<SetupOutcome> {
    let steps = blobs.setup(settings).await.unwrap();
    steps.iter().map(|step| step.outcome).collect()
}

async fn lifecycle(client: &Client) -> BTreeMap<String, LifecycleRule> {
    let got = client
        .get_bucket_lifecycle_configuration()
        .bucket("documents")
        .send();
    let rules = got.await.unwrap().rules.unwrap_or_default();
    rules
        .into_iter()
        .map(|rule| (rule.id.clone().unwrap_or_default(), rule))
        .collect()
}

#[tokio::test]
async fn a_bucket_is_set_up_once() {
    let (_moto, blobs, client) = moto(Some(KMS_KEY)).await;
    assert_eq!(outcomes(&blobs, &settings()).await, [SetupOutcome::Changed; 5]);
    assert_eq!(outcomes(&blobs, &settings()).await, [SetupOutcome::AlreadySo; 5]);

    let encryption = client
        .get_bucket_encryption()
        .bucket("documents")
        .send()
        .await
        .unwrap();
    let rules = encryption.server_side_encryption_configuration.unwrap().rules;
    let default = rules[0].apply_server_side_encryption_by_default.as_ref().unwrap();
    assert_eq!(default.sse_algorithm, ServerSideEncryption::AwsKms);
    assert_eq!(default.kms_master_key_id.as_deref(), Some(KMS_KEY));

    let block = client
        .get_public_access_block()
        .bucket("documents")
        .send()
        .await
        .unwrap();
    let block = block.public_access_block_configuration.unwrap();
    assert_eq!(
        (block.block_public_acls, block.restrict_public_buckets),
        (Some(true), Some(true))
    );

    let cors = client.get_bucket_cors().bucket("documents").send().await.unwrap();
    let rules = cors.cors_rules.unwrap();
    assert_eq!(rules[0].allowed_origins, ["https://ocr.example.com"]);
    assert!(rules[0].allowed_methods.contains(&"PUT".to_owned()));
}

#[tokio::test]
async fn the_lifecycle_is_the_one_promised() {
    let (_moto, blobs, client) = moto(None).await;
    blobs.setup(&settings()).await.unwrap();
    let rules = lifecycle(&client).await;
    let deleted = &rules["ocr-deleted-documents"];
    let tag = deleted.filter.as_ref().unwrap().tag.as_ref().unwrap();
    assert_eq!((tag.key.as_str(), tag.value.as_str()), ("deleted", "true"));
    let transitions = deleted.transitions.as_ref().unwrap();
    assert_eq!(transitions[0].days, Some(7));
    assert_eq!(
        transitions[0].storage_class,
        Some(TransitionStorageClass::GlacierIr)
    );
    assert_eq!(deleted.expiration.as_ref().unwrap().days, Some(30));
    let versions = rules["ocr-replaced-versions"]
        .noncurrent_version_expiration
        .as_ref();
    assert_eq!(versions.unwrap().noncurrent_days, Some(30));
    let uploads = rules["ocr-broken-uploads"]
        .abort_incomplete_multipart_upload
        .as_ref();
    assert_eq!(uploads.unwrap().days_after_initiation, Some(7));
}

#[tokio::test]
async fn a_changed_setting_is_the_only_one_changed() {
    let (_moto, blobs, client) = moto(None).await;
    blobs.setup(&settings()).await.unwrap();
    let longer = settings().with_expire_after_days(90);
    let mut expected = [SetupOutcome::AlreadySo; 5];
    expected[3] = SetupOutcome::Changed;
    assert_eq!(outcomes(&blobs, &longer).await, expected);
    let rules = lifecycle(&client).await;
    assert_eq!(rules.len(), 3);
    assert_eq!(
        rules["ocr-deleted-documents"].expiration.as_ref().unwrap().days,
        Some(90)
    );
}

#[tokio::test]
async fn rules_of_others_stay() {
    let (_moto, blobs, client) = moto(None).await;
    client
        .create_bucket()
        .bucket("documents")
        .create_bucket_configuration(
            aws_sdk_s3::types::CreateBucketConfiguration::builder()
                .location_constraint(aws_sdk_s3::types::BucketLocationConstraint::EuCentral1)
                .build(),
        )
        .send()
        .await
        .unwrap();
    let theirs = LifecycleRule::builder()
        .id("theirs")
        .status(aws_sdk_s3::types::ExpirationStatus::Enabled)
        .filter(
            aws_sdk_s3::types::LifecycleRuleFilter::builder()
                .prefix("logs/")
                .build(),
        )
        .expiration(aws_sdk_s3::types::LifecycleExpiration::builder().days(5).build())
        .build()
        .unwrap();
    let configuration = aws_sdk_s3::types::BucketLifecycleConfiguration::builder()
        .rules(theirs.clone())
        .build()
        .unwrap();
    client
        .put_bucket_lifecycle_configuration()
        .bucket("documents")
        .lifecycle_configuration(configuration)
        .send()
        .await
        .unwrap();
    let done = outcomes(&blobs, &settings()).await;
    assert_eq!(done[0], SetupOutcome::AlreadySo);
    assert_eq!(done[3], SetupOutcome::Changed);
    let rules = lifecycle(&client).await;
    assert_eq!(rules.len(), 4);
    assert_eq!(rules["theirs"], theirs);
}

#[tokio::test]
async fn objects_are_encrypted_with_the_key_of_the_configuration() {
    let (_moto, blobs, client) = moto(Some(KMS_KEY)).await;
    blobs.setup(&settings()).await.unwrap();
    for (name, len) in [("short", 10), ("long", PART + 1)] {
        let all = bytes(len);
        blobs
            .put(key(name), body(&all), PutOptions::default())
            .await
            .unwrap();
        let head = client
            .head_object()
            .bucket("documents")
            .key(name)
            .send()
            .await
            .unwrap();
        assert_eq!(
            head.server_side_encryption,
            Some(ServerSideEncryption::AwsKms),
            "{name}"
        );
        assert_eq!(head.ssekms_key_id.as_deref(), Some(KMS_KEY), "{name}");
        assert!(read(&blobs, name).await == all);
    }
}

#[tokio::test]
async fn a_deleted_object_begins_its_days_anew_and_is_otherwise_the_same() {
    let (_moto, blobs, client) = moto(None).await;
    blobs.setup(&settings()).await.unwrap();
    let all = bytes(1_000);
    let options = PutOptions::default().with_content_type("application/pdf");
    let put = blobs.put(key("a"), body(&all), options).await.unwrap();
    let versioning = VersioningConfiguration::builder()
        .status(BucketVersioningStatus::Enabled)
        .build();
    client
        .put_bucket_versioning()
        .bucket("documents")
        .versioning_configuration(versioning)
        .send()
        .await
        .unwrap();
    let tags = BTreeMap::from([
        ("deleted".to_owned(), "true".to_owned()),
        ("deleted_at".to_owned(), "2027-01-15T08:00:00Z".to_owned()),
    ]);
    blobs.tag(key("a"), tags.clone()).await.unwrap();
    assert_eq!(blobs.tags(key("a")).await.unwrap(), tags);
    let head = blobs.head(key("a")).await.unwrap().unwrap();
    assert_eq!((head.sha256, head.content_type), (put.sha256, put.content_type));
    assert!(head.version_id.is_some(), "it is a new object to the lifecycle");
    assert_eq!(read(&blobs, "a").await, all);

    blobs.tag(key("a"), BTreeMap::new()).await.unwrap();
    assert_eq!(blobs.tags(key("a")).await.unwrap(), BTreeMap::new());
    let restored = blobs.head(key("a")).await.unwrap().unwrap();
    assert_eq!(
        restored.version_id, head.version_id,
        "other tags change no object"
    );
}

#[tokio::test]
async fn versions_are_told_where_the_bucket_keeps_them() {
    let (_moto, blobs, client) = moto(None).await;
    blobs.setup(&settings()).await.unwrap();
    let unversioned = blobs
        .put(key("a"), body(&bytes(1)), PutOptions::default())
        .await
        .unwrap();
    assert_eq!(unversioned.version_id, None);
    assert_eq!(blobs.head(key("a")).await.unwrap().unwrap().version_id, None);
    let versioning = VersioningConfiguration::builder()
        .status(BucketVersioningStatus::Enabled)
        .build();
    client
        .put_bucket_versioning()
        .bucket("documents")
        .versioning_configuration(versioning)
        .send()
        .await
        .unwrap();
    let mut versions = Vec::new();
    for len in [2, PART + 1] {
        let put = blobs
            .put(key("a"), body(&bytes(len)), PutOptions::default())
            .await
            .unwrap();
        let head = blobs.head(key("a")).await.unwrap().unwrap();
        assert_eq!(put.version_id, head.version_id);
        versions.push(put.version_id.expect("a version"));
    }
    assert_ne!(versions[0], versions[1]);
    blobs.remove(key("a")).await.unwrap();
    blobs.remove(key("a")).await.unwrap();
    assert_eq!(blobs.head(key("a")).await.unwrap(), None);
    let old = client
        .get_object()
        .bucket("documents")
        .key("a")
        .version_id(&versions[0])
        .send();
    assert_eq!(
        old.await.unwrap().content_length,
        Some(2),
        "an old version is kept"
    );
}
