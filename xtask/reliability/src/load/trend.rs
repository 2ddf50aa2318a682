//! Whether memory grows: a line through the measurements by least squares.

use std::time::Duration;

use super::samples::Memory;

/// Bytes in a megabyte.
const MEGABYTE: f64 = 1e6;
/// Seconds in an hour.
const HOUR: f64 = 3600.0;
/// The beginning that says nothing yet: this share of all, until everything that is kept has been used once.
const WARM_UP: f64 = 0.2;

/// A line through measurements.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Trend {
    /// Where it begins, from the beginning of the measurements.
    pub(super) from: Duration,
    /// Where it ends.
    pub(super) to: Duration,
    /// Bytes at both ends.
    pub(super) bytes: (f64, f64),
}

impl Trend {
    /// The line through what `of` says of the memory; `None` for fewer than two points.
    pub(super) fn of(memory: &[Memory], of: fn(&Memory) -> u64) -> Option<Self> {
        let end = memory.last()?.at;
        let begin = end.mul_f64(WARM_UP);
        let points: Vec<(f64, f64)> = memory
            .iter()
            .filter(|memory| memory.at >= begin)
            .map(|memory| (memory.at.as_secs_f64(), of(memory) as f64))
            .collect();
        let (slope, middle) = line(&points)?;
        let at = |time: Duration| slope.mul_add(time.as_secs_f64() - middle.0, middle.1);
        Some(Self {
            from: begin,
            to: end,
            bytes: (at(begin), at(end)),
        })
    }

    /// How much it rises, in megabytes (10^6 bytes) an hour.
    pub(super) fn per_hour(&self) -> f64 {
        let hours = self.to.saturating_sub(self.from).as_secs_f64() / HOUR;
        (self.bytes.1 - self.bytes.0) / MEGABYTE / hours
    }
}

/// The slope of the line through `points`, and the point in the middle that it goes through.
fn line(points: &[(f64, f64)]) -> Option<(f64, (f64, f64))> {
    let count = points.len() as f64;
    let mean = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / count;
    let middle = (mean(|point| point.0), mean(|point| point.1));
    let mut products = (0.0, 0.0);
    for (x, y) in points {
        let across = x - middle.0;
        products.0 += across * (y - middle.1);
        products.1 += across * across;
    }
    (products.1 > 0.0).then(|| (products.0 / products.1, middle))
}

/// One line about the trends of server and children.
pub(super) fn shown(memory: &[Memory]) -> String {
    let one = |of: fn(&Memory) -> u64| match Trend::of(memory, of) {
        Some(trend) => format!("{:+.2} MB/h", trend.per_hour()),
        None => "unknown".to_owned(),
    };
    format!(
        "  memory by least squares after the first fifth: server {}, children {}",
        one(|memory| memory.server),
        one(|memory| memory.children)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Memory each minute for an hour: a leak of 2 MB an hour after a start that is steep, beside children that are as they were.
    fn measured() -> Vec<Memory> {
        let minute = |minute: u64| Memory {
            at: Duration::from_secs(60 * minute),
            server: if minute < 12 {
                minute * 9_000_000
            } else {
                108_000_000 + minute * 33_333
            },
            children: 5_000_000 + 1000 * (minute % 2),
        };
        (0..=60).map(minute).collect()
    }

    #[test]
    fn a_leak_is_seen_beneath_a_steep_start() {
        let trend = Trend::of(&measured(), |memory| memory.server).unwrap();
        assert!((1.9..2.1).contains(&trend.per_hour()), "{trend:?}");
        assert_eq!((trend.from.as_secs(), trend.to.as_secs()), (720, 3600));
        assert!((108e6..109e6).contains(&trend.bytes.0), "{trend:?}");
        let children = Trend::of(&measured(), |memory| memory.children).unwrap();
        assert!(children.per_hour().abs() < 0.01, "{children:?}");
        assert!(shown(&measured()).contains("server +2.0"));
    }

    #[test]
    fn too_little_has_no_trend() {
        assert_eq!(Trend::of(&[], |memory| memory.server), None);
        assert_eq!(Trend::of(&measured()[..1], |memory| memory.server), None);
        assert!(shown(&[]).contains("unknown"));
    }
}
