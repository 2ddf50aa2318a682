//! The chunks of a PNG file: what the decoder needs to see, and what it must not.

const SIGNATURE: &[u8; 8] = b"\x89PNG\r\n\x1a\n";

/// Chunks that make up the pixels of the default image (PNG specification, 11.2 and 11.3.1.1).
const PIXEL_CHUNKS: [&[u8; 4]; 5] = [b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"];

/// A PNG file taken apart.
///
/// The decoder is given only the chunks that carry pixels. Text, colour profiles and animation frames
/// are never inflated, so none of them can be a decompression bomb.
#[derive(Debug)]
pub(crate) struct Chunks<'a> {
    /// A PNG file of nothing but the pixels of the default image.
    pub(crate) critical: Vec<u8>,
    /// Content of the physical pixel dimensions.
    pub(crate) physical: Option<&'a [u8]>,
    /// Content of the EXIF chunk.
    pub(crate) exif: Option<&'a [u8]>,
}

impl<'a> Chunks<'a> {
    /// Walks the chunks of `file`; damage ends the walk and is left for the decoder to report.
    pub(crate) fn of(file: &'a [u8]) -> Self {
        let mut chunks = Self {
            critical: SIGNATURE.to_vec(),
            physical: None,
            exif: None,
        };
        for chunk in chunks_of(file) {
            if PIXEL_CHUNKS.contains(&&chunk.name) {
                chunks.critical.extend_from_slice(chunk.whole);
            }
            match &chunk.name {
                b"pHYs" => chunks.physical = chunk.content,
                b"eXIf" => chunks.exif = chunk.content,
                b"IEND" => break,
                _ => {}
            }
        }
        chunks
    }
}

/// What of a PNG file can be put elsewhere as it is.
#[derive(Debug)]
pub(crate) struct Parts<'a> {
    pub(crate) width: u32,
    pub(crate) height: u32,
    /// Bits of a component, colour type, compression, filter and interlace method (PNG specification, 11.2.2).
    pub(crate) layout: &'a [u8; 5],
    /// Three bytes for each colour.
    pub(crate) palette: Option<&'a [u8]>,
    /// Whether some pixels are not opaque by a chunk of their own.
    pub(crate) is_transparent: bool,
    /// The zlib stream of the pixels.
    pub(crate) data: Vec<u8>,
}

impl<'a> Parts<'a> {
    /// Takes `file` apart; `None` when it has no whole header.
    pub(crate) fn of(file: &'a [u8]) -> Option<Self> {
        let (width, height) = dimensions(file)?;
        let mut parts = Self {
            width,
            height,
            layout: file.get(SIGNATURE.len() + 16..)?.first_chunk()?,
            palette: None,
            is_transparent: false,
            data: Vec::new(),
        };
        // What is behind damage is no part of the picture.
        for (name, content) in chunks_of(file).map_while(Chunk::undamaged) {
            match &name {
                b"PLTE" => parts.palette = Some(content),
                b"tRNS" => parts.is_transparent = true,
                b"IDAT" => parts.data.extend_from_slice(content),
                b"IEND" => break,
                _ => {}
            }
        }
        Some(parts)
    }
}

/// Length, name and checksum, which surround the content of a chunk.
const SURROUNDINGS: usize = 12;

/// A chunk; the last one of a file may be cut.
struct Chunk<'a> {
    name: [u8; 4],
    /// `None` where its end is missing.
    content: Option<&'a [u8]>,
    /// All of it that is there.
    whole: &'a [u8],
}

impl<'a> Chunk<'a> {
    /// Name and content, unless something of it is missing.
    fn undamaged(self) -> Option<([u8; 4], &'a [u8])> {
        let content = self.content?;
        (self.whole.len() == content.len() + SURROUNDINGS).then_some((self.name, content))
    }
}

/// The chunks of `file`, up to where it is damaged.
fn chunks_of(file: &[u8]) -> impl Iterator<Item = Chunk<'_>> {
    let mut rest = file.get(SIGNATURE.len()..).unwrap_or_default();
    std::iter::from_fn(move || {
        let (&[a, b, c, d, ref name @ ..], _) = rest.split_first_chunk::<8>()?;
        let length = u32::from_be_bytes([a, b, c, d]) as usize;
        let whole = length.saturating_add(SURROUNDINGS);
        let chunk = Chunk {
            name: *name,
            content: rest.get(8..8_usize.saturating_add(length)),
            whole: rest.get(..whole).unwrap_or(rest),
        };
        rest = rest.get(whole..).unwrap_or_default();
        Some(chunk)
    })
}

/// Width and height of the image header, which is always the first chunk.
pub(crate) fn dimensions(file: &[u8]) -> Option<(u32, u32)> {
    let header = file.strip_prefix(SIGNATURE)?.get(4..)?.strip_prefix(b"IHDR")?;
    let (width, rest) = header.split_first_chunk::<4>()?;
    let (height, _) = rest.split_first_chunk::<4>()?;
    Some((u32::from_be_bytes(*width), u32::from_be_bytes(*height)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunk(name: [u8; 4], content: &[u8]) -> Vec<u8> {
        let mut chunk = (content.len() as u32).to_be_bytes().to_vec();
        chunk.extend(name);
        chunk.extend(content);
        chunk.extend([0; 4]);
        chunk
    }

    #[test]
    fn only_pixels_reach_the_decoder() {
        let mut file = SIGNATURE.to_vec();
        file.extend(chunk(*b"IHDR", &[0, 0, 0, 2, 0, 0, 0, 3, 8, 0, 0, 0, 0]));
        file.extend(chunk(*b"zTXt", b"bomb"));
        file.extend(chunk(*b"pHYs", b"123456789"));
        file.extend(chunk(*b"IDAT", b"pixels"));
        let cut = &file[..file.len() - 3];
        let chunks = Chunks::of(cut);
        assert_eq!(chunks.physical, Some(&b"123456789"[..]));
        assert!(!chunks.critical.windows(4).any(|window| window == b"zTXt"));
        assert!(chunks.critical.windows(6).any(|window| window == b"pixels"));
        assert_eq!(dimensions(&file), Some((2, 3)));
        assert_eq!(dimensions(&file[..20]), None);
    }
}
