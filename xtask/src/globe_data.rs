//! `cargo xtask globe-data PATH`: the outlines of `public/globe/` and `public/globe-detail/` from the files of the npm
//! package world-atlas, unpacked at PATH.

mod airports;
pub mod simplify;
mod topology;

use std::fmt::Write;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use inflight_globe::Earth;
use inflight_globe::detail::Cell;
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
        coast_km2: 27.0,
        border_km2: 60.0,
        island_km2: 4.0,
    },
];

/// The cells of twenty degrees that are fetched when the camera is near.
const DETAIL: Recipe = Recipe {
    source: "countries-10m.json",
    output: "*.bin",
    units_per_degree: 500,
    coast_km2: 0.25,
    border_km2: 0.5,
    island_km2: 0.1,
};

/// Writes the files and the list in the README beside them.
///
/// # Errors
/// When a source file cannot be read or is not what it should be, or an output cannot be written.
pub fn run(arguments: &[String]) -> Result<()> {
    if let [flag, path] = arguments
        && flag == "--airports"
    {
        return airports::run(Path::new(path));
    }
    let [path] = arguments else {
        anyhow::bail!("expected one argument: where the npm package world-atlas is unpacked")
    };
    let package = Path::new(path);
    let folder = root().join("public/globe");
    let mut list = String::from(
        "| file | bytes | brotli | coasts | borders | points | sha256 |\n|---|---|---|---|---|---|---|\n",
    );
    let mut near = Earth::default();
    for recipe in &RECIPES {
        let (earth, source) = recipe.cook_from(package)?;
        let bytes = recipe.encoded(&earth)?;
        fresh::write(&folder.join(recipe.output), &bytes)?;
        let sizes = format!("{} | {}", bytes.len(), packed(&bytes)?);
        writeln!(list, "| {} | {sizes} | {} | {} |", recipe.output, counts(&earth), sha256(&bytes))?;
        writeln!(list, "{source}")?;
        near = earth;
    }
    list.push_str(&write_details(package, &near)?);
    print!("{list}");
    let readme = folder.join("README.md");
    let words =
        std::fs::read_to_string(&readme).with_context(|| format!("cannot read {}", readme.display()))?;
    let (words, _) =
        words.split_once(MARK).with_context(|| format!("{} has lost its mark", readme.display()))?;
    fresh::write(&readme, format!("{words}{MARK}{list}").as_bytes())
}

/// Writes a file for each cell that has a coast in the outlines for the near view; returns their lines of the list.
fn write_details(package: &Path, near: &Earth) -> Result<String> {
    let folder = root().join("public/globe-detail");
    let (earth, source) = DETAIL.cook_from(package)?;
    let cells = Cell::with_coasts(near);
    let (mut bytes, mut brotli, mut largest, mut all) = (0, 0, 0, Vec::new());
    for cell in &cells {
        let cut = cell.cut(&earth);
        let tidy = |lines: Vec<Vec<Node>>, least: usize| {
            let lines = lines.iter().map(|line| DETAIL.rounded(line)).filter(|line| line.len() >= least);
            chained(lines.collect())
        };
        let cut = Earth { coasts: tidy(cut.coasts, 3), borders: tidy(cut.borders, 2) };
        let file = DETAIL.encoded(&cut)?;
        fresh::write(&folder.join(cell.file_name()), &file)?;
        let small = packed(&file)?;
        (bytes, brotli, largest) = (bytes + file.len(), brotli + small, small.max(largest));
        all.extend(file);
    }
    let sizes = format!("{bytes} | {brotli}, at most {largest} each");
    let sum = sha256(&all);
    let files = cells.len();
    Ok(format!(
        "| {files} files in ../globe-detail | {sizes} | {} | {sum} (all in order) |\n{source}\n",
        counts(&earth)
    ))
}

fn counts(earth: &Earth) -> String {
    let points: usize = earth.coasts.iter().chain(&earth.borders).map(Vec::len).sum();
    format!("{} | {} | {points}", earth.coasts.len(), earth.borders.len())
}

impl Recipe {
    /// The outlines, and the source's line of the list.
    fn cook_from(&self, package: &Path) -> Result<(Earth, String)> {
        let source = package.join(self.source);
        let text =
            std::fs::read_to_string(&source).with_context(|| format!("cannot read {}", source.display()))?;
        let earth = self.cook(&text).with_context(|| source.display().to_string())?;
        Ok((
            earth,
            format!("| from {} | {} | | | | | {} |", self.source, text.len(), sha256(text.as_bytes())),
        ))
    }

    fn encoded(&self, earth: &Earth) -> Result<Vec<u8>> {
        let bytes = earth.encode(self.units_per_degree);
        ensure!(Earth::decode(&bytes).is_ok(), "{} does not read back", self.output);
        Ok(bytes)
    }

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
