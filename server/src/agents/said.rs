//! What people say to the agents: a message that stands in the room at once, and the run that deals with it.

use crate::agents::driver::{Alongside, Begun, DriveError};
use crate::agents::service::{Agents, SubmitError, new_run, taken_word};
use crate::clock;
use inflight_agents::projection::RowChange;
use inflight_agents::spec::{InputSource, InputType, UserMessage};
use inflight_agents::{AgentInput, EffectKey, Expected, Run, StoreError, Table};
use serde_json::{Map, json};

/// Something that a person says to the agents of a business.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Said {
    /// Who.
    pub user: String,
    /// What, and for which business.
    pub message: UserMessage,
    /// Joins what belongs together across systems.
    pub correlation: Option<String>,
}

/// Who said something, and for which place.
type Whose = (Option<String>, Option<String>);

impl Agents {
    /// Takes what a person says: it stands in the room with the run that deals with it, or neither does.
    ///
    /// # Errors
    /// It is not taken.
    pub async fn say(&self, said: Said) -> Result<(String, Begun), SubmitError> {
        let input = input_of(said);
        let id = input.id.clone();
        let done = self.told(input).await;
        self.outside().metrics.agent_input("websocket", taken_word(&done));
        Ok((id, done?))
    }

    async fn told(&self, input: AgentInput) -> Result<Begun, SubmitError> {
        self.check(&input).await?;
        let (id, run, whose) =
            (input.id.clone(), new_run(), (input.user_id.clone(), input.location_id.clone()));
        let (business, named) = (input.business_id.clone(), id.clone());
        let known = self.driver().with_store(move |store| store.input_run(&business, &named)).await;
        if let Some(known) = known.map_err(DriveError::from)? {
            self.must_be_of(&known, &id, &whose).await?;
        }
        let with = Alongside { row: Some(message_of(&input, &run)), cursor: None };
        let begun = match self.begin(&run, input, with).await {
            // A message of this identifier stands there already, perhaps an agent's, and stays as it is.
            Err(SubmitError::Drive(DriveError::Store(StoreError::Stale(_)))) => {
                return Err(SubmitError::Taken(id));
            }
            begun => begun?,
        };
        if begun.repeated {
            self.must_be_of(&begun.run, &id, &whose).await?;
        }
        Ok(begun)
    }

    /// The run that took an identifier before is of the same person and place: nobody else is to hear what it says.
    async fn must_be_of(&self, run: &str, id: &str, whose: &Whose) -> Result<(), SubmitError> {
        let named = run.to_owned();
        let events =
            self.driver().with_store(move |store| store.load(&named)).await.map_err(DriveError::from)?;
        // Whoever took it is not known any more once its run has gone; that it was taken is.
        if events.is_empty() {
            return Err(SubmitError::Taken(id.to_owned()));
        }
        let run = Run::fold(events).map_err(|broken| DriveError::Broken(broken.to_string()))?;
        let input = &run.started().input;
        let is_theirs = (&input.user_id, &input.location_id) == (&whose.0, &whose.1);
        if is_theirs { Ok(()) } else { Err(SubmitError::Taken(id.to_owned())) }
    }
}

fn input_of(said: Said) -> AgentInput {
    let UserMessage { id, business_id, location_id, content } = said.message;
    AgentInput {
        id: id.unwrap_or_else(|| format!("msg-{:011x}-{:08x}", clock::now().0, fastrand::u32(..))),
        source: InputSource::Websocket,
        user_id: Some(said.user),
        business_id,
        location_id,
        kind: InputType::UserMessage,
        content,
        timestamp: clock::now(),
        correlation_id: said.correlation,
    }
}

/// The row of the chat that stands beside the beginning of a run.
fn message_of(input: &AgentInput, run: &str) -> RowChange {
    let mut fields = Map::new();
    let text = input.content.text.clone().unwrap_or_default();
    let own = [
        ("from", json!("user")),
        ("by", json!(input.user_id)),
        ("text", json!(text)),
        ("at_ms", json!(input.timestamp.0)),
        ("run", json!(run)),
        ("location", json!(input.location_id)),
    ];
    let known = own.into_iter().filter(|(_, value)| !value.is_null());
    fields.extend(known.map(|(name, value)| (name.to_owned(), value)));
    if input.is_sensitive() {
        fields.insert("sensitive".to_owned(), true.into());
    }
    // No node is called so: the key is the run's own.
    let key = EffectKey::of(run, "said", 0, 0);
    let expects = Some(Expected::Version(0));
    RowChange { expects, ..RowChange::new(key, Table::Messages, &input.id, fields) }
}
