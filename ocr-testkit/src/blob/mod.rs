//! What every [`BlobStore`] must do, clause by clause.

mod bodies;
mod manage;
mod read;
mod write;

use std::sync::Arc;

use bytes::Bytes;
use futures::TryStreamExt;
use ocr_core::blob::{BlobKey, BlobMeta, BlobStore, ByteStream, GetOptions, PutOptions};

use crate::harness::{Guard, TestTime, no_guard, with_guard};

pub use manage::*;
pub use read::*;
pub use write::*;

/// An empty blob store of its own.
#[non_exhaustive]
pub struct BlobFixture {
    /// The store.
    pub blobs: Arc<dyn BlobStore>,
    /// How time passes for it.
    pub time: TestTime,
    /// Keeps what it needs alive.
    pub guard: Guard,
}

impl std::fmt::Debug for BlobFixture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BlobFixture")
            .field("blobs", &self.blobs)
            .field("time", &self.time)
            .finish_non_exhaustive()
    }
}

impl BlobFixture {
    /// An empty store of its own, and how time passes for it; nothing needs to be kept alive.
    pub fn new(blobs: Arc<dyn BlobStore>, time: TestTime) -> Self {
        Self {
            blobs,
            time,
            guard: no_guard(),
        }
    }

    with_guard!();

    async fn put(&self, name: &str, body: impl Into<ByteStream>) -> BlobMeta {
        self.blobs
            .put(key(name), body.into(), PutOptions::default())
            .await
            .unwrap()
    }

    async fn bytes(&self, name: &str) -> Bytes {
        let blob = self.blobs.get(key(name), GetOptions::default()).await.unwrap();
        blob.body.collect(u64::MAX).await.unwrap()
    }

    /// Asserts that nobody can find an object of this name.
    async fn is_absent(&self, name: &str) {
        assert_eq!(self.blobs.head(key(name)).await.unwrap(), None);
        let got = self.blobs.get(key(name), GetOptions::default()).await;
        crate::harness::refused(got, ocr_core::ErrorKind::NotFound);
        assert_eq!(self.keys(name).await, Vec::<String>::new());
    }

    /// Keys with `prefix`, sorted.
    async fn keys(&self, prefix: &str) -> Vec<String> {
        let listed = self.blobs.list(prefix.into()).await.unwrap();
        let metas: Vec<BlobMeta> = listed.try_collect().await.unwrap();
        let mut keys: Vec<String> = metas.iter().map(|meta| meta.key.to_string()).collect();
        keys.sort_unstable();
        keys
    }
}

fn key(name: &str) -> BlobKey {
    name.parse().expect("a well-formed key")
}

/// Expands to one test for each clause of the [`BlobStore`] contract.
///
/// Takes a path to an `async fn() -> BlobFixture` that makes an empty store of its own. Put it in a
/// module of its own for each adapter.
#[macro_export]
macro_rules! blob_conformance {
    ($fresh:expr) => {
        $crate::clauses! { $fresh, blob:
            an_object_is_read_as_it_was_written
            an_empty_object_is_an_object
            a_large_object_arrives_in_odd_pieces
            an_object_is_described
            a_later_object_replaces_an_earlier_one
            a_limit_is_kept
            an_object_at_its_limit_is_written
            a_wrong_checksum_is_refused
            a_right_checksum_is_accepted
            a_body_that_breaks_off_leaves_nothing
            an_error_of_the_body_is_passed_on
            a_failed_write_spares_what_was_there
            an_interrupted_write_leaves_nothing
            no_reader_sees_a_part
            of_many_writers_one_wins_whole
            long_keys_are_written
            an_object_that_exists_is_kept_where_asked
            of_many_writers_where_there_is_none_one_succeeds

            a_range_is_read
            a_range_beyond_the_end_is_cut
            a_range_behind_the_object_is_refused
            an_object_that_does_not_exist_is_not_found
            a_local_file_holds_the_object
            a_reader_sees_one_version

            a_deleted_object_is_gone
            many_objects_are_deleted
            objects_are_listed_by_prefix
            many_objects_are_listed
            tags_are_replaced
            tags_belong_to_an_object
            a_url_for_reading_is_given
            a_url_for_writing_is_given
            the_blob_store_says_what_it_is
        }
    };
}
