//! TIFF files written by hand, in either byte order and with offsets of either size.

/// Type of tags of small numbers.
pub(crate) const SHORT: u16 = 3;
/// Type of tags of larger numbers.
pub(crate) const LONG: u16 = 4;

/// One image of a file: its tags, and its strips or tiles.
#[derive(Debug, Clone, Default)]
pub(crate) struct Frame {
    /// Tag, type and values.
    pub(crate) tags: Vec<(u16, u16, Vec<u64>)>,
    /// The bytes of each strip or tile.
    pub(crate) chunks: Vec<Vec<u8>>,
    /// Whether they are tiles.
    pub(crate) tiled: bool,
}

impl Frame {
    /// A frame of one strip.
    pub(crate) fn strip(
        (width, height): (u64, u64),
        bits: u64,
        compression: u64,
        photometric: u64,
        bytes: &[u8],
    ) -> Self {
        Self {
            tags: vec![
                (256, LONG, vec![width]),
                (257, LONG, vec![height]),
                (258, SHORT, vec![bits]),
                (259, SHORT, vec![compression]),
                (262, SHORT, vec![photometric]),
                (277, SHORT, vec![1]),
                (278, LONG, vec![height]),
            ],
            chunks: vec![bytes.to_vec()],
            tiled: false,
        }
    }

    /// The same with one more tag.
    pub(crate) fn with(mut self, tag: u16, kind: u16, values: &[u64]) -> Self {
        self.tags.push((tag, kind, values.to_vec()));
        self
    }
}

/// How a file is written.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct TiffBuilder {
    /// Whether the highest byte of a number comes first.
    pub(crate) big_endian: bool,
    /// Whether offsets have 64 bits.
    pub(crate) big: bool,
}

impl TiffBuilder {
    /// The file of these frames.
    pub(crate) fn file(self, frames: &[Frame]) -> Vec<u8> {
        let mut file = if self.big_endian {
            b"MM".to_vec()
        } else {
            b"II".to_vec()
        };
        let first = if self.big {
            self.write(&mut file, 43, 2);
            self.write(&mut file, 8, 2);
            self.write(&mut file, 0, 2);
            file.len()
        } else {
            self.write(&mut file, 42, 2);
            file.len()
        };
        self.write(&mut file, 0, self.word());
        let mut link = first;
        for frame in frames {
            link = self.frame(&mut file, frame, link);
        }
        file
    }

    /// Appends a frame, links it at `link`, and returns where its own link is.
    fn frame(self, file: &mut Vec<u8>, frame: &Frame, link: usize) -> usize {
        let mut tags = frame.tags.clone();
        let (mut offsets, mut lengths) = (Vec::new(), Vec::new());
        for chunk in &frame.chunks {
            offsets.push(file.len() as u64);
            lengths.push(chunk.len() as u64);
            file.extend(chunk);
        }
        let (offsets_tag, lengths_tag) = if frame.tiled { (324, 325) } else { (273, 279) };
        tags.push((offsets_tag, LONG, offsets));
        tags.push((lengths_tag, LONG, lengths));
        tags.sort_by_key(|(tag, ..)| *tag);
        let mut entries = Vec::new();
        for (tag, kind, values) in &tags {
            let size = if *kind == SHORT { 2 } else { 4 };
            let mut bytes = Vec::new();
            for &value in values {
                self.write(&mut bytes, value, size);
            }
            self.write(&mut entries, u64::from(*tag), 2);
            self.write(&mut entries, u64::from(*kind), 2);
            self.write(&mut entries, values.len() as u64, self.word());
            if bytes.len() > self.word() {
                self.write(&mut entries, file.len() as u64, self.word());
                file.extend(bytes);
            } else {
                bytes.resize(self.word(), 0);
                entries.extend(bytes);
            }
        }
        let mut start = Vec::new();
        self.write(&mut start, file.len() as u64, self.word());
        file[link..link + self.word()].copy_from_slice(&start);
        self.write(file, tags.len() as u64, if self.big { 8 } else { 2 });
        file.extend(entries);
        let own = file.len();
        self.write(file, 0, self.word());
        own
    }

    fn word(self) -> usize {
        if self.big { 8 } else { 4 }
    }

    fn write(self, bytes: &mut Vec<u8>, value: u64, length: usize) {
        let mut written = value.to_le_bytes()[..length].to_vec();
        if self.big_endian {
            written.reverse();
        }
        bytes.extend(written);
    }
}
