//! Graphs are checked before anything runs on them: held to a slow way of checking on random graphs.

use inflight_agents::{Graph, GraphError, NodeSpec};
use proptest::prelude::*;

const NAMES: [&str; 6] = ["n0", "n1", "n2", "n3", "n4", "n5"];

#[test]
fn what_is_wrong_is_named() {
    let node = NodeSpec::new;
    for (nodes, expected) in [
        (vec![node("a", &["b"]), node("b", &[])], None),
        (vec![node("a", &["a", "b"]).visits(3), node("b", &[])], None),
        (vec![node("a", &["b"]).visits(2).may_end(), node("b", &["a"]).visits(2)], None),
        (vec![node("a", &[]), node("a", &[])], Some("two nodes are called a")),
        (vec![node("b", &[])], Some("the start a is no node")),
        (vec![node("a", &["c"])], Some("a leads to c, which is no node")),
        (vec![node("a", &[]), node("b", &[])], Some("nothing leads from the start to b")),
        (
            vec![node("a", &["b"]).visits(2), node("b", &["a"]).visits(2)],
            Some("no way leads from a to an end"),
        ),
        (
            vec![node("a", &["a", "b"]), node("b", &[])],
            Some("a may be visited 1 times, which is too few for a node in a cycle"),
        ),
        (vec![node("a", &[]).visits(0)], Some("a may be visited 0 times, which is too few")),
    ] {
        let found = Graph::new("test", "1", "a", nodes.clone()).err().map(|error| error.to_string());
        assert_eq!(found.as_deref(), expected, "{nodes:?}");
    }
}

/// Which nodes lead to which in one step or more.
fn closure(nodes: &[NodeSpec]) -> Vec<Vec<bool>> {
    let index = |name: &str| nodes.iter().position(|node| node.name == name);
    let mut leads = vec![vec![false; nodes.len()]; nodes.len()];
    for (from, node) in nodes.iter().enumerate() {
        node.edges.iter().filter_map(|to| index(to)).for_each(|to| leads[from][to] = true);
    }
    for middle in 0..nodes.len() {
        for from in 0..nodes.len() {
            for to in 0..nodes.len() {
                leads[from][to] |= leads[from][middle] && leads[middle][to];
            }
        }
    }
    leads
}

fn nodes() -> impl Strategy<Value = Vec<NodeSpec>> {
    let node = (prop::collection::vec(0..NAMES.len(), 0..3), any::<bool>(), 0_u16..4);
    prop::collection::vec(node, 1..=NAMES.len()).prop_map(|nodes| {
        let spec = |(index, (edges, may_end, visits)): (usize, (Vec<usize>, bool, u16))| {
            let edges: Vec<&'static str> = edges.into_iter().map(|to| NAMES[to]).collect();
            let node = NodeSpec::new(NAMES[index], Vec::leak(edges)).visits(visits);
            if may_end { node.may_end() } else { node }
        };
        nodes.into_iter().enumerate().map(spec).collect()
    })
}

proptest! {
    #[test]
    fn a_graph_is_taken_exactly_when_it_is_sound(nodes in nodes()) {
        let leads = closure(&nodes);
        let is_end = |at: usize| nodes[at].may_end || nodes[at].edges.is_empty();
        let resolves = nodes.iter().all(|node| node.edges.iter().all(|to| nodes.iter().any(|one| one.name == *to)));
        let is_sound = resolves
            && (0..nodes.len()).all(|at| {
                let is_reached = at == 0 || leads[0][at];
                let ends = is_end(at) || (0..nodes.len()).any(|to| leads[at][to] && is_end(to));
                let least = if leads[at][at] { 2 } else { 1 };
                is_reached && ends && nodes[at].max_visits >= least
            });
        let graph = Graph::new("test", "1", NAMES[0], nodes);
        prop_assert_eq!(graph.is_ok(), is_sound, "{:?}", graph);
        prop_assert!(!matches!(graph, Err(GraphError::Twice(_) | GraphError::NoStart(_))));
    }
}
