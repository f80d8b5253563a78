//! The graph of a run as a picture: nodes with their visits, edges that were taken, the node it is in.

use crate::parts::markup::escaped;
use crate::state::agents::layout::{NODE_HEIGHT, Spot, Wire};
use crate::state::agents::run::{Opened, Trace};
use crate::text::{Locale, Term, decimal};

/// The picture, and the same in words for who cannot see it.
pub fn graph(locale: Locale, run: &Opened, trace: &Trace) -> String {
    if run.graph.nodes.is_empty() {
        return String::new();
    }
    let wires: String =
        run.graph.edges.iter().zip(&trace.edges).map(|(wire, count)| edge(wire, *count)).collect();
    let nodes = run.graph.nodes.iter().enumerate();
    let spots: String = nodes
        .map(|(place, spot)| {
            node(spot, trace.nodes.get(place).copied().unwrap_or(0), trace.here == Some(place))
        })
        .collect();
    let here =
        trace.here.and_then(|place| run.graph.nodes.get(place)).map_or("–", |spot| spot.name.as_str());
    let words = Term::GraphWords
        .of(locale)
        .replacen("{}", &run.graph.nodes.len().to_string(), 1)
        .replacen("{}", here, 1);
    let (width, height) = (tenths(run.graph.width), tenths(run.graph.height));
    [
        "<div class=\"graph\" tabindex=\"0\" role=\"group\" aria-label=\"",
        &escaped(Term::Graph.of(locale)),
        "\"><svg viewBox=\"0 0 ",
        &width,
        " ",
        &height,
        "\" style=\"max-width:",
        &width,
        "px\" role=\"img\" aria-label=\"",
        &escaped(&words),
        "\">",
        MARKS,
        &wires,
        &spots,
        "</svg></div>",
    ]
    .concat()
}

/// Heads of arrows, in the colours of edges that were taken and that were not.
const MARKS: &str = "<defs><marker id=\"arrow\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"5\" markerHeight=\"5\" orient=\"auto\">\
<path class=\"graph-head\" d=\"M0 0 8 4 0 8Z\"></path></marker><marker id=\"arrow-taken\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" \
markerWidth=\"5\" markerHeight=\"5\" orient=\"auto\"><path class=\"graph-head taken\" d=\"M0 0 8 4 0 8Z\"></path></marker></defs>";

fn edge(wire: &Wire, count: usize) -> String {
    let path = if wire.is_back { around(&wire.points) } else { down(&wire.points) };
    let (class, mark) = if count > 0 { ("graph-edge taken", "arrow-taken") } else { ("graph-edge", "arrow") };
    let label = match (count, wire.points.as_slice()) {
        (2.., [.., before, last]) => {
            let (x, y) = if wire.is_back {
                (before.0 + 4.0, (before.1 + wire.points[1].1) / 2.0)
            } else {
                ((before.0 + last.0) / 2.0 + 6.0, (before.1 + last.1) / 2.0)
            };
            [
                "<text class=\"graph-count\" x=\"",
                &tenths(x),
                "\" y=\"",
                &tenths(y),
                "\">",
                &count.to_string(),
                "\u{d7}</text>",
            ]
            .concat()
        }
        _ => String::new(),
    };
    ["<path class=\"", class, "\" d=\"", &path, "\" marker-end=\"url(#", mark, ")\"></path>", &label].concat()
}

/// A curve that leaves and arrives straight down.
fn down(points: &[(f64, f64)]) -> String {
    let mut path = String::new();
    for (place, (x, y)) in points.iter().enumerate() {
        if place == 0 {
            path = ["M", &tenths(*x), " ", &tenths(*y)].concat();
            continue;
        }
        let (from_x, from_y) = points[place - 1];
        let bend = (y - from_y) / 2.0;
        let parts = [from_x, from_y + bend, *x, y - bend, *x, *y].map(tenths);
        path.push_str(&["C", &parts.join(" ")].concat());
    }
    path
}

/// A curve that goes out to the side and comes back.
fn around(points: &[(f64, f64)]) -> String {
    let [(x0, y0), (out, _), _, (x1, y1)] = points else { return String::new() };
    // An edge to its own node leaves above the middle and comes back below it.
    let (apart, lift) =
        if (y0 - y1).abs() < 1.0 { (NODE_HEIGHT * 0.2, NODE_HEIGHT * 0.5) } else { (0.0, 0.0) };
    let parts = [*out, y0 - lift, *out, y1 + lift, *x1, y1 + apart].map(tenths);
    ["M", &tenths(*x0), " ", &tenths(y0 - apart), "C", &parts.join(" ")].concat()
}

fn node(spot: &Spot, visits: usize, is_here: bool) -> String {
    let class = match (is_here, visits) {
        (true, _) => "graph-node here",
        (false, 0) => "graph-node",
        _ => "graph-node visited",
    };
    let (left, top) = (spot.x - spot.width / 2.0, spot.y - NODE_HEIGHT / 2.0);
    let count = if visits > 1 {
        let x = tenths(spot.x + spot.width / 2.0 - 6.0);
        [
            "<text class=\"graph-count\" x=\"",
            &x,
            "\" y=\"",
            &tenths(top - 4.0),
            "\" text-anchor=\"end\">",
            &visits.to_string(),
            "\u{d7}</text>",
        ]
        .concat()
    } else {
        String::new()
    };
    [
        "<g class=\"",
        class,
        "\"><rect x=\"",
        &tenths(left),
        "\" y=\"",
        &tenths(top),
        "\" width=\"",
        &tenths(spot.width),
        "\" height=\"",
        &tenths(NODE_HEIGHT),
        "\" rx=\"6\"></rect><text x=\"",
        &tenths(spot.x),
        "\" y=\"",
        &tenths(spot.y + 4.5),
        "\" text-anchor=\"middle\">",
        &escaped(&spot.name),
        "</text>",
        &count,
        "</g>",
    ]
    .concat()
}

/// With one decimal: the picture is not finer.
fn tenths(value: f64) -> String {
    decimal((value * 10.0).round() as i64, 1)
}
