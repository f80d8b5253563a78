//! The map of an agent: which node may follow which, checked before anything runs on it.

use std::collections::BTreeSet;
use thiserror::Error;

/// One node of a graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NodeSpec {
    /// Its name, unique in the graph.
    pub name: &'static str,
    /// Nodes that may follow. A node without any ends the run; one with some may end it too if `may_end`.
    pub edges: &'static [&'static str],
    /// Whether the run may end here although other nodes may follow.
    pub may_end: bool,
    /// How often a run may enter it.
    pub max_visits: u16,
}

impl NodeSpec {
    /// A node that is entered once.
    #[must_use]
    pub const fn new(name: &'static str, edges: &'static [&'static str]) -> Self {
        Self { name, edges, may_end: edges.is_empty(), max_visits: 1 }
    }

    /// The same, entered at most so often.
    #[must_use]
    pub const fn visits(self, max_visits: u16) -> Self {
        Self { max_visits, ..self }
    }

    /// The same, where the run may end although other nodes may follow.
    #[must_use]
    pub const fn may_end(self) -> Self {
        Self { may_end: true, ..self }
    }
}

/// A graph that passed [`Graph::new`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Graph {
    name: &'static str,
    version: &'static str,
    start: &'static str,
    nodes: Vec<NodeSpec>,
}

/// What is wrong with a graph, and where.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum GraphError {
    /// Nothing of this name.
    #[error("the start {0} is no node")]
    NoStart(&'static str),
    /// Two of one name.
    #[error("two nodes are called {0}")]
    Twice(&'static str),
    /// An edge into nowhere.
    #[error("{from} leads to {to}, which is no node")]
    NoSuchNode {
        /// The node with the edge.
        from: &'static str,
        /// What it names.
        to: &'static str,
    },
    /// A run never comes there.
    #[error("nothing leads from the start to {0}")]
    Unreachable(&'static str),
    /// A run never ends from there.
    #[error("no way leads from {0} to an end")]
    NoEnd(&'static str),
    /// It could never be entered, or a cycle would stop a run at once.
    #[error("{node} may be visited {max_visits} times, which is too few{}", if *.in_cycle { " for a node in a cycle" } else { "" })]
    Visits {
        /// The node.
        node: &'static str,
        /// Its limit.
        max_visits: u16,
        /// Whether it can come again.
        in_cycle: bool,
    },
}

impl Graph {
    /// Checks a graph: edges resolve, every node is reached from the start and has a way to an end, and every
    /// node of a cycle may be visited at least twice.
    ///
    /// # Errors
    /// The first thing that is wrong, in the order of the nodes.
    pub fn new(
        name: &'static str,
        version: &'static str,
        start: &'static str,
        nodes: Vec<NodeSpec>,
    ) -> Result<Self, GraphError> {
        let graph = Self { name, version, start, nodes };
        graph.check()?;
        Ok(graph)
    }

    /// The agent's name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The version of its code; another one may decide otherwise on the same records.
    #[must_use]
    pub fn version(&self) -> &'static str {
        self.version
    }

    /// Where runs begin.
    #[must_use]
    pub fn start(&self) -> &'static str {
        self.start
    }

    /// All nodes in the order in which they were given.
    #[must_use]
    pub fn nodes(&self) -> &[NodeSpec] {
        &self.nodes
    }

    /// The node of this name.
    #[must_use]
    pub fn node(&self, name: &str) -> Option<&NodeSpec> {
        self.nodes.iter().find(|node| node.name == name)
    }

    fn check(&self) -> Result<(), GraphError> {
        let mut names = BTreeSet::new();
        if let Some(node) = self.nodes.iter().find(|node| !names.insert(node.name)) {
            return Err(GraphError::Twice(node.name));
        }
        if !names.contains(self.start) {
            return Err(GraphError::NoStart(self.start));
        }
        for node in &self.nodes {
            if let Some(to) = node.edges.iter().find(|to| !names.contains(*to)) {
                return Err(GraphError::NoSuchNode { from: node.name, to });
            }
        }
        let reached = self.reached_from(self.start);
        for node in &self.nodes {
            if node.name != self.start && !reached.contains(node.name) {
                return Err(GraphError::Unreachable(node.name));
            }
            let onward = self.reached_from(node.name);
            let ends = |name: &str| self.node(name).is_some_and(|node| node.may_end || node.edges.is_empty());
            if !ends(node.name) && !onward.iter().any(|name| ends(name)) {
                return Err(GraphError::NoEnd(node.name));
            }
            let in_cycle = onward.contains(node.name);
            if node.max_visits < if in_cycle { 2 } else { 1 } {
                return Err(GraphError::Visits { node: node.name, max_visits: node.max_visits, in_cycle });
            }
        }
        Ok(())
    }

    /// Nodes that at least one edge leads to from here.
    fn reached_from(&self, from: &'static str) -> BTreeSet<&'static str> {
        let mut reached = BTreeSet::new();
        let mut waiting = vec![from];
        while let Some(next) = waiting.pop() {
            let edges = self.node(next).map_or(&[][..], |node| node.edges);
            waiting.extend(edges.iter().filter(|to| reached.insert(**to)));
        }
        reached
    }
}
