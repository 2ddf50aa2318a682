//! What comes to a page process: requests, and a document behind the one that opens it.

use std::{
    io::{self, BufRead, Read},
    sync::mpsc,
    thread,
};

use super::protocol::Request;

/// A request as it came.
#[derive(Debug)]
pub(super) struct Incoming {
    pub(super) request: Request,
    /// The document that an open announced; `None` when it has more bytes than are read.
    pub(super) document: Option<Vec<u8>>,
}

/// Requests of the standard input as they come; documents have at most `max_bytes`. At the end of the input the process
/// ends at once, even in the middle of an answer, and kills the processes it started.
pub(super) fn requests(max_bytes: u64) -> mpsc::Receiver<io::Result<Incoming>> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut input = io::stdin().lock();
        while let Some(incoming) = next(&mut input, max_bytes).transpose() {
            let broken = incoming.is_err();
            if sender.send(incoming).is_err() || broken {
                return;
            }
        }
        end();
    });
    receiver
}

/// The next request; `None` at the end of the input.
fn next(input: &mut impl BufRead, max_bytes: u64) -> io::Result<Option<Incoming>> {
    let mut line = String::new();
    if input.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let request: Request = serde_json::from_str(&line).map_err(io::Error::other)?;
    let document = match &request {
        // Nothing else can be understood from here on: the platform ends a process that refused a document.
        Request::Open { bytes } if *bytes > max_bytes => None,
        Request::Open { bytes } => Some(exactly(input, *bytes)?),
        _ => None,
    };
    Ok(Some(Incoming { request, document }))
}

/// The next `bytes` bytes.
fn exactly(input: &mut impl BufRead, bytes: u64) -> io::Result<Vec<u8>> {
    let mut document = Vec::new();
    let room = usize::try_from(bytes).map_err(io::Error::other)?;
    document.try_reserve_exact(room).map_err(io::Error::other)?;
    input.take(bytes).read_to_end(&mut document)?;
    if document.len() == room {
        Ok(document)
    } else {
        Err(io::ErrorKind::UnexpectedEof.into())
    }
}

/// Ends this process, and its group where it leads one.
fn end() -> ! {
    #[cfg(unix)]
    if rustix::process::getpgrp() == rustix::process::getpid() {
        let _ = rustix::process::kill_current_process_group(rustix::process::Signal::KILL);
    }
    std::process::exit(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_follows_the_request_that_opens_it() {
        let mut input: &[u8] = b"{\"ask\":\"open\",\"bytes\":4}\na\nb\n{\"ask\":\"facts\",\"number\":1}\n";
        let open = next(&mut input, 4).unwrap().unwrap();
        assert_eq!(open.document.as_deref(), Some(&b"a\nb\n"[..]));
        let facts = next(&mut input, 4).unwrap().unwrap();
        assert!(matches!(facts.request, Request::Facts { number: 1 }));
        assert!(next(&mut input, 4).unwrap().is_none());
    }

    #[test]
    fn a_document_that_is_too_large_is_not_read_and_one_that_breaks_off_is_none() {
        let mut input: &[u8] = b"{\"ask\":\"open\",\"bytes\":5}\nabcde";
        assert!(next(&mut input, 4).unwrap().unwrap().document.is_none());
        let mut input: &[u8] = b"{\"ask\":\"open\",\"bytes\":5}\nabc";
        assert!(next(&mut input, 5).is_err());
    }
}
