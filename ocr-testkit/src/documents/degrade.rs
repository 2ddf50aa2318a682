//! What scanners, copiers and cameras do to a page.

use ocr_core::page::{PageImage, PixelFormat};

/// Degradations of a gray page, in this order: skew, quarter turns, blur, noise, contrast.
#[derive(Debug, Clone, PartialEq)]
pub struct Degrade {
    skew: f32,
    quarter_turns: u8,
    blur: u32,
    noise: f32,
    contrast: f32,
    seed: u64,
}

impl Default for Degrade {
    /// No degradation.
    fn default() -> Self {
        Self {
            skew: 0.0,
            quarter_turns: 0,
            blur: 0,
            noise: 0.0,
            contrast: 1.0,
            seed: 1,
        }
    }
}

impl Degrade {
    /// Turns the page by a few degrees clockwise; white paper fills the corners.
    pub fn with_skew(self, degrees: f32) -> Self {
        Self {
            skew: degrees,
            ..self
        }
    }

    /// Turns the page clockwise by quarters.
    pub fn with_quarter_turns(self, turns: u8) -> Self {
        Self {
            quarter_turns: turns % 4,
            ..self
        }
    }

    /// Blurs the page with a box of `2 * radius + 1` pixels, twice.
    pub fn with_blur(self, radius: u32) -> Self {
        Self { blur: radius, ..self }
    }

    /// Adds noise of this standard deviation, in gray levels of 255.
    pub fn with_noise(self, deviation: f32) -> Self {
        Self {
            noise: deviation,
            ..self
        }
    }

    /// Scales the contrast around middle gray; below 1 the print fades.
    pub fn with_contrast(self, contrast: f32) -> Self {
        Self { contrast, ..self }
    }

    /// Seeds the noise; the same seed gives the same page.
    pub fn with_seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// The degraded page. Pages that are not gray come back unchanged.
    pub fn apply(&self, page: &PageImage) -> PageImage {
        if page.format() != PixelFormat::Gray8 {
            return page.clone();
        }
        let mut gray = Gray {
            width: page.width() as usize,
            height: page.height() as usize,
            pixels: page.pixels().iter().copied().map(f32::from).collect(),
        };
        if self.skew != 0.0 {
            gray = gray.skewed(self.skew);
        }
        for _ in 0..self.quarter_turns {
            gray = gray.turned();
        }
        for _ in 0..if self.blur > 0 { 2 } else { 0 } {
            gray = gray.blurred(self.blur as usize);
        }
        let mut random = Random(self.seed.wrapping_mul(2).wrapping_add(1));
        let pixels: Vec<u8> = gray
            .pixels
            .iter()
            .map(|value| {
                let noisy = value + self.noise * random.normal();
                (127.5 + (noisy - 127.5) * self.contrast).clamp(0.0, 255.0) as u8
            })
            .collect();
        PageImage::new(gray.width as u32, gray.height as u32, PixelFormat::Gray8, pixels)
            .expect("as many pixels as before")
            .with_dpi(page.dpi())
    }
}

struct Gray {
    width: usize,
    height: usize,
    pixels: Vec<f32>,
}

impl Gray {
    /// The pixel at a place, white outside.
    fn at(&self, x: isize, y: isize) -> f32 {
        let inside = x >= 0 && y >= 0 && (x as usize) < self.width && (y as usize) < self.height;
        if inside {
            self.pixels[y as usize * self.width + x as usize]
        } else {
            255.0
        }
    }

    fn filled(width: usize, height: usize, value: impl Fn(usize, usize) -> f32) -> Self {
        let pixels = (0..height)
            .flat_map(|y| (0..width).map(move |x| (x, y)))
            .map(|(x, y)| value(x, y))
            .collect();
        Self {
            width,
            height,
            pixels,
        }
    }

    /// Turned clockwise around the middle, interpolated between four pixels.
    fn skewed(&self, degrees: f32) -> Self {
        let (sin, cos) = degrees.to_radians().sin_cos();
        let middle = (self.width as f32 / 2.0, self.height as f32 / 2.0);
        Self::filled(self.width, self.height, |x, y| {
            let (dx, dy) = (x as f32 - middle.0, y as f32 - middle.1);
            let (sx, sy) = (middle.0 + dx * cos + dy * sin, middle.1 - dx * sin + dy * cos);
            let (x0, y0) = (sx.floor(), sy.floor());
            let (fx, fy) = (sx - x0, sy - y0);
            let (x0, y0) = (x0 as isize, y0 as isize);
            let top = self.at(x0, y0) * (1.0 - fx) + self.at(x0 + 1, y0) * fx;
            let bottom = self.at(x0, y0 + 1) * (1.0 - fx) + self.at(x0 + 1, y0 + 1) * fx;
            top * (1.0 - fy) + bottom * fy
        })
    }

    /// Turned clockwise by a quarter.
    fn turned(&self) -> Self {
        Self::filled(self.height, self.width, |x, y| {
            self.at(y as isize, self.height as isize - 1 - x as isize)
        })
    }

    fn blurred(&self, radius: usize) -> Self {
        let (radius, share) = (radius as isize, 1.0 / (2 * radius + 1) as f32);
        let across = Self::filled(self.width, self.height, |x, y| {
            let row = (-radius..=radius).map(|d| self.at(x as isize + d, y as isize));
            row.sum::<f32>() * share
        });
        Self::filled(self.width, self.height, |x, y| {
            let column = (-radius..=radius).map(|d| across.at(x as isize, y as isize + d));
            column.sum::<f32>() * share
        })
    }
}

/// A small reproducible generator: xorshift64* (Vigna 2016).
struct Random(u64);

impl Random {
    fn share(&mut self) -> f32 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let bits = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 40;
        bits as f32 / (1_u32 << 24) as f32
    }

    /// Nearly normal with deviation 1: the sum of twelve shares (Irwin-Hall).
    fn normal(&mut self) -> f32 {
        (0..12).map(|_| self.share()).sum::<f32>() - 6.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn corner() -> PageImage {
        let mut pixels = vec![255; 30 * 20];
        for y in 0..5 {
            for x in 0..6 {
                pixels[y * 30 + x] = 0;
            }
        }
        PageImage::new(30, 20, PixelFormat::Gray8, pixels).unwrap()
    }

    #[test]
    fn nothing_leaves_the_page_as_it_is() {
        let page = Degrade::default().apply(&corner());
        assert_eq!(page.pixels(), corner().pixels());
    }

    #[test]
    fn a_quarter_turn_moves_the_top_left_to_the_top_right() {
        let page = Degrade::default().with_quarter_turns(1).apply(&corner());
        assert_eq!((page.width(), page.height()), (20, 30));
        assert_eq!((page.pixels()[19], page.pixels()[0]), (0, 255));
        let back = Degrade::default().with_quarter_turns(3).apply(&page);
        assert_eq!(back.pixels(), corner().pixels());
    }

    #[test]
    fn noise_is_the_same_for_the_same_seed() {
        let noisy = Degrade::default().with_noise(20.0).with_blur(1).with_skew(2.0);
        let (first, second) = (noisy.apply(&corner()), noisy.apply(&corner()));
        assert_eq!(first.pixels(), second.pixels());
        let other = noisy.with_seed(2).apply(&corner());
        assert_ne!(first.pixels(), other.pixels());
    }
}
