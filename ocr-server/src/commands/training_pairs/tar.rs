//! A tape archive (POSIX ustar) that is written as its files come.

use std::io::{self, Read, Write};

/// Bytes of a block: headers and contents begin at multiples of it.
const BLOCK: u64 = 512;
/// Maximum length of a name in bytes.
const MAX_NAME: usize = 100;
/// Maximum size of a file in bytes: eleven octal digits.
const MAX_SIZE: u64 = 0o777_7777_7777;

/// An archive on its way to `output`. Nothing of it is kept.
#[derive(Debug)]
pub(super) struct Tar<W> {
    output: W,
    modified: u64,
}

impl<W: Write> Tar<W> {
    /// An archive whose files were changed last at `modified`, in seconds since 1970.
    pub(super) fn new(output: W, modified: u64) -> Self {
        Self { output, modified }
    }

    /// Adds the file `name`, the first `size` bytes of `content`.
    ///
    /// # Errors
    /// `InvalidInput` for a name of more than 100 bytes or a file of 8 GiB and more; `UnexpectedEof` for a shorter
    /// `content`; what the output says.
    pub(super) fn add(&mut self, name: &str, size: u64, content: impl Read) -> io::Result<()> {
        self.output.write_all(&header(name, size, self.modified)?)?;
        if io::copy(&mut content.take(size), &mut self.output)? < size {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let rest = size.next_multiple_of(BLOCK) - size;
        io::copy(&mut io::repeat(0).take(rest), &mut self.output).map(drop)
    }

    /// Ends the archive.
    pub(super) fn finish(mut self) -> io::Result<W> {
        io::copy(&mut io::repeat(0).take(2 * BLOCK), &mut self.output)?;
        self.output.flush()?;
        Ok(self.output)
    }
}

fn header(name: &str, size: u64, modified: u64) -> io::Result<Vec<u8>> {
    if name.len() > MAX_NAME || size > MAX_SIZE {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "the archive cannot hold this file",
        ));
    }
    let modified = modified.min(MAX_SIZE);
    let mut header = Vec::with_capacity(512);
    let mut field = |text: &str, width: usize| {
        header.extend_from_slice(text.as_bytes());
        header.extend(std::iter::repeat_n(0, width - text.len()));
    };
    field(name, MAX_NAME);
    field("0000644", 8);
    field("0000000", 8);
    field("0000000", 8);
    field(&format!("{size:011o}"), 12);
    field(&format!("{modified:011o}"), 12);
    // The checksum is taken over the header with blanks in its place.
    field("        ", 8);
    field("0", 1);
    field("", 100);
    field("ustar", 6);
    field("00", 2);
    field("", 247);
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    let sum = format!("{sum:06o}\0 ");
    header.splice(148..156, sum.bytes());
    Ok(header)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_archive_has_headers_and_contents_in_blocks() {
        let mut tar = Tar::new(Vec::<u8>::new(), 1_000);
        tar.add("a.txt", 5, &b"hello"[..]).unwrap();
        tar.add("b.txt", 512, &[b'b'; 600][..]).unwrap();
        let bytes = tar.finish().unwrap();
        assert_eq!(bytes.len(), 512 * (1 + 1 + 1 + 1 + 2));
        assert_eq!(&bytes[..6], b"a.txt\0");
        assert_eq!(&bytes[124..136], b"00000000005\0");
        assert_eq!(&bytes[136..148], b"00000001750\0");
        assert_eq!(&bytes[257..265], b"ustar\x0000");
        assert_eq!(&bytes[512..518], b"hello\0");
        assert_eq!(&bytes[1024..1029], b"b.txt");
        assert!(bytes[1536..2048].iter().all(|byte| *byte == b'b'));
        assert!(bytes[2048..].iter().all(|byte| *byte == 0));
        let told = std::str::from_utf8(&bytes[148..154]).unwrap();
        let blanked = bytes[..512].iter().enumerate();
        let sum: u32 = blanked
            .map(|(at, byte)| {
                if (148..156).contains(&at) {
                    32
                } else {
                    u32::from(*byte)
                }
            })
            .sum();
        assert_eq!(u32::from_str_radix(told, 8).unwrap(), sum);
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let mut tar = Tar::new(Vec::<u8>::new(), 0);
        let long = "n".repeat(101);
        let refused = tar.add(&long, 0, io::empty()).unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::InvalidInput);
        let short = tar.add("short", 3, &b"ab"[..]).unwrap_err();
        assert_eq!(short.kind(), io::ErrorKind::UnexpectedEof);
    }
}
