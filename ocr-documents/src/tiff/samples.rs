//! Samples of any depth as one byte each.

use super::unsupported;
use crate::DocumentError;

/// How the samples of a row are stored and what becomes of them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Depth {
    /// Bits of a sample: 1 to 16, or 32.
    pub(super) bits: usize,
    /// Whether the highest byte of a sample comes first.
    pub(super) big_endian: bool,
    /// Whether narrow samples are stretched to 0..=255; indices are not.
    pub(super) stretch: bool,
}

impl Depth {
    /// Sample `index` of a row, its highest eight bits if it has more; 0 beyond the row.
    pub(super) fn byte(self, row: &[u8], index: usize) -> u8 {
        let at = |index: usize| row.get(index).copied().unwrap_or(0);
        match self.bits {
            8 => at(index),
            16 | 32 => {
                let bytes = self.bits / 8;
                at(index * bytes + if self.big_endian { 0 } else { bytes - 1 })
            }
            bits => {
                let value = packed(row, index * bits, bits);
                if bits > 8 {
                    (value >> (bits - 8)) as u8
                } else if self.stretch {
                    (value * 255 / ((1 << bits) - 1)) as u8
                } else {
                    value as u8
                }
            }
        }
    }

    /// Whether [`Depth::undo_differences`] knows samples of this depth.
    ///
    /// # Errors
    /// When it does not.
    pub(super) fn check_differences(self) -> Result<(), DocumentError> {
        match self.bits {
            8 | 16 | 32 => Ok(()),
            bits => Err(unsupported(format!("differences of {bits}-bit samples"))),
        }
    }

    /// Adds to each sample of a row the one `distance` samples before it (TIFF 6.0, section 14).
    pub(super) fn undo_differences(self, row: &mut [u8], distance: usize) {
        let bytes = self.bits / 8;
        let step = distance * bytes;
        if bytes == 1 {
            for index in step..row.len() {
                row[index] = row[index].wrapping_add(row[index - step]);
            }
            return;
        }
        for start in (step..(row.len() + 1).saturating_sub(bytes)).step_by(bytes) {
            let mut carry = 0;
            for place in 0..bytes {
                let index = start + if self.big_endian { bytes - 1 - place } else { place };
                let sum = u16::from(row[index]) + u16::from(row[index - step]) + carry;
                row[index] = sum as u8;
                carry = sum >> 8;
            }
        }
    }
}

/// `bits` bits from bit `start` on, the first one the highest; at most 16.
fn packed(row: &[u8], start: usize, bits: usize) -> u32 {
    let first = start / 8;
    let window = (first..first + 3).fold(0_u32, |window, index| {
        window << 8 | u32::from(row.get(index).copied().unwrap_or(0))
    });
    window >> (24 - start % 8 - bits) & ((1 << bits) - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(bits: usize, big_endian: bool, stretch: bool, row: &[u8], count: usize) -> Vec<u8> {
        let depth = Depth {
            bits,
            big_endian,
            stretch,
        };
        (0..count).map(|index| depth.byte(row, index)).collect()
    }

    #[test]
    fn every_depth_becomes_a_byte() {
        assert_eq!(all(1, false, true, &[0b1010_0000], 3), [255, 0, 255]);
        assert_eq!(all(4, false, false, &[0x3f, 0x10], 3), [3, 15, 1]);
        assert_eq!(all(3, false, false, &[0b1110_0101, 0b1000_0000], 3), [7, 1, 3]);
        assert_eq!(all(12, true, true, &[0x12, 0x34, 0x56], 2), [0x12, 0x45]);
        assert_eq!(all(16, true, true, &[0x12, 0x34], 1), [0x12]);
        assert_eq!(all(16, false, true, &[0x12, 0x34], 1), [0x34]);
        assert_eq!(all(32, false, true, &[1, 2, 3, 4], 2), [4, 0]);
    }

    #[test]
    fn differences_are_added_up_in_either_byte_order() {
        for big_endian in [false, true] {
            let depth = Depth {
                bits: 16,
                big_endian,
                stretch: true,
            };
            let values = |numbers: &[u16]| -> Vec<u8> {
                let bytes = |number: &u16| {
                    if big_endian {
                        number.to_be_bytes()
                    } else {
                        number.to_le_bytes()
                    }
                };
                numbers.iter().flat_map(bytes).collect()
            };
            let mut row = values(&[250, 1000, 10, 0xffff]);
            depth.undo_differences(&mut row, 2);
            assert_eq!(row, values(&[250, 1000, 260, 999]));
        }
        let mut row = [1, 2, 3];
        let depth = Depth {
            bits: 8,
            big_endian: false,
            stretch: true,
        };
        depth.undo_differences(&mut row, 1);
        assert_eq!(row, [1, 3, 6]);
    }
}
