//! Which agents there are, and which of them deals with what.

use inflight_agents::clerk::Clerk;
use inflight_agents::coordinator::Coordinator;
use inflight_agents::digest::Digest;
use inflight_agents::recorder::Recorder;
use inflight_agents::spec::{InputSource, is_ours};
use inflight_agents::watcher::Watcher;
use inflight_agents::{Agent, AgentInput, GraphError, Typed, TypedAgent, controller, coordinator, digest};
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The agents by name.
#[derive(Clone, Default)]
pub struct Registry(Arc<BTreeMap<&'static str, Arc<dyn Agent>>>);

/// What an agent takes from a schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Takes {
    /// That it is time.
    Moment,
    /// What it is to do, in words.
    Words,
}

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

    /// What an agent takes from a schedule; none where it does nothing with one.
    #[must_use]
    pub fn takes(&self, name: &str) -> Option<Takes> {
        self.agent(name)?;
        match name {
            coordinator::NAME => Some(Takes::Words),
            digest::NAME => Some(Takes::Moment),
            _ => None,
        }
    }

    /// Who deals with an input, with a line for people: whoever deals with its kind, or whom one of ours names. What
    /// comes from outside chooses nobody.
    #[must_use]
    pub fn route(&self, input: &AgentInput) -> Option<(Arc<dyn Agent>, String)> {
        let route = controller::route(input);
        let ours = input.source == InputSource::Cron || is_ours(&input.id);
        let about = input.content.metadata.as_ref().filter(|_| ours);
        let named = about.and_then(|about| about.get("agent")?.as_str());
        let agent = named.and_then(|name| self.agent(name)).or_else(|| self.agent(route.agent))?;
        Some((agent, route.title))
    }
}

fn one<A: TypedAgent + 'static>(agent: Result<A, GraphError>) -> Option<Arc<dyn Agent>> {
    agent.ok().map(|agent| Arc::new(Typed(agent)) as Arc<dyn Agent>)
}

#[cfg(test)]
mod tests {
    use super::*;
    use inflight_agents::spec::{InputContent, InputType};
    use serde_json::json;

    fn check(id: &str, source: InputSource, kind: InputType, named: &str, expected: &str) {
        let metadata = json!({"agent": named}).as_object().cloned();
        let content = InputContent { text: Some("help".to_owned()), data: None, metadata };
        let input = AgentInput { id: id.to_owned(), source, kind, content, ..AgentInput::default() };
        let (agent, _) = Registry::of_this_build().route(&input).unwrap();
        assert_eq!(agent.graph().name(), expected, "{id} {named}");
    }

    #[test]
    fn schedules_are_for_agents_that_do_something_with_them() {
        let registry = Registry::of_this_build();
        let takes =
            ["coordinator", "digest", "watcher", "recorder", "nobody"].map(|name| registry.takes(name));
        assert_eq!(takes, [Some(Takes::Words), Some(Takes::Moment), None, None, None]);
        assert_eq!(Registry::default().takes("digest"), None);
    }

    #[test]
    fn only_our_own_inputs_choose_their_agent() {
        use InputSource::{Cron, ExternalApi, Websocket};
        check("m1", Websocket, InputType::UserMessage, "digest", "coordinator");
        check("w1", ExternalApi, InputType::Webhook, "watcher", "recorder");
        check("sky-a-holding-1", ExternalApi, InputType::Webhook, "watcher", "watcher");
        check("cron-a-at-1", Cron, InputType::ScheduledTask, "recorder", "recorder");
        check("cron-a-at-1", Cron, InputType::ScheduledTask, "clerk", "digest");
        assert!(Registry::of_this_build().agent("clerk").is_none());
    }
}
