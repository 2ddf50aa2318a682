//! Multipart bodies written by hand (RFC 7578), so that every byte of a name is ours to choose.

const BOUNDARY: &str = "----a-boundary-no-test-document-contains";

/// A form in the order its parts are added.
#[derive(Default)]
pub(crate) struct Form(Vec<u8>);

impl Form {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn field(self, name: &str, value: &str) -> Self {
        self.part(&format!("form-data; name=\"{name}\""), "", value.as_bytes())
    }

    /// A part called `file`. Quotes and line breaks of its name are percent-encoded, as browsers do.
    pub(crate) fn file(self, name: &str, bytes: &[u8]) -> Self {
        let name = name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A");
        let disposition = format!("form-data; name=\"file\"; filename=\"{name}\"");
        self.part(&disposition, "Content-Type: application/octet-stream\r\n", bytes)
    }

    fn part(mut self, disposition: &str, headers: &str, body: &[u8]) -> Self {
        let head = format!("--{BOUNDARY}\r\nContent-Disposition: {disposition}\r\n{headers}\r\n");
        self.0.extend_from_slice(head.as_bytes());
        self.0.extend_from_slice(body);
        self.0.extend_from_slice(b"\r\n");
        self
    }

    /// Content type and body.
    pub(crate) fn finish(mut self) -> (String, Vec<u8>) {
        self.0.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
        (Self::content_type(), self.0)
    }

    /// The body without its end, as when a client gives up.
    pub(crate) fn cut_off(self) -> Vec<u8> {
        self.0
    }

    pub(crate) fn content_type() -> String {
        format!("multipart/form-data; boundary={BOUNDARY}")
    }
}
