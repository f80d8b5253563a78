//! Medians of what was measured, and their ratios.

use std::fmt::Write;

/// What one run showed.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// Whose.
    pub peer: &'static str,
    /// What was measured.
    pub kind: &'static str,
    /// Messages that arrived, in a second.
    delivered_per_s: f64,
    /// Processor time of the server for each.
    cpu_us: f64,
    /// Slowest of a hundred, in milliseconds.
    p99_ms: f64,
    /// Memory of an idle connection.
    kb_per_connection: f64,
    /// Growth of memory from idle to its peak.
    growth_mb: f64,
}

impl Run {
    /// Reads a line of the load generator.
    pub fn read(peer: &'static str, kind: &'static str, line: &str) -> Option<Self> {
        let after = |mark: &str| {
            let rest = line.split_once(mark)?.1;
            let end = rest.find(|letter: char| !letter.is_ascii_digit() && letter != '.' && letter != '-');
            rest[..end.unwrap_or(rest.len())].parse::<f64>().ok()
        };
        Some(Self {
            peer,
            kind,
            delivered_per_s: after("delivered/s=")?,
            cpu_us: after("% = ")?,
            p99_ms: after("p99=")?,
            kb_per_connection: after(" (")?,
            growth_mb: after("peak=")? - after("idle=")?,
        })
    }
}

/// One table for each kind, ratios against the first peer.
pub fn table(runs: &[Run], kinds: &[&str]) -> String {
    let mut text = String::new();
    for kind in kinds {
        let _ = writeln!(
            text,
            "\n{kind:<18}{:>14}{:>8}{:>9}{:>8}{:>10}{:>12}{:>10}",
            "delivered/s", "ratio", "us/msg", "ratio", "p99 ms", "KB/conn", "growth MB"
        );
        let of = |peer: &str, figure: fn(&Run) -> f64| {
            let figures = runs.iter().filter(|run| run.peer == peer && run.kind == *kind).map(figure);
            median(figures.collect())
        };
        let mut names: Vec<&str> = Vec::new();
        for run in runs.iter().filter(|run| run.kind == *kind) {
            if !names.contains(&run.peer) {
                names.push(run.peer);
            }
        }
        let Some(first) = names.first().copied() else { continue };
        for name in names {
            let (rate, cpu) = (of(name, |run| run.delivered_per_s), of(name, |run| run.cpu_us));
            let _ = writeln!(
                text,
                "{name:<18}{rate:>14.0}{:>8.2}{cpu:>9.2}{:>8.2}{:>10.1}{:>12.1}{:>10.1}",
                rate / of(first, |run| run.delivered_per_s),
                cpu / of(first, |run| run.cpu_us),
                of(name, |run| run.p99_ms),
                of(name, |run| run.kb_per_connection),
                of(name, |run| run.growth_mb),
            );
        }
    }
    text
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = "bun: n=1000 size=1024 window=8 secs=4.0 | delivered/s=1138617 MB/s=1166.2 pub/s=1138.6 | \
        server CPU 100% = 0.88 us/msg, client CPU 97% | lat ms p50=5.10 p99=9.25 max=20.00 | \
        RSS MB empty=20.0 idle=27.5 (7.5 KB/conn) peak=30.5 end=30.0 | per-sub min/max=1/2";

    #[test]
    fn a_line_is_read() {
        let run = Run::read("bun", "saturation", LINE).unwrap();
        assert_eq!((run.delivered_per_s, run.cpu_us, run.p99_ms), (1_138_617.0, 0.88, 9.25));
        assert_eq!((run.kb_per_connection, run.growth_mb), (7.5, 3.0));
        assert_eq!(Run::read("bun", "saturation", "failed"), None);
    }

    #[test]
    fn ratios_are_of_medians() {
        let run = |peer, delivered_per_s| Run {
            delivered_per_s,
            ..Run { peer, ..Run::read("bun", "paced", LINE).unwrap() }
        };
        let runs = [run("ours", 90.0), run("ours", 100.0), run("ours", 500.0), run("bun", 50.0)];
        let text = table(&runs, &["paced", "nothing"]);
        assert!(text.contains("0.50") && text.contains("1.00"), "{text}");
    }
}
