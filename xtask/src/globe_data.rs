//! `cargo xtask globe-data PATH`: the coast lines and borders of `public/globe/` from the files of the npm package
//! world-atlas, unpacked at PATH.

mod simplify;
mod topology;

use std::fmt::Write;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use inflight_globe::Earth;
use inflight_globe::earth::Node;
use sha2::{Digest, Sha256};

use crate::fresh;
use crate::shell::root;
use topology::{Topology, index, unrolled};

/// Where the text of the README ends and the generated list begins.
const MARK: &str = "<!-- written by cargo xtask globe-data -->\n";

/// What is made of one file of the package.
struct Recipe {
    source: &'static str,
    output: &'static str,
    units_per_degree: u32,
    /// Points that contribute less to a coast are left out.
    coast_km2: f64,
    /// Points that contribute less to a border are left out.
    border_km2: f64,
    /// Islands smaller than this are left out.
    island_km2: f64,
}

const RECIPES: [Recipe; 2] = [
    Recipe {
        source: "countries-110m.json",
        output: "earth-110m.bin",
        units_per_degree: 100,
        coast_km2: 12.0,
        border_km2: 12.0,
        island_km2: 0.0,
    },
    Recipe {
        source: "countries-50m.json",
        output: "earth-50m.bin",
        units_per_degree: 250,
        coast_km2: 24.0,
        border_km2: 50.0,
        island_km2: 4.0,
    },
];

/// Writes the files and the list in the README beside them.
///
/// # Errors
/// When a source file cannot be read or is not what it should be, or an output cannot be written.
pub fn run(arguments: &[String]) -> Result<()> {
    let [path] = arguments else {
        anyhow::bail!("expected one argument: where the npm package world-atlas is unpacked")
    };
    let folder = root().join("public/globe");
    let mut list = String::from(
        "| file | bytes | brotli | coasts | borders | points | sha256 |\n|---|---|---|---|---|---|---|\n",
    );
    for recipe in &RECIPES {
        let source = Path::new(path).join(recipe.source);
        let text =
            std::fs::read_to_string(&source).with_context(|| format!("cannot read {}", source.display()))?;
        let earth = recipe.cook(&text).with_context(|| source.display().to_string())?;
        let bytes = earth.encode(recipe.units_per_degree);
        ensure!(Earth::decode(&bytes).is_ok(), "{} does not read back", recipe.output);
        fresh::write(&folder.join(recipe.output), &bytes)?;
        let points: usize = earth.coasts.iter().chain(&earth.borders).map(Vec::len).sum();
        let sizes = format!("{} | {}", bytes.len(), packed(&bytes)?);
        let counts = format!("{} | {} | {points}", earth.coasts.len(), earth.borders.len());
        writeln!(list, "| {} | {sizes} | {counts} | {} |", recipe.output, sha256(&bytes))?;
        writeln!(list, "| from {} | {} | | | | | {} |", recipe.source, text.len(), sha256(text.as_bytes()))?;
    }
    print!("{list}");
    let readme = folder.join("README.md");
    let words =
        std::fs::read_to_string(&readme).with_context(|| format!("cannot read {}", readme.display()))?;
    let (words, _) =
        words.split_once(MARK).with_context(|| format!("{} has lost its mark", readme.display()))?;
    fresh::write(&readme, format!("{words}{MARK}{list}").as_bytes())
}

impl Recipe {
    fn cook(&self, text: &str) -> Result<Earth> {
        let mut topology = Topology::parse(text)?;
        let mut is_coast = vec![false; topology.arcs.len()];
        for arc in topology.rings.iter().flatten() {
            is_coast[index(*arc)] = true;
        }
        for (nth, arc) in topology.arcs.iter_mut().enumerate() {
            let least_km2 = if is_coast[nth] { self.coast_km2 } else { self.border_km2 };
            let keep = if arc.first() == arc.last() { 5 } else { 2 };
            *arc = simplify::simplified(&unrolled(arc), least_km2, keep);
        }
        let rings = topology.rings.iter().map(|ring| self.rounded(&topology.ring(ring)));
        let coasts =
            rings.filter(|ring| ring.len() > 2 && simplify::ring_area_km2(ring) >= self.island_km2).collect();
        let borders = topology.borders.iter().filter(|arc| !is_coast[**arc]);
        let borders =
            borders.map(|arc| self.rounded(&topology.arcs[*arc])).filter(|line| line.len() > 1).collect();
        Ok(Earth { coasts: chained(coasts), borders: chained(borders) })
    }

    /// On the file's grid, without points that fall together there.
    fn rounded(&self, line: &[Node]) -> Vec<Node> {
        let scale = f64::from(self.units_per_degree);
        let round = |value: f64| (value * scale).round() / scale;
        let mut nodes: Vec<Node> = line
            .iter()
            .map(|node| Node { lon_deg: round(node.lon_deg), lat_deg: round(node.lat_deg) })
            .collect();
        nodes.dedup();
        nodes
    }
}

/// Lines in an order in which each begins near the one before, which makes the differences between them small.
fn chained(mut lines: Vec<Vec<Node>>) -> Vec<Vec<Node>> {
    let mut chain: Vec<Vec<Node>> = Vec::with_capacity(lines.len());
    let mut here = Node { lon_deg: -180.0, lat_deg: 90.0 };
    while !lines.is_empty() {
        let away = |line: &Vec<Node>| {
            (line[0].lon_deg - here.lon_deg).abs() + (line[0].lat_deg - here.lat_deg).abs()
        };
        let nearest =
            (0..lines.len()).min_by(|a, b| away(&lines[*a]).total_cmp(&away(&lines[*b]))).unwrap_or(0);
        let line = lines.swap_remove(nearest);
        here = line[0];
        chain.push(line);
    }
    chain
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// Size after brotli at its best.
fn packed(bytes: &[u8]) -> Result<usize> {
    let mut out = Vec::new();
    brotli::BrotliCompress(&mut &bytes[..], &mut out, &brotli::enc::BrotliEncoderParams::default())?;
    Ok(out.len())
}
