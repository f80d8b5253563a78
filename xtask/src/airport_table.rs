//! `cargo xtask airport-table FOLDER`: the airports of the detectors from OurAirports' `airports.csv` and `runways.csv`.
//!
//! OurAirports gives its data to the public domain. Large airports are in, and medium ones with scheduled flights and
//! a hard runway of 6,500 ft; Teterboro and Le Bourget besides, where most private jets of their cities land.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, ensure};

use crate::fresh;
use crate::shell::root;

const RUNWAY_FT: f64 = 6_500.0;

const BESIDES: [&str; 2] = ["KTEB", "LFPB"];

/// One airport on the grid of the table.
type Row = (u64, i64, i64, i64);

/// Writes the table.
pub fn run(arguments: &[String]) -> Result<()> {
    let [folder] = arguments else {
        anyhow::bail!("airport-table needs the folder of airports.csv and runways.csv")
    };
    let table = table(&rows(Path::new(folder))?);
    let path = root().join("app/sky/src/airports/table.bin");
    fresh::write(&path, &table)?;
    println!("{}: {} bytes", path.display(), table.len());
    Ok(())
}

fn rows(folder: &Path) -> Result<BTreeMap<String, Row>> {
    let longest = longest_runways(folder)?;
    let mut rows = BTreeMap::new();
    for airport in read(folder, "airports.csv")? {
        let get = |name: &str| airport.get(name).map_or("", String::as_str);
        let number = |name: &str| get(name).parse::<f64>().unwrap_or(0.0);
        let code =
            if get("gps_code").is_empty() { get("ident") } else { get("gps_code") }.trim().to_uppercase();
        let busy = get("type") == "medium_airport"
            && get("scheduled_service") == "yes"
            && longest.get(get("ident")).is_some_and(|length_ft| *length_ft >= RUNWAY_FT);
        let wanted = get("type") == "large_airport" || busy || BESIDES.contains(&code.as_str());
        if wanted && code.len() == 4 && code.bytes().all(|byte| byte.is_ascii_uppercase()) {
            let name = code.bytes().fold(0, |number, byte| number * 26 + u64::from(byte - b'A'));
            let degrees = |name: &str| (number(name) * 100.0).round_ties_even() as i64;
            let elevation = (number("elevation_ft") * 0.3048 / 50.0).round_ties_even() as i64;
            rows.entry(code).or_insert((name, degrees("latitude_deg"), degrees("longitude_deg"), elevation));
        }
    }
    ensure!(rows.len() > 1000, "{} airports are too few: are these OurAirports' files?", rows.len());
    Ok(rows)
}

fn longest_runways(folder: &Path) -> Result<BTreeMap<String, f64>> {
    let mut longest = BTreeMap::new();
    for runway in read(folder, "runways.csv")? {
        let get = |name: &str| runway.get(name).map_or("", String::as_str);
        let surface = get("surface").to_uppercase();
        let hard = ["ASP", "CON", "PEM", "BIT", "TAR"].iter().any(|kind| surface.contains(kind));
        if let (true, "0", Ok(length_ft)) = (hard, get("closed"), get("length_ft").parse::<f64>()) {
            let known: &mut f64 = longest.entry(get("airport_ident").to_owned()).or_default();
            *known = known.max(length_ft);
        }
    }
    Ok(longest)
}

/// The count, then the columns one after the other.
fn table(rows: &BTreeMap<String, Row>) -> Vec<u8> {
    let mut columns: [Vec<u8>; 4] = Default::default();
    let mut before: Row = (0, 0, 0, 0);
    for row in rows.values() {
        unsigned(&mut columns[0], row.0 - before.0);
        signed(&mut columns[1], row.1 - before.1);
        signed(&mut columns[2], row.2 - before.2);
        signed(&mut columns[3], row.3);
        before = *row;
    }
    let mut table = Vec::new();
    unsigned(&mut table, rows.len() as u64);
    columns.iter().for_each(|column| table.extend(column));
    table
}

fn unsigned(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn signed(out: &mut Vec<u8>, value: i64) {
    unsigned(out, ((value << 1) ^ (value >> 63)) as u64);
}

/// The records of a CSV file by the names of its header.
fn read(folder: &Path, name: &str) -> Result<Vec<BTreeMap<String, String>>> {
    let path = folder.join(name);
    let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    let mut records = records(&text).into_iter();
    let header = records.next().with_context(|| format!("{}: empty", path.display()))?;
    Ok(records.map(|record| header.iter().cloned().zip(record).collect()).collect())
}

/// Fields may stand in quotes, in which a quote is doubled and line ends are text.
fn records(text: &str) -> Vec<Vec<String>> {
    let (mut records, mut record, mut field, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let mut rest = text.chars().peekable();
    while let Some(letter) = rest.next() {
        match (letter, quoted) {
            ('"', true) if rest.peek() == Some(&'"') => field.extend(rest.next()),
            ('"', _) => quoted = !quoted,
            (',', false) => record.push(std::mem::take(&mut field)),
            ('\n', false) => {
                record.push(std::mem::take(&mut field));
                records.push(std::mem::take(&mut record));
            }
            ('\r', false) => {}
            _ => field.push(letter),
        }
    }
    if !field.is_empty() || !record.is_empty() {
        record.push(field);
        records.push(record);
    }
    records
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_fields_are_read_whole() {
        let got = records("a,\"b, \"\"c\"\"\"\r\n1,\n");
        assert_eq!(got, [vec!["a".to_owned(), "b, \"c\"".to_owned()], vec!["1".to_owned(), String::new()]]);
    }
}
