//! A file with a few of its bytes replaced, without copying it.

use std::io::{self, Read, Seek, SeekFrom};

/// Reads `bytes` as if each patch had been written over them.
#[derive(Debug)]
pub(super) struct Patched<'a> {
    bytes: &'a [u8],
    /// Offset and replacement.
    patches: Vec<(u64, Vec<u8>)>,
    position: u64,
}

impl<'a> Patched<'a> {
    pub(super) fn new(bytes: &'a [u8], patches: Vec<(u64, Vec<u8>)>) -> Self {
        Self {
            bytes,
            patches,
            position: 0,
        }
    }
}

impl Read for Patched<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let start = usize::try_from(self.position).unwrap_or(usize::MAX);
        let available = self.bytes.get(start..).unwrap_or_default();
        let length = available.len().min(buffer.len());
        buffer[..length].copy_from_slice(&available[..length]);
        for (offset, replacement) in &self.patches {
            for (at, &byte) in (*offset..).zip(replacement) {
                let index = at
                    .checked_sub(self.position)
                    .and_then(|index| usize::try_from(index).ok());
                if let Some(target) = index.and_then(|index| buffer[..length].get_mut(index)) {
                    *target = byte;
                }
            }
        }
        self.position += length as u64;
        Ok(length)
    }
}

impl Seek for Patched<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let target = match to {
            SeekFrom::Start(offset) => Some(offset),
            SeekFrom::Current(by) => self.position.checked_add_signed(by),
            SeekFrom::End(by) => (self.bytes.len() as u64).checked_add_signed(by),
        };
        self.position = target.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        Ok(self.position)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patches_show_through_every_read() {
        let mut patched = Patched::new(b"0123456789", vec![(2, b"ab".to_vec()), (9, b"zz".to_vec())]);
        let mut all = String::new();
        patched.read_to_string(&mut all).unwrap();
        assert_eq!(all, "01ab45678z");
        patched.seek(SeekFrom::Start(3)).unwrap();
        let mut one = [0; 1];
        patched.read_exact(&mut one).unwrap();
        assert_eq!(&one, b"b");
        assert!(patched.seek(SeekFrom::Current(-9)).is_err());
    }
}
