//! Where the nodes of a graph are drawn: in layers from top to bottom, so that edges lead down and cross seldom.

/// Height of a node and way between two layers, in the units of the picture.
pub const NODE_HEIGHT: f64 = 34.0;
const LAYER_STEP: f64 = 74.0;

/// Width of a letter, what is left beside the name, the least way between two nodes, and around all of them.
const LETTER: f64 = 7.4;
const PADDING: f64 = 30.0;
const GAP: f64 = 28.0;
const MARGIN: f64 = 16.0;

/// Width that an edge takes where it passes a layer.
const PASSAGE: f64 = 12.0;

/// How far an edge that leads back swings out to the side.
const SWING: f64 = 26.0;

/// How often layers are put in order by what they are joined to.
const SWEEPS: usize = 6;

/// A graph in its place.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Layout {
    /// In the order of the graph's nodes.
    pub nodes: Vec<Spot>,
    /// In the order of the graph's edges.
    pub edges: Vec<Wire>,
    /// Width of the picture.
    pub width: f64,
    /// Height of it.
    pub height: f64,
}

/// A node in its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Spot {
    /// Its name.
    pub name: String,
    /// Middle, from the left.
    pub x: f64,
    /// Middle, from the top.
    pub y: f64,
    /// Width.
    pub width: f64,
    /// The layer, from 0.
    pub layer: usize,
}

/// An edge in its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Wire {
    /// Number of the node that it leaves.
    pub from: usize,
    /// Number of the node that it leads to.
    pub to: usize,
    /// What it goes through.
    pub points: Vec<(f64, f64)>,
    /// Whether it leads back to what was before.
    pub is_back: bool,
}

/// Lays out a graph: names of its nodes, the first one of which is the start, and its edges by number.
#[must_use]
pub fn layout(names: &[String], edges: &[(usize, usize)]) -> Layout {
    if names.is_empty() {
        return Layout::default();
    }
    let edges: Vec<(usize, usize)> =
        edges.iter().copied().filter(|(from, to)| *from < names.len() && *to < names.len()).collect();
    let back = back_edges(names.len(), &edges);
    let layers = layers_of(names.len(), &edges, &back);
    let mut rows = Rows::new(names, &layers, &edges, &back);
    rows.put_in_order();
    rows.place();
    rows.drawn(names, &layers, &edges, &back)
}

/// Which edges close a cycle, found by going deep from the start.
fn back_edges(count: usize, edges: &[(usize, usize)]) -> Vec<bool> {
    // 0: not seen, 1: on the way, 2: done.
    let mut seen = vec![0_u8; count];
    let mut back = vec![false; edges.len()];
    for root in 0..count {
        if seen[root] != 0 {
            continue;
        }
        let mut way = vec![(root, 0_usize)];
        seen[root] = 1;
        while let Some((node, next)) = way.pop() {
            let found = edges.iter().enumerate().skip(next).find(|(_, (from, _))| *from == node);
            let Some((number, (_, to))) = found else {
                seen[node] = 2;
                continue;
            };
            way.push((node, number + 1));
            match seen[*to] {
                0 => {
                    seen[*to] = 1;
                    way.push((*to, 0));
                }
                1 => back[number] = true,
                _ => {}
            }
        }
    }
    back
}

/// The longest way from the beginning to each node, over edges that lead on.
fn layers_of(count: usize, edges: &[(usize, usize)], back: &[bool]) -> Vec<usize> {
    let mut layers = vec![0; count];
    // Edges that lead on make no cycle, so this ends after at most as many rounds as there are nodes.
    for _ in 0..count {
        let mut changed = false;
        for ((from, to), is_back) in edges.iter().zip(back) {
            if !is_back && layers[*to] < layers[*from] + 1 {
                layers[*to] = layers[*from] + 1;
                changed = true;
            }
        }
        if !changed {
            break;
        }
    }
    layers
}

/// What stands in a layer: nodes, and places at which long edges pass.
struct Rows {
    /// Numbers of items, by layer.
    rows: Vec<Vec<usize>>,
    /// Pairs of items in layers that follow each other.
    links: Vec<(usize, usize)>,
    widths: Vec<f64>,
    x: Vec<f64>,
    /// The items that each edge passes between its ends.
    passages: Vec<Vec<usize>>,
}

impl Rows {
    fn new(names: &[String], layers: &[usize], edges: &[(usize, usize)], back: &[bool]) -> Self {
        let depth = layers.iter().max().map_or(0, |deepest| deepest + 1);
        let mut widths: Vec<f64> =
            names.iter().map(|name| name.chars().count() as f64 * LETTER + PADDING).collect();
        let mut rows = vec![Vec::new(); depth];
        for (node, layer) in layers.iter().enumerate() {
            rows[*layer].push(node);
        }
        let (mut links, mut passages) = (Vec::new(), Vec::new());
        for ((from, to), is_back) in edges.iter().zip(back) {
            let mut passed = Vec::new();
            if !is_back {
                let mut last = *from;
                for row in rows.iter_mut().take(layers[*to]).skip(layers[*from] + 1) {
                    widths.push(PASSAGE);
                    let item = widths.len() - 1;
                    row.push(item);
                    links.push((last, item));
                    passed.push(item);
                    last = item;
                }
                links.push((last, *to));
            }
            passages.push(passed);
        }
        let x = vec![0.0; widths.len()];
        Self { rows, links, widths, x, passages }
    }

    /// Moves each item to the middle of what it is joined to, down and up by turns.
    fn put_in_order(&mut self) {
        for sweep in 0..SWEEPS {
            let down = sweep % 2 == 0;
            let order: Vec<usize> =
                if down { (0..self.rows.len()).collect() } else { (0..self.rows.len()).rev().collect() };
            let mut place = vec![0.0; self.widths.len()];
            for row in &self.rows {
                row.iter().enumerate().for_each(|(at, item)| place[*item] = at as f64);
            }
            for layer in order {
                let middle = |item: usize| {
                    let near = self.links.iter().filter_map(|(above, below)| match down {
                        true if *below == item => Some(place[*above]),
                        false if *above == item => Some(place[*below]),
                        _ => None,
                    });
                    let (sum, count) = near.fold((0.0, 0.0), |(sum, count), at| (sum + at, count + 1.0));
                    if count > 0.0 { sum / count } else { place[item] }
                };
                let mut keyed: Vec<(f64, usize)> =
                    self.rows[layer].iter().map(|item| (middle(*item), *item)).collect();
                insert_sorted(&mut keyed);
                self.rows[layer] = keyed.into_iter().map(|(_, item)| item).collect();
                self.rows[layer].iter().enumerate().for_each(|(at, item)| place[*item] = at as f64);
            }
        }
    }

    /// Gives each row its places: beside each other, in the middle of the picture.
    fn place(&mut self) {
        let length = |row: &Vec<usize>| {
            row.iter().map(|item| self.widths[*item]).sum::<f64>() + GAP * row.len().saturating_sub(1) as f64
        };
        let longest = self.rows.iter().map(length).fold(0.0, f64::max);
        for row in &self.rows {
            let mut left = MARGIN + SWING + (longest - length(row)) / 2.0;
            for item in row {
                self.x[*item] = left + self.widths[*item] / 2.0;
                left += self.widths[*item] + GAP;
            }
        }
    }

    fn drawn(&self, names: &[String], layers: &[usize], edges: &[(usize, usize)], back: &[bool]) -> Layout {
        let y = |layer: usize| MARGIN + NODE_HEIGHT / 2.0 + layer as f64 * LAYER_STEP;
        let half = NODE_HEIGHT / 2.0;
        let right = |item: usize| self.x[item] + self.widths[item] / 2.0;
        let mut width = (0..self.x.len()).map(right).fold(0.0, f64::max) + MARGIN + SWING;
        let mut wires = Vec::new();
        for (number, (from, to)) in edges.iter().enumerate() {
            let (above, below) = (y(layers[*from]), y(layers[*to]));
            let points = if back[number] {
                // Out to the right of all that lies between, and in again.
                let is_loop = from == to;
                let between = layers[*to]..=layers[*from];
                let widest = self.rows[between].iter().flatten().map(|item| right(*item));
                let widest = widest.fold(0.0, f64::max) + SWING * 0.7 + number as f64 % 3.0 * 5.0;
                let out = if is_loop { right(*from) + GAP * 0.8 } else { widest };
                width = width.max(out + MARGIN);
                vec![(right(*from), above), (out, above), (out, below), (right(*to), below)]
            } else {
                let passed = self.passages[number].iter().enumerate();
                let passed = passed.map(|(at, item)| (self.x[*item], y(layers[*from] + 1 + at)));
                let start = core::iter::once((self.x[*from], above + half));
                start.chain(passed).chain(core::iter::once((self.x[*to], below - half))).collect()
            };
            wires.push(Wire { from: *from, to: *to, points, is_back: back[number] });
        }
        let spot = |(node, name): (usize, &String)| Spot {
            name: name.clone(),
            x: self.x[node],
            y: y(layers[node]),
            width: self.widths[node],
            layer: layers[node],
        };
        Layout {
            nodes: names.iter().enumerate().map(spot).collect(),
            edges: wires,
            width,
            height: y(self.rows.len().saturating_sub(1)) + half + MARGIN,
        }
    }
}

/// Puts a short row in order; equal ones keep theirs.
fn insert_sorted(row: &mut [(f64, usize)]) {
    for end in 1..row.len() {
        let mut at = end;
        while at > 0 && row[at - 1].0 > row[at].0 {
            row.swap(at - 1, at);
            at -= 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn names(count: usize) -> Vec<String> {
        (0..count).map(|node| format!("node{node}")).collect()
    }

    fn crossings(layout: &Layout) -> usize {
        let spans: Vec<_> = layout.edges.iter().filter(|wire| !wire.is_back).collect();
        let mut count = 0;
        for (at, one) in spans.iter().enumerate() {
            for other in &spans[at + 1..] {
                for a in one.points.windows(2) {
                    for b in other.points.windows(2) {
                        let same_rows = a[0].1.to_bits() == b[0].1.to_bits();
                        count += usize::from(same_rows && (a[0].0 - b[0].0) * (a[1].0 - b[1].0) < 0.0);
                    }
                }
            }
        }
        count
    }

    #[test]
    fn a_diamond_stands_in_three_layers_without_a_crossing() {
        let layout = layout(&names(4), &[(0, 2), (0, 1), (1, 3), (2, 3)]);
        let layers: Vec<usize> = layout.nodes.iter().map(|node| node.layer).collect();
        assert_eq!(layers, [0, 1, 1, 2]);
        assert_eq!(crossings(&layout), 0);
        assert!((layout.nodes[0].x - layout.nodes[3].x).abs() < 1e-9);
    }

    #[test]
    fn two_ways_that_cross_are_put_in_order() {
        let layout = layout(&names(5), &[(0, 1), (0, 2), (1, 4), (2, 3)]);
        assert_eq!(crossings(&layout), 0);
    }

    #[test]
    fn cycles_lead_back_and_long_edges_pass_by() {
        let layout = layout(&names(3), &[(0, 1), (1, 2), (2, 0), (1, 1), (0, 2)]);
        let back: Vec<bool> = layout.edges.iter().map(|wire| wire.is_back).collect();
        assert_eq!(back, [false, false, true, true, false]);
        assert_eq!(layout.edges[4].points.len(), 3, "it goes around the node between");
        let passage = layout.edges[4].points[1].0;
        assert!((passage - layout.nodes[1].x).abs() > layout.nodes[1].width / 2.0);
    }

    #[test]
    fn nothing_and_what_is_not_there_are_no_trouble() {
        assert_eq!(layout(&[], &[(0, 1)]), Layout::default());
        assert!(layout(&names(1), &[(0, 7)]).edges.is_empty());
    }

    proptest! {
        #[test]
        fn edges_lead_down_and_nodes_do_not_touch(
            count in 1_usize..12,
            edges in prop::collection::vec((0_usize..12, 0_usize..12), 0..30),
        ) {
            let layout = layout(&names(count), &edges);
            for wire in layout.edges.iter().filter(|wire| !wire.is_back) {
                prop_assert!(layout.nodes[wire.from].layer < layout.nodes[wire.to].layer);
            }
            for (at, one) in layout.nodes.iter().enumerate() {
                for other in &layout.nodes[at + 1..] {
                    let apart = (one.x - other.x).abs() >= (one.width + other.width) / 2.0;
                    prop_assert!(one.layer != other.layer || apart);
                }
                prop_assert!(one.x - one.width / 2.0 >= 0.0 && one.x + one.width / 2.0 <= layout.width);
                prop_assert!(one.y + NODE_HEIGHT / 2.0 <= layout.height);
            }
        }
    }
}
