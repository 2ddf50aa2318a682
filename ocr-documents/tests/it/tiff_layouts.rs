//! TIFF frames whose bits, samples and strips are stored in less usual ways.

use std::io::Write;

use flate2::{Compression, write::ZlibEncoder};
use ocr_documents::Limits;
use weezl::BitOrder;

use crate::{
    error_of, image, open,
    tiff_builder::{Frame, LONG, SHORT, TiffBuilder},
};

const NONE: u64 = 1;
const LZW: u64 = 5;
const DEFLATE: u64 = 8;
const PACK_BITS: u64 = 32_773;

/// Bytes of one strip or tile as each compression stores them.
fn compressed(bytes: &[u8], compression: u64) -> Vec<u8> {
    match compression {
        LZW => weezl::encode::Encoder::with_tiff_size_switch(BitOrder::Msb, 8)
            .encode(bytes)
            .unwrap(),
        DEFLATE => {
            let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
            encoder.write_all(bytes).unwrap();
            encoder.finish().unwrap()
        }
        PACK_BITS => bytes
            .chunks(100)
            .flat_map(|literal| [&[literal.len() as u8 - 1], literal].concat())
            .collect(),
        _ => bytes.to_vec(),
    }
}

fn reversed(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().map(|byte| byte.reverse_bits()).collect()
}

fn pixels_of(frame: Frame) -> Vec<u8> {
    let file = TiffBuilder::default().file(&[frame]);
    image(open(file).page(0).unwrap()).pixels().to_vec()
}

/// Three rows of twenty pixels, black on white.
const BITS: [u8; 9] = [
    0b0010_0111,
    0xF0,
    0b0101_0000,
    0,
    0,
    0,
    0xFF,
    0b1000_0001,
    0b1111_0000,
];

#[test]
fn bits_in_the_other_order_are_the_same_page() {
    for compression in [NONE, LZW, DEFLATE, PACK_BITS] {
        let straight = compressed(&BITS, compression);
        let expected = pixels_of(Frame::strip((20, 3), 1, compression, 0, &straight));
        assert_eq!(expected[..8], [255, 255, 0, 255, 255, 0, 0, 0]);
        let turned = Frame::strip((20, 3), 1, compression, 0, &reversed(&straight));
        assert_eq!(
            pixels_of(turned.with(266, SHORT, &[2])),
            expected,
            "compression {compression}"
        );
    }
    // Some writers turn the pixels and not what became of them.
    for compression in [LZW, DEFLATE] {
        let straight = pixels_of(Frame::strip((20, 3), 1, NONE, 0, &BITS));
        let turned = compressed(&reversed(&BITS), compression);
        let frame = Frame::strip((20, 3), 1, compression, 0, &turned).with(266, SHORT, &[2]);
        assert_eq!(pixels_of(frame), straight, "compression {compression}");
    }
}

/// Codes of ITU-T T.4 and T.6 for eight pixels of which three in the middle are black, twice.
fn fax(compression: u64) -> Vec<u8> {
    match compression {
        // White 2, black 3, white 3, each row on a byte.
        2 => vec![0b0111_1010, 0b0000_0000, 0b0111_1010, 0],
        // The same between line ends.
        3 => vec![0x00, 0x17, 0b1010_0000, 0x00, 0x00, 0x17, 0b1010_0000, 0x00],
        // Horizontal, white 2, black 3, straight down; straight down three times; end of block.
        _ => vec![0b0010_1111, 0b0111_1000, 0b0000_0000, 0b1000_0000, 0b0000_1000],
    }
}

#[test]
fn fax_of_every_group_is_read_in_both_bit_orders() {
    let row = [255, 255, 0, 0, 0, 255, 255, 255];
    let page = [row, row].concat();
    for compression in [2, 3, 4] {
        let codes = fax(compression);
        let straight = Frame::strip((8, 2), 1, compression, 0, &codes);
        assert_eq!(pixels_of(straight), page, "compression {compression}");
        let turned = Frame::strip((8, 2), 1, compression, 0, &reversed(&codes)).with(266, SHORT, &[2]);
        assert_eq!(pixels_of(turned), page, "compression {compression} turned");
    }
    // A strip for each row, and one that says it has all the rows there can be.
    let one = [0b0010_1111, 0b0100_0000, 0b0000_0100, 0b0000_0000, 0b0100_0000];
    let mut strips = Frame::strip((8, 2), 1, 4, 0, &one);
    strips.chunks.push(one.to_vec());
    strips.tags.retain(|(tag, ..)| *tag != 278);
    assert_eq!(pixels_of(strips.with(278, LONG, &[1])), page);
    let mut endless = Frame::strip((8, 2), 1, 4, 0, &fax(4));
    endless.tags.retain(|(tag, ..)| *tag != 278);
    assert_eq!(pixels_of(endless.with(278, LONG, &[u64::from(u32::MAX)])), page);
}

#[test]
fn a_damaged_group_4_strip_is_an_error() {
    let frame = Frame::strip((8, 2), 1, 4, 0, &fax(4)[..1]);
    let error = error_of(TiffBuilder::default().file(&[frame]), Limits::default());
    assert!(error.to_string().contains("damaged"), "{error}");
}

const WIDTH: usize = 40;
const HEIGHT: usize = 37;

/// Sample of the picture that all layouts hold, of eight bits.
fn sample(x: usize, y: usize, channel: usize) -> u8 {
    (x * 5 + y * 3 + channel * 40 + (x * y) % 7) as u8
}

/// How the picture is stored.
#[derive(Debug, Clone, Copy)]
struct Storage {
    file: TiffBuilder,
    bits: usize,
    compression: u64,
    differences: bool,
    planar: bool,
    /// Width and height of a tile; strips where there is none.
    tile: Option<(usize, usize)>,
}

impl Storage {
    fn bytes(self) -> Vec<u8> {
        let (width, height) = self.tile.unwrap_or((WIDTH, 10));
        let planes: &[&[usize]] = if self.planar {
            &[&[0], &[1], &[2]]
        } else {
            &[&[0, 1, 2]]
        };
        let mut chunks = Vec::new();
        for channels in planes {
            for top in (0..HEIGHT).step_by(height) {
                for left in (0..WIDTH).step_by(width) {
                    // Tiles are full at the edges, strips end with the picture.
                    let bottom = if self.tile.is_some() {
                        top + height
                    } else {
                        HEIGHT.min(top + height)
                    };
                    let rows = (top..bottom).flat_map(|y| self.row(left..left + width, y, channels));
                    chunks.push(compressed(&rows.collect::<Vec<u8>>(), self.compression));
                }
            }
        }
        let mut tags = vec![
            (256, LONG, vec![WIDTH as u64]),
            (257, LONG, vec![HEIGHT as u64]),
            (258, SHORT, vec![self.bits as u64; 3]),
            (259, SHORT, vec![self.compression]),
            (262, SHORT, vec![2]),
            (277, SHORT, vec![3]),
            (284, SHORT, vec![if self.planar { 2 } else { 1 }]),
        ];
        if self.differences {
            tags.push((317, SHORT, vec![2]));
        }
        if self.tile.is_some() {
            tags.extend([(322, LONG, vec![width as u64]), (323, LONG, vec![height as u64])]);
        } else {
            tags.push((278, LONG, vec![height as u64]));
        }
        let frame = Frame {
            tags,
            chunks,
            tiled: self.tile.is_some(),
        };
        self.file.file(&[frame])
    }

    fn row(self, columns: std::ops::Range<usize>, y: usize, channels: &[usize]) -> Vec<u8> {
        let at = |x: usize, channel: usize| {
            if x >= WIDTH || y >= HEIGHT {
                return 0;
            }
            let value = u16::from(sample(x, y, channel));
            // The low byte must not matter.
            if self.bits == 16 { value << 8 | 0x5a } else { value }
        };
        let start = columns.start;
        let mut row = Vec::new();
        for x in columns {
            for &channel in channels {
                let before = if self.differences && x > start {
                    at(x - 1, channel)
                } else {
                    0
                };
                let value = at(x, channel).wrapping_sub(before);
                match (self.bits, self.file.big_endian) {
                    (8, _) => row.push(value as u8),
                    (_, true) => row.extend(value.to_be_bytes()),
                    (_, false) => row.extend(value.to_le_bytes()),
                }
            }
        }
        row
    }
}

#[test]
fn every_mixture_of_planes_tiles_and_compressions_is_the_same_page() {
    let expected: Vec<u8> = (0..HEIGHT)
        .flat_map(|y| (0..WIDTH).flat_map(move |x| [0, 1, 2].map(|channel| sample(x, y, channel))))
        .collect();
    let file = [(false, false), (true, false), (false, true), (true, true)];
    for (big_endian, big) in file {
        for compression in [NONE, LZW, DEFLATE, PACK_BITS] {
            for planar in [false, true] {
                for tile in [None, Some((16, 16)), Some((64, 32))] {
                    for (bits, differences) in [(8, false), (8, true), (16, false), (16, true)] {
                        let storage = Storage {
                            file: TiffBuilder { big_endian, big },
                            bits,
                            compression,
                            differences: differences && matches!(compression, LZW | DEFLATE),
                            planar,
                            tile,
                        };
                        let page = image(open(storage.bytes()).page(0).unwrap());
                        assert!(page.pixels() == expected, "{storage:?}");
                    }
                }
            }
        }
    }
}

#[test]
fn tiles_of_single_bits_are_put_together() {
    // Two tiles of sixteen pixels, the second half outside.
    let mut frame = Frame::strip((24, 2), 1, NONE, 1, &[0xFF, 0x00, 0x0F, 0xF0]);
    frame.chunks.push(vec![0b1010_1010, 0xFF, 0b0101_0101, 0xFF]);
    frame.tiled = true;
    frame.tags.retain(|(tag, ..)| *tag != 278);
    let pixels = pixels_of(frame.with(322, LONG, &[16]).with(323, LONG, &[2]));
    assert_eq!(pixels[8..20], [0, 0, 0, 0, 0, 0, 0, 0, 255, 0, 255, 0]);
    assert_eq!(pixels[24..32], [0, 0, 0, 0, 255, 255, 255, 255]);
}

#[test]
fn colours_that_pixels_share_are_spread() {
    // A block of two by two pixels: four of lightness, then both colours of none.
    let frame = Frame::strip((2, 2), 8, NONE, 6, &[10, 20, 30, 40, 128, 128]);
    let mut frame = frame.with(530, SHORT, &[2, 2]);
    for (tag, _, values) in &mut frame.tags {
        match tag {
            258 => *values = vec![8; 3],
            277 => *values = vec![3],
            _ => {}
        }
    }
    assert_eq!(pixels_of(frame), [10, 20, 30, 40]);
}

#[test]
fn a_small_picture_of_a_page_is_no_page() {
    let page = |value: u8| Frame::strip((2, 1), 8, NONE, 1, &[value, value]);
    let file = TiffBuilder::default().file(&[
        page(1).with(254, LONG, &[2]),
        page(2).with(255, SHORT, &[2]),
        page(3).with(254, LONG, &[1]),
        page(4).with(255, SHORT, &[3]),
    ]);
    let document = open(file);
    assert_eq!(document.page_count(), 2);
    assert_eq!(image(document.page(0).unwrap()).pixels(), [1, 1]);
    assert_eq!(image(document.page(1).unwrap()).pixels(), [4, 4]);
    let alone = TiffBuilder::default().file(&[page(5).with(255, SHORT, &[2])]);
    assert_eq!(image(open(alone).page(0).unwrap()).pixels(), [5, 5]);
}

#[test]
fn strips_that_are_the_same_bytes_over_and_over_are_refused() {
    let bytes = compressed(&[7; 64], PACK_BITS);
    let mut frame = Frame::strip((64, 64), 8, PACK_BITS, 1, &bytes);
    frame.tags.retain(|(tag, ..)| *tag != 278);
    let mut file = TiffBuilder::default().file(&[{
        frame.chunks = vec![bytes; 64];
        frame.with(278, LONG, &[1])
    }]);
    assert_eq!(image(open(file.clone()).page(0).unwrap()).pixels()[0], 7);
    // Each strip now claims to reach to the end of a file with much behind it.
    file.resize(100_000, 0);
    let lengths = file
        .windows(8)
        .position(|window| window == [65, 0, 0, 0, 65, 0, 0, 0])
        .expect("the lengths of the strips");
    for length in file[lengths..lengths + 256].as_chunks_mut::<4>().0 {
        *length = 0x00FF_FFFF_u32.to_le_bytes();
    }
    let error = error_of(file, Limits::default());
    assert!(error.to_string().contains("too complex"), "{error}");
}
