//! The measurements as a picture: SVG 1.1, latencies above and memory below, one time axis.

use std::{fmt::Write as _, time::Duration};

use super::{
    arrivals::Operation,
    samples::{Answered, Memory, Sample},
    trend::Trend,
};

const WIDTH: f64 = 960.0;
const HEIGHT: f64 = 620.0;
/// Space for labels at the left, and what is left free at the right.
const LEFT: f64 = 80.0;
const RIGHT: f64 = 20.0;
/// Top and bottom of the two panels.
const LATENCIES: (f64, f64) = (60.0, 360.0);
const MEMORY: (f64, f64) = (410.0, 570.0);
/// Milliseconds at the bottom and the top of the latencies, which are drawn as logarithms.
const RANGE: (f64, f64) = (0.1, 100_000.0);
const MIB: f64 = 1024.0 * 1024.0;
/// Colours that differ for everybody (Okabe and Ito), one an operation.
const COLOURS: [&str; 5] = ["#0072b2", "#009e73", "#e69f00", "#cc79a7", "#555555"];

/// What of the memory a line shows, in bytes.
type Of = fn(&Memory) -> u64;

/// The picture.
pub(crate) fn svg(title: &str, samples: &[Sample], memory: &[Memory]) -> String {
    let last = |at: Option<Duration>| at.unwrap_or_default().as_secs_f64();
    let seconds = last(samples.iter().map(|sample| sample.at).max())
        .max(last(memory.iter().map(|memory| memory.at).max()))
        .max(1.0);
    let across = |at: Duration| LEFT + at.as_secs_f64() / seconds * (WIDTH - LEFT - RIGHT);
    let mut picture = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
         font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n"
    );
    text(&mut picture, (LEFT, 24.0), "start", "black", title);
    legend(&mut picture);
    latencies(&mut picture, samples, across);
    memories(&mut picture, memory, across);
    let bottom = HEIGHT - 20.0;
    text(&mut picture, (LEFT, bottom), "start", "black", "0 s");
    text(
        &mut picture,
        (WIDTH - RIGHT, bottom),
        "end",
        "black",
        &format!("{seconds:.0} s"),
    );
    picture.push_str("</svg>\n");
    picture
}

fn legend(picture: &mut String) {
    for ((number, operation), colour) in Operation::ALL.iter().enumerate().zip(COLOURS) {
        let x = LEFT + 165.0 * number as f64;
        text(
            picture,
            (x, 46.0),
            "start",
            colour,
            &format!("\u{25cf} {}", operation.name()),
        );
    }
}

fn latencies(picture: &mut String, samples: &[Sample], across: impl Fn(Duration) -> f64) {
    let (top, bottom) = LATENCIES;
    let share = |millis: f64| (millis / RANGE.0).ln() / (RANGE.1 / RANGE.0).ln();
    let height = |millis: f64| bottom - share(millis.clamp(RANGE.0, RANGE.1)) * (bottom - top);
    for (millis, label) in [
        (0.1, "0.1 ms"),
        (1.0, "1 ms"),
        (10.0, "10 ms"),
        (100.0, "100 ms"),
        (1000.0, "1 s"),
        (10_000.0, "10 s"),
        (100_000.0, "100 s"),
    ] {
        rule(picture, height(millis), label);
    }
    for sample in samples {
        let (x, y) = (across(sample.at), height(sample.latency.as_secs_f64() * 1000.0));
        let number = Operation::ALL
            .iter()
            .position(|operation| *operation == sample.operation);
        let colour = COLOURS[number.unwrap_or(0)];
        // Writing to a String cannot fail.
        let _ = match sample.outcome {
            Answered::Well => writeln!(
                picture,
                "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"1.6\" fill=\"{colour}\" fill-opacity=\"0.6\"/>"
            ),
            _ => writeln!(
                picture,
                "<path d=\"M{:.1} {:.1}l6 6m0 -6l-6 6\" stroke=\"#d00000\"/>",
                x - 3.0,
                y - 3.0
            ),
        };
    }
}

fn memories(picture: &mut String, memory: &[Memory], across: impl Fn(Duration) -> f64) {
    let (top, bottom) = MEMORY;
    let peak = memory
        .iter()
        .map(|memory| memory.server.max(memory.children))
        .max();
    let peak = (peak.unwrap_or(0) as f64 / MIB).max(1.0);
    let height = |bytes: u64| bottom - bytes as f64 / MIB / peak * (bottom - top);
    rule(picture, bottom, "0 MiB");
    rule(picture, top, &format!("{peak:.0} MiB"));
    let lines: [(Of, &str, &str); 2] = [
        (|memory| memory.server, "black", "memory of the server"),
        (|memory| memory.children, "#d55e00", "memory of its children"),
    ];
    for ((of, colour, name), x) in lines.into_iter().zip([LEFT, LEFT + 330.0]) {
        let points = memory.iter().fold(String::new(), |mut points, memory| {
            let _ = write!(points, "{:.1},{:.1} ", across(memory.at), height(of(memory)));
            points
        });
        let _ = writeln!(
            picture,
            "<polyline points=\"{points}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.5\"/>"
        );
        let trend = Trend::of(memory, of);
        let label = trend.map_or_else(String::new, |trend| format!(", {:+.2} MB/h", trend.per_hour()));
        text(
            picture,
            (x, top - 12.0),
            "start",
            colour,
            &format!("{name}{label}"),
        );
        if let Some(trend) = trend {
            let ends = [(trend.from, trend.bytes.0), (trend.to, trend.bytes.1)];
            let [(x1, y1), (x2, y2)] = ends.map(|(at, bytes)| (across(at), height(bytes.max(0.0) as u64)));
            let _ = writeln!(
                picture,
                "<line x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\" stroke=\"{colour}\" \
                 stroke-dasharray=\"4 3\"/>"
            );
        }
    }
}

/// A line across with its label.
fn rule(picture: &mut String, y: f64, label: &str) {
    let end = WIDTH - RIGHT;
    let _ = writeln!(
        picture,
        "<line x1=\"{LEFT}\" y1=\"{y:.1}\" x2=\"{end}\" y2=\"{y:.1}\" stroke=\"#ddd\"/>"
    );
    text(picture, (LEFT - 8.0, y + 4.0), "end", "black", label);
}

fn text(picture: &mut String, (x, y): (f64, f64), anchor: &str, colour: &str, text: &str) {
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    let _ = writeln!(
        picture,
        "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\" fill=\"{colour}\">{text}</text>"
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sample_is_drawn_inside() {
        let sample = |seconds, millis, outcome| Sample {
            at: Duration::from_secs(seconds),
            operation: Operation::List,
            latency: Duration::from_millis(millis),
            outcome,
        };
        let samples = [
            sample(0, 0, Answered::Well),
            sample(9, 1_000_000, Answered::Well),
            sample(5, 10, Answered::Wrong),
        ];
        let memory = [5, 10].map(|seconds| Memory {
            at: Duration::from_secs(seconds),
            server: 1 << 26,
            children: 1 << 30,
        });
        let picture = svg("a < b", &samples, &memory);
        assert_eq!(picture.matches("<circle").count(), 2);
        assert!(picture.contains("a &lt; b") && picture.contains("1024 MiB"));
        assert_eq!(picture.matches("stroke-dasharray").count(), 2);
        assert!(picture.contains("memory of the server, +0.00 MB/h"), "{picture}");
        assert!(picture.contains("cy=\"360.0\"") && picture.contains("cy=\"60.0\""));
    }
}
