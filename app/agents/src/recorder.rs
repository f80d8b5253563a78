//! Records events that no agent deals with yet, and says so: nothing is lost, and nobody pretends.

use crate::agent::Halt;
use crate::closing::{self, Closing};
use crate::context::Context;
use crate::controller;
use crate::graph::{Graph, GraphError, NodeSpec};
use crate::locale::Locale;
use crate::typed::{NodeName, TypedAgent, TypedNext};
use crate::wording;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Its name in graphs and runs.
pub const NAME: &str = "recorder";
const CODE: &str = "no-agent-yet";

/// The recorder.
#[derive(Debug)]
pub struct Recorder {
    graph: Graph,
}

/// Its only node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Node {
    /// Writes down what came.
    Record,
}

/// It needs to know nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct State {}

impl NodeName for Node {
    const ALL: &'static [Self] = &[Self::Record];

    fn name(self) -> &'static str {
        "record"
    }
}

impl Recorder {
    /// The recorder.
    ///
    /// # Errors
    /// Its graph is not whole.
    pub fn new() -> Result<Self, GraphError> {
        Ok(Self { graph: Graph::new(NAME, "1", "record", vec![NodeSpec::new("record", &[])])? })
    }
}

impl TypedAgent for Recorder {
    type State = State;
    type Node = Node;

    fn graph(&self) -> &Graph {
        &self.graph
    }

    fn step(&self, _: Node, _: &mut State, context: &mut Context<'_>) -> Result<TypedNext<Node>, Halt> {
        let route = controller::route(context.input());
        let kind = route.kind.name();
        let values = closing::object(&json!({ "kind": kind }));
        let said = wording::word(context, (CODE, ""), &values, Locale::En)?;
        let closing = Closing {
            code: CODE.to_owned(),
            kind: kind.to_owned(),
            about: route.title,
            reasoning: format!("{} {}", said.text, route.why),
            confidence: 1.0,
            outcome: "recorded".to_owned(),
            ..Closing::default()
        };
        Ok(TypedNext::Done(closing::close(context, closing)))
    }
}
