//! Reads the TopoJSON files of the npm package world-atlas: arcs, the rings of the land, the borders of countries.

use anyhow::{Context, Result, ensure};
use inflight_globe::earth::Node;
use serde_json::Value;

/// A file: arcs, and which of them make the land and its countries.
pub struct Topology {
    /// Lines in degrees. Rings and borders are made of whole arcs.
    pub arcs: Vec<Vec<Node>>,
    /// Rings of the land as arc numbers; a negative number is the complement of an arc that runs backwards.
    pub rings: Vec<Vec<i64>>,
    /// Arcs that two countries share.
    pub borders: Vec<usize>,
}

impl Topology {
    /// Reads a file that has the object `land` and perhaps `countries`.
    ///
    /// # Errors
    /// What is missing in the file.
    pub fn parse(text: &str) -> Result<Self> {
        let file: Value = serde_json::from_str(text).context("is not JSON")?;
        let pair = |name: &str| -> Result<[f64; 2]> {
            let pair =
                file["transform"][name].as_array().with_context(|| format!("has no transform.{name}"))?;
            let [x, y] = pair.as_slice() else { anyhow::bail!("has no pair in transform.{name}") };
            Ok([x.as_f64().unwrap_or(f64::NAN), y.as_f64().unwrap_or(f64::NAN)])
        };
        let (scale, translate) = (pair("scale")?, pair("translate")?);
        let arcs = file["arcs"].as_array().context("has no arcs")?;
        let arcs = arcs.iter().map(|arc| read_arc(arc, scale, translate)).collect::<Result<Vec<_>>>()?;
        let mut rings = Vec::new();
        collect_rings(&file["objects"]["land"], &mut rings)?;
        ensure!(!rings.is_empty(), "has no object `land`");
        let mut owners = vec![0_u32; arcs.len()];
        for country in file["objects"]["countries"]["geometries"].as_array().into_iter().flatten() {
            let mut own = Vec::new();
            collect_rings(country, &mut own)?;
            let mut numbers: Vec<usize> = own.iter().flatten().map(|arc| index(*arc)).collect();
            numbers.sort_unstable();
            numbers.dedup();
            for number in numbers {
                *owners.get_mut(number).context("names an arc that is not there")? += 1;
            }
        }
        let borders = (0..arcs.len()).filter(|arc| owners[*arc] > 1).collect();
        Ok(Self { arcs, rings, borders })
    }

    /// A ring as one line with running longitudes, from arcs that may have been simplified; its first point is not repeated.
    pub fn ring(&self, ring: &[i64]) -> Vec<Node> {
        let mut nodes: Vec<Node> = Vec::new();
        for arc in ring {
            let line = &self.arcs[index(*arc)];
            let forwards = line.iter().copied();
            if *arc < 0 {
                nodes.extend(forwards.rev().skip(1));
            } else {
                nodes.extend(forwards.skip(1));
            };
        }
        unrolled(&nodes)
    }
}

/// The number of the arc that a reference means.
pub fn index(arc: i64) -> usize {
    (if arc < 0 { !arc } else { arc }) as usize
}

/// Longitudes that run on over the antimeridian instead of jumping.
pub fn unrolled(nodes: &[Node]) -> Vec<Node> {
    let mut turn = 0.0;
    let mut last: Option<f64> = None;
    nodes
        .iter()
        .map(|node| {
            if let Some(last) = last {
                turn -= 360.0 * ((node.lon_deg - last) / 360.0).round();
            }
            last = Some(node.lon_deg);
            Node { lon_deg: node.lon_deg + turn, ..*node }
        })
        .collect()
}

fn read_arc(arc: &Value, scale: [f64; 2], translate: [f64; 2]) -> Result<Vec<Node>> {
    let (mut x, mut y) = (0.0, 0.0);
    let points = arc.as_array().context("has an arc that is no list")?;
    points
        .iter()
        .map(|point| {
            x += point[0].as_f64().context("has an arc without numbers")?;
            y += point[1].as_f64().context("has an arc without numbers")?;
            Ok(Node { lon_deg: x * scale[0] + translate[0], lat_deg: y * scale[1] + translate[1] })
        })
        .collect()
}

/// Collects the rings of a polygon, a list of polygons or a collection.
fn collect_rings(object: &Value, rings: &mut Vec<Vec<i64>>) -> Result<()> {
    let polygon = |polygon: &Value, rings: &mut Vec<Vec<i64>>| {
        for ring in polygon.as_array().into_iter().flatten() {
            rings.push(ring.as_array().into_iter().flatten().filter_map(Value::as_i64).collect());
        }
    };
    match object["type"].as_str() {
        Some("Polygon") => polygon(&object["arcs"], rings),
        Some("MultiPolygon") => {
            object["arcs"].as_array().into_iter().flatten().for_each(|one| polygon(one, rings));
        }
        Some("GeometryCollection") => {
            for one in object["geometries"].as_array().into_iter().flatten() {
                collect_rings(one, rings)?;
            }
        }
        other => ensure!(other.is_none(), "has a geometry of the unexpected type {other:?}"),
    }
    Ok(())
}
