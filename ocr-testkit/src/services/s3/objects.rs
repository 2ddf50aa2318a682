//! The flat names of S3 over the directory of `s3s-fs`.
//!
//! Keys of S3 are longer than file names may be, and `a` and `a/b` are two objects there. So each
//! object is a file with a number, and an index in memory says which key has which; it also holds the
//! tags. A file is never written twice: readers go on with the object they began.

use std::{
    collections::{BTreeMap, HashMap},
    io,
    ops::Bound,
    path::Path,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use s3s::{
    S3, S3Request, S3Response, S3Result,
    dto::{
        AbortMultipartUploadInput, AbortMultipartUploadOutput, CompleteMultipartUploadInput,
        CompleteMultipartUploadOutput, CopyObjectInput, CopyObjectOutput, CopySource, CreateBucketInput,
        CreateBucketOutput, CreateMultipartUploadInput, CreateMultipartUploadOutput, DeleteObjectInput,
        DeleteObjectOutput, DeleteObjectTaggingInput, DeleteObjectTaggingOutput, DeleteObjectsInput,
        DeleteObjectsOutput, GetObjectInput, GetObjectOutput, GetObjectTaggingInput, GetObjectTaggingOutput,
        HeadBucketInput, HeadBucketOutput, HeadObjectInput, HeadObjectOutput, ListObjectsV2Input,
        ListObjectsV2Output, Object, PutObjectInput, PutObjectOutput, PutObjectTaggingInput,
        PutObjectTaggingOutput, Tag, Timestamp, UploadPartInput, UploadPartOutput,
    },
    s3_error,
};
use s3s_fs::FileSystem;

/// Objects a list holds at most.
const LIST_LIMIT: i32 = 1000;

/// Buckets and their objects. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Objects {
    files: Arc<FileSystem>,
    index: Arc<Mutex<Index>>,
    last_file: Arc<AtomicU64>,
}

#[derive(Debug, Default)]
struct Index {
    objects: BTreeMap<Name, Entry>,
    /// Files of multipart uploads by their id.
    uploads: HashMap<String, String>,
}

/// Bucket and key.
type Name = (String, String);

#[derive(Debug, Clone)]
struct Entry {
    file: String,
    size: Option<i64>,
    modified: Option<Timestamp>,
    tags: Vec<Tag>,
}

impl Objects {
    pub(super) fn new(folder: &Path) -> io::Result<Self> {
        let files = FileSystem::new(folder).map_err(|error| io::Error::other(format!("{error:?}")))?;
        Ok(Self {
            files: Arc::new(files),
            index: Arc::default(),
            last_file: Arc::default(),
        })
    }

    pub(super) fn open_uploads(&self) -> usize {
        self.index().uploads.len()
    }

    fn index(&self) -> MutexGuard<'_, Index> {
        self.index.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The name of a file that does not exist yet.
    fn new_file(&self) -> String {
        format!("object-{}", self.last_file.fetch_add(1, Ordering::Relaxed))
    }

    /// The file of an object, or a name without a file, at which the directory says what is missing.
    fn file(&self, bucket: &str, key: &str) -> String {
        let name = (bucket.to_owned(), key.to_owned());
        let file = self.index().objects.get(&name).map(|entry| entry.file.clone());
        file.unwrap_or_else(|| "no-object".into())
    }

    fn upload_file(&self, upload_id: &str) -> S3Result<String> {
        let file = self.index().uploads.get(upload_id).cloned();
        file.ok_or_else(|| s3_error!(NoSuchUpload))
    }

    fn set_tags(&self, name: &Name, tags: Vec<Tag>) -> S3Result<()> {
        let mut index = self.index();
        let entry = index.objects.get_mut(name).ok_or_else(|| s3_error!(NoSuchKey))?;
        entry.tags = tags;
        Ok(())
    }

    /// Makes `file` the object of this name.
    async fn publish<T>(
        &self,
        request: &S3Request<T>,
        name: Name,
        file: String,
        tags: Vec<Tag>,
        if_absent: bool,
    ) -> S3Result<()> {
        let head = HeadObjectInput {
            bucket: name.0.clone(),
            key: file.clone(),
            ..HeadObjectInput::default()
        };
        let head = self.files.head_object(like(request, head)).await?.output;
        let entry = Entry {
            file,
            size: head.content_length,
            modified: head.last_modified,
            tags,
        };
        // In one step with the look: of several writers at once, one succeeds.
        let mut index = self.index();
        if if_absent && index.objects.contains_key(&name) {
            return Err(s3_error!(PreconditionFailed));
        }
        index.objects.insert(name, entry);
        Ok(())
    }
}

/// Another request of the same sender.
fn like<T, U>(request: &S3Request<T>, input: U) -> S3Request<U> {
    S3Request {
        input,
        method: request.method.clone(),
        uri: request.uri.clone(),
        headers: request.headers.clone(),
        extensions: request.extensions.clone(),
        credentials: request.credentials.clone(),
        region: request.region.clone(),
        service: request.service.clone(),
        trailing_headers: None,
    }
}

/// The tags in a header: `name=value&name=value`.
fn tags_of(header: &str) -> Vec<Tag> {
    let decoded = |text: &str| {
        let mut bytes = Vec::new();
        let mut rest = text.bytes();
        while let Some(byte) = rest.next() {
            let code: String = match byte {
                b'%' => rest.by_ref().take(2).map(char::from).collect(),
                _ => String::new(),
            };
            bytes.push(u8::from_str_radix(&code, 16).unwrap_or(if byte == b'+' { b' ' } else { byte }));
        }
        Some(String::from_utf8_lossy(&bytes).into_owned())
    };
    let pairs = header.split('&').filter_map(|pair| pair.split_once('='));
    pairs
        .map(|(key, value)| Tag {
            key: decoded(key),
            value: decoded(value),
        })
        .collect()
}

#[async_trait::async_trait]
impl S3 for Objects {
    async fn create_bucket(
        &self,
        req: S3Request<CreateBucketInput>,
    ) -> S3Result<S3Response<CreateBucketOutput>> {
        self.files.create_bucket(req).await
    }

    async fn head_bucket(&self, req: S3Request<HeadBucketInput>) -> S3Result<S3Response<HeadBucketOutput>> {
        self.files.head_bucket(req).await
    }

    async fn put_object(&self, mut req: S3Request<PutObjectInput>) -> S3Result<S3Response<PutObjectOutput>> {
        let file = self.new_file();
        let name = (
            req.input.bucket.clone(),
            std::mem::replace(&mut req.input.key, file.clone()),
        );
        let if_absent = req.input.if_none_match.take().is_some();
        let tags = req.input.tagging.as_deref().map(tags_of).unwrap_or_default();
        let sender = like(&req, ());
        let written = self.files.put_object(req).await?;
        self.publish(&sender, name, file, tags, if_absent).await?;
        Ok(written)
    }

    async fn get_object(&self, mut req: S3Request<GetObjectInput>) -> S3Result<S3Response<GetObjectOutput>> {
        req.input.key = self.file(&req.input.bucket, &req.input.key);
        let disposition = req.input.response_content_disposition.clone();
        let content_type = req.input.response_content_type.clone();
        let mut got = self.files.get_object(req).await?;
        got.output.content_disposition = disposition.or(got.output.content_disposition);
        got.output.content_type = content_type.or(got.output.content_type);
        Ok(got)
    }

    async fn head_object(
        &self,
        mut req: S3Request<HeadObjectInput>,
    ) -> S3Result<S3Response<HeadObjectOutput>> {
        req.input.key = self.file(&req.input.bucket, &req.input.key);
        self.files.head_object(req).await
    }

    async fn delete_object(
        &self,
        mut req: S3Request<DeleteObjectInput>,
    ) -> S3Result<S3Response<DeleteObjectOutput>> {
        let name = (req.input.bucket.clone(), req.input.key.clone());
        req.input.key = self.file(&name.0, &name.1);
        self.index().objects.remove(&name);
        self.files.delete_object(req).await
    }

    async fn delete_objects(
        &self,
        req: S3Request<DeleteObjectsInput>,
    ) -> S3Result<S3Response<DeleteObjectsOutput>> {
        for object in &req.input.delete.objects {
            let one = DeleteObjectInput {
                bucket: req.input.bucket.clone(),
                key: object.key.clone(),
                ..DeleteObjectInput::default()
            };
            self.delete_object(like(&req, one)).await?;
        }
        Ok(S3Response::new(DeleteObjectsOutput::default()))
    }

    async fn copy_object(
        &self,
        mut req: S3Request<CopyObjectInput>,
    ) -> S3Result<S3Response<CopyObjectOutput>> {
        let CopySource::Bucket { bucket, key, .. } = &req.input.copy_source else {
            return Err(s3_error!(NotImplemented));
        };
        req.input.copy_source = CopySource::Bucket {
            bucket: bucket.clone(),
            key: self.file(bucket, key).into(),
            version_id: None,
        };
        let file = self.new_file();
        let name = (
            req.input.bucket.clone(),
            std::mem::replace(&mut req.input.key, file.clone()),
        );
        let tags = req.input.tagging.as_deref().map(tags_of).unwrap_or_default();
        let sender = like(&req, ());
        let copied = self.files.copy_object(req).await?;
        self.publish(&sender, name, file, tags, false).await?;
        Ok(copied)
    }

    async fn list_objects_v2(
        &self,
        req: S3Request<ListObjectsV2Input>,
    ) -> S3Result<S3Response<ListObjectsV2Output>> {
        let input = req.input;
        let prefix = input.prefix.clone().unwrap_or_default();
        let limit = input.max_keys.unwrap_or(LIST_LIMIT).clamp(0, LIST_LIMIT);
        let from = match &input.continuation_token {
            Some(last) => Bound::Excluded((input.bucket.clone(), last.clone())),
            None => Bound::Included((input.bucket.clone(), prefix.clone())),
        };
        let index = self.index();
        let mut found = index
            .objects
            .range((from, Bound::Unbounded))
            .take_while(|((bucket, key), _)| *bucket == input.bucket && key.starts_with(&prefix));
        let contents: Vec<Object> = found
            .by_ref()
            .take(usize::try_from(limit).unwrap_or_default())
            .map(|((_, key), entry)| Object {
                key: Some(key.clone()),
                size: entry.size,
                last_modified: entry.modified.clone(),
                ..Object::default()
            })
            .collect();
        let more = found.next().is_some();
        Ok(S3Response::new(ListObjectsV2Output {
            key_count: i32::try_from(contents.len()).ok(),
            is_truncated: Some(more),
            next_continuation_token: contents.last().filter(|_| more).and_then(|last| last.key.clone()),
            name: Some(input.bucket),
            prefix: input.prefix,
            max_keys: Some(limit),
            contents: Some(contents),
            ..ListObjectsV2Output::default()
        }))
    }

    async fn create_multipart_upload(
        &self,
        mut req: S3Request<CreateMultipartUploadInput>,
    ) -> S3Result<S3Response<CreateMultipartUploadOutput>> {
        let file = self.new_file();
        let key = std::mem::replace(&mut req.input.key, file.clone());
        let mut begun = self.files.create_multipart_upload(req).await?;
        begun.output.key = Some(key);
        if let Some(id) = &begun.output.upload_id {
            self.index().uploads.insert(id.clone(), file);
        }
        Ok(begun)
    }

    async fn upload_part(
        &self,
        mut req: S3Request<UploadPartInput>,
    ) -> S3Result<S3Response<UploadPartOutput>> {
        req.input.key = self.upload_file(&req.input.upload_id)?;
        self.files.upload_part(req).await
    }

    async fn complete_multipart_upload(
        &self,
        mut req: S3Request<CompleteMultipartUploadInput>,
    ) -> S3Result<S3Response<CompleteMultipartUploadOutput>> {
        let upload = req.input.upload_id.clone();
        let file = self.upload_file(&upload)?;
        let key = std::mem::replace(&mut req.input.key, file.clone());
        let name = (req.input.bucket.clone(), key.clone());
        let sender = like(&req, ());
        let if_absent = req.input.if_none_match.take().is_some();
        let mut completed = self.files.complete_multipart_upload(req).await?;
        if let Some(end) = completed.output.future.take() {
            completed.output = end.await?;
        }
        completed.output.key = Some(key);
        self.publish(&sender, name, file, Vec::new(), if_absent).await?;
        self.index().uploads.remove(&upload);
        Ok(completed)
    }

    async fn abort_multipart_upload(
        &self,
        mut req: S3Request<AbortMultipartUploadInput>,
    ) -> S3Result<S3Response<AbortMultipartUploadOutput>> {
        let upload = req.input.upload_id.clone();
        req.input.key = self.upload_file(&upload)?;
        let aborted = self.files.abort_multipart_upload(req).await?;
        self.index().uploads.remove(&upload);
        Ok(aborted)
    }

    async fn get_object_tagging(
        &self,
        req: S3Request<GetObjectTaggingInput>,
    ) -> S3Result<S3Response<GetObjectTaggingOutput>> {
        let name = (req.input.bucket, req.input.key);
        let tags = self.index().objects.get(&name).map(|entry| entry.tags.clone());
        Ok(S3Response::new(GetObjectTaggingOutput {
            tag_set: tags.ok_or_else(|| s3_error!(NoSuchKey))?,
            ..GetObjectTaggingOutput::default()
        }))
    }

    async fn put_object_tagging(
        &self,
        req: S3Request<PutObjectTaggingInput>,
    ) -> S3Result<S3Response<PutObjectTaggingOutput>> {
        let name = (req.input.bucket, req.input.key);
        self.set_tags(&name, req.input.tagging.tag_set)?;
        Ok(S3Response::new(PutObjectTaggingOutput::default()))
    }

    async fn delete_object_tagging(
        &self,
        req: S3Request<DeleteObjectTaggingInput>,
    ) -> S3Result<S3Response<DeleteObjectTaggingOutput>> {
        let name = (req.input.bucket, req.input.key);
        self.set_tags(&name, Vec::new())?;
        Ok(S3Response::new(DeleteObjectTaggingOutput::default()))
    }
}
