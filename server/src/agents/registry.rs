//! Which agents there are, and which of them deals with what.

use inflight_agents::clerk::Clerk;
use inflight_agents::coordinator::Coordinator;
use inflight_agents::digest::Digest;
use inflight_agents::recorder::Recorder;
use inflight_agents::watcher::Watcher;
use inflight_agents::{Agent, AgentInput, GraphError, Typed, TypedAgent, controller};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The agents by name.
#[derive(Clone, Default)]
pub struct Registry(Arc<BTreeMap<&'static str, Arc<dyn Agent>>>);

impl Registry {
    /// These agents.
    #[must_use]
    pub fn new(agents: impl IntoIterator<Item = Arc<dyn Agent>>) -> Self {
        Self(Arc::new(agents.into_iter().map(|agent| (agent.graph().name(), agent)).collect()))
    }

    /// The agents of this build. One whose map is not whole is left out, which their own tests rule out.
    #[must_use]
    pub fn of_this_build() -> Self {
        let all = [one(Coordinator::new()), one(Watcher::new()), one(Digest::new()), one(Recorder::new())];
        Self::new(all.into_iter().flatten())
    }

    /// The agent that checks and measurements drive.
    #[must_use]
    pub fn of_checks() -> Self {
        Self::new(one(Clerk::new()))
    }

    /// The agent of this name.
    #[must_use]
    pub fn agent(&self, name: &str) -> Option<Arc<dyn Agent>> {
        self.0.get(name).cloned()
    }

    /// All of them, by name.
    pub fn agents(&self) -> impl Iterator<Item = &Arc<dyn Agent>> {
        self.0.values()
    }

    /// Who deals with an input, with a line for people: whom it names, or whoever deals with its kind.
    #[must_use]
    pub fn route(&self, input: &AgentInput) -> Option<(Arc<dyn Agent>, String)> {
        let route = controller::route(input);
        let named = input.content.metadata.as_ref().and_then(|about| about.get("agent")?.as_str());
        let agent = named.and_then(|name| self.agent(name)).or_else(|| self.agent(route.agent))?;
        Some((agent, route.title))
    }
}

fn one<A: TypedAgent + 'static>(agent: Result<A, GraphError>) -> Option<Arc<dyn Agent>> {
    agent.ok().map(|agent| Arc::new(Typed(agent)) as Arc<dyn Agent>)
}
