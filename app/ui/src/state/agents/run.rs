//! One run, step by step: its graph and where it went, what each step changed, what was asked and answered.

use crate::state::agents::layout::{Layout, layout};
use inflight_wire::Datum;

/// A step of a run: a node that was entered and left.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// Number of its last event.
    pub seq: i64,
    /// Its node.
    pub node: String,
    /// When it was left, in milliseconds since 1970.
    pub at_ms: Option<i64>,
    /// How long it took.
    pub took_ms: Option<i64>,
    /// What it changed.
    pub patch: Datum,
    /// Places of its events among all events.
    pub events: core::ops::Range<usize>,
}

/// An opened run: the answer of `/api/v1/agents/runs/ID`, read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Opened {
    /// The row.
    pub run: Datum,
    /// All events.
    pub events: Vec<Datum>,
    /// All steps.
    pub steps: Vec<Step>,
    /// What was done to the world.
    pub effects: Vec<Datum>,
    /// What people were asked.
    pub reviews: Vec<Datum>,
    /// The graph.
    pub graph: Layout,
    /// Whether it has to do with places that are not the person's: then only its row and what waits are told.
    pub withheld: bool,
    names: Vec<String>,
    edges: Vec<(usize, usize)>,
}

/// Where a run has been after some steps.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Trace {
    /// How often each node was entered.
    pub nodes: Vec<usize>,
    /// How often each edge was taken.
    pub edges: Vec<usize>,
    /// The node that the run is in, or was in last.
    pub here: Option<usize>,
}

impl Opened {
    /// Reads the answer.
    #[must_use]
    pub fn read(answer: &Datum) -> Self {
        let events = answer.get("events").list().to_vec();
        let (names, edges) = graph(answer.get("graph"));
        Self {
            run: answer.get("run").clone(),
            steps: steps(answer.get("states").list(), &events),
            effects: answer.get("effects").list().to_vec(),
            reviews: answer.get("reviews").list().to_vec(),
            graph: layout(&names, &edges),
            withheld: answer.is("withheld"),
            events,
            names,
            edges,
        }
    }

    /// Where the run had been after so many steps. The node that it is in now stands behind the last step.
    #[must_use]
    pub fn trace(&self, steps: usize) -> Trace {
        let place = |name: &str| self.names.iter().position(|own| own == name);
        let shown = &self.steps[..steps.min(self.steps.len())];
        let mut way: Vec<usize> = shown.iter().filter_map(|step| place(&step.node)).collect();
        let is_all = steps >= self.steps.len();
        let is_on_way = matches!(self.run.text("status"), "running" | "waiting" | "review");
        let current = place(self.run.text("node")).filter(|_| is_all && is_on_way);
        way.extend(current);
        let mut trace = Trace {
            nodes: vec![0; self.names.len()],
            edges: vec![0; self.edges.len()],
            here: way.last().copied(),
        };
        way.iter().for_each(|node| trace.nodes[*node] += 1);
        for pair in way.windows(2) {
            if let Some(edge) = self.edges.iter().position(|edge| *edge == (pair[0], pair[1])) {
                trace.edges[edge] += 1;
            }
        }
        trace
    }

    /// The number of the last event after so many steps: what the server calls that state. The first event holds the
    /// beginning.
    #[must_use]
    pub fn seq_after(&self, steps: usize) -> i64 {
        let first = self.events.first().and_then(|event| event.integer("seq")).unwrap_or(1);
        steps.checked_sub(1).and_then(|place| self.steps.get(place)).map_or(first, |step| step.seq)
    }
}

/// Names of nodes, the start first, and edges by their numbers.
fn graph(graph: &Datum) -> (Vec<String>, Vec<(usize, usize)>) {
    let nodes = graph.get("nodes").list();
    let start = graph.text("start");
    let mut names: Vec<String> = nodes.iter().map(|node| node.text("name").to_owned()).collect();
    if let Some(place) = names.iter().position(|name| name == start) {
        names[..=place].rotate_right(1);
    }
    let place = |name: &str| names.iter().position(|own| own == name);
    let mut edges = Vec::new();
    for node in nodes {
        for to in node.get("edges").list() {
            let Datum::Text(to) = to else { continue };
            edges.extend(place(node.text("name")).zip(place(to)));
        }
    }
    (names, edges)
}

fn steps(states: &[Datum], events: &[Datum]) -> Vec<Step> {
    let mut first = 0;
    let mut found = Vec::new();
    for state in states {
        let seq = state.integer("seq").unwrap_or(0);
        let end = events.partition_point(|event| event.integer("seq").unwrap_or(0) <= seq);
        // The beginning is no step: nothing was entered.
        if state.text("node").is_empty() {
            first = end.max(first);
            continue;
        }
        let range = first..end.max(first);
        let time = |place: usize| events.get(place).and_then(moment);
        let at_ms = range.end.checked_sub(1).and_then(time);
        let took_ms = at_ms.zip(time(range.start)).map(|(end, start)| (end - start).max(0));
        found.push(Step {
            seq,
            node: state.text("node").to_owned(),
            at_ms: state.integer("at_ms").or(at_ms),
            took_ms,
            patch: state.get("patch").clone(),
            events: range.clone(),
        });
        first = range.end;
    }
    found
}

/// When an event was, in milliseconds since 1970.
#[must_use]
pub fn moment(event: &Datum) -> Option<i64> {
    match event.get("at") {
        Datum::Text(text) => inflight_domain::UnixMillis::parse_rfc3339(text).map(|at| at.0),
        // Seconds with a fraction on the wire, milliseconds in rows.
        Datum::Integer(at) if *at > 100_000_000_000 => Some(*at),
        _ => event.time("at").map(|at| at.0).or_else(|| event.integer("at_ms")),
    }
}

/// The name of what an event is, and what it holds.
#[must_use]
pub fn kind_of(event: &Datum) -> (&str, &Datum) {
    let kind = event.get("kind");
    match kind {
        Datum::Text(name) => (name, event),
        Datum::Map(members) => match (kind.text("type"), members.as_slice()) {
            ("", [(name, body)]) => (name, body),
            (name, _) => (name, kind),
        },
        _ => (event.text("type"), event),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::agents::parse::parse;

    const RUN: &str = r#"{
        "run": {"id": "r", "status": "review", "node": "approve"},
        "graph": {"start": "read", "nodes": [
            {"name": "answer", "edges": []},
            {"name": "read", "edges": ["think"]},
            {"name": "think", "edges": ["think", "approve", "answer"]},
            {"name": "approve", "edges": ["answer", "think"]}
        ]},
        "events": [
            {"seq": 1, "at": 1700000000.0, "kind": {"started": {"agent": "a"}}},
            {"seq": 2, "at": 1700000000.1, "kind": {"entered": {"node": "read", "visit": 1}}},
            {"seq": 3, "at": 1700000000.3, "kind": {"left": {"node": "read"}}},
            {"seq": 4, "at": 1700000001.0, "kind": "entered", "node": "think"},
            {"seq": 5, "at": 1700000002.5, "kind": {"type": "left", "node": "think"}},
            {"seq": 6, "at": 1700000003.0, "kind": {"left": {"node": "think"}}}
        ],
        "states": [
            {"seq": 3, "node": "read", "patch": {"a": 1}},
            {"seq": 5, "node": "think", "patch": {}},
            {"seq": 6, "node": "think", "patch": {"b": 2}}
        ]
    }"#;

    fn opened() -> Opened {
        Opened::read(&parse(RUN).unwrap())
    }

    #[test]
    fn a_run_that_is_told_in_part_says_so() {
        for (answer, withheld) in [(r#"{"withheld": true, "events": []}"#, true), (RUN, false)] {
            assert_eq!(Opened::read(&parse(answer).unwrap()).withheld, withheld);
        }
    }

    #[test]
    fn steps_have_their_events_and_times() {
        let run = opened();
        let told: Vec<_> = run
            .steps
            .iter()
            .map(|step| (step.seq, step.node.as_str(), step.events.clone(), step.took_ms))
            .collect();
        assert_eq!(
            told,
            [(3, "read", 0..3, Some(300)), (5, "think", 3..5, Some(1500)), (6, "think", 5..6, Some(0))]
        );
        assert_eq!([0, 1, 3, 9].map(|steps| run.seq_after(steps)), [1, 3, 6, 1]);
    }

    #[test]
    fn the_way_through_the_graph_is_counted_and_the_node_it_is_in_is_lit() {
        let run = opened();
        assert_eq!(run.names, ["read", "answer", "think", "approve"]);
        let trace = run.trace(3);
        assert_eq!(trace.nodes, [1, 0, 2, 1]);
        assert_eq!(trace.here, Some(3));
        let taken: Vec<_> = run.edges.iter().zip(&trace.edges).filter(|(_, count)| **count > 0).collect();
        assert_eq!(taken, [(&(0, 2), &1), (&(2, 2), &1), (&(2, 3), &1)]);
        let trace = run.trace(1);
        assert_eq!((trace.nodes, trace.here), (vec![1, 0, 0, 0], Some(0)));
        assert_eq!(run.trace(0).here, None);
    }

    #[test]
    fn events_tell_what_they_are_in_any_form() {
        let run = opened();
        let names: Vec<&str> = run.events.iter().map(|event| kind_of(event).0).collect();
        assert_eq!(names, ["started", "entered", "left", "entered", "left", "left"]);
        assert_eq!(kind_of(&run.events[1]).1.text("node"), "read");
        assert_eq!(moment(&run.events[0]), Some(1_700_000_000_000));
        assert_eq!(moment(&parse(r#"{"at":"2023-11-14T22:13:20Z"}"#).unwrap()), Some(1_700_000_000_000));
        assert_eq!(moment(&parse(r#"{"at":1700000000000}"#).unwrap()), Some(1_700_000_000_000));
    }
}
