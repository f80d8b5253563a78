//! How every agent ends: the decision is stored for the search of similar ones, and becomes the output of the run.

use crate::context::Context;
use crate::effect::Effect;
use crate::ports::Service;
use crate::spec::{
    AgentAction, AgentOutput, AgentResponse, Data, DecisionModel, InputSource, InputType, MessageModel,
    ResponseContent, ResponseTarget,
};
use crate::store::Table;
use inflight_domain::UnixMillis;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Target of effects that store a decision with the service that looks decisions up.
pub const STORE_DECISION: &str = "rag/decisions";

/// Target of effects that count a use of a message model with the service that has them.
pub const UPDATE_MODEL_USAGE: &str = "rag/usage";

/// What was decided, before it is stored.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Closing {
    /// What, and key of its message model.
    pub code: String,
    /// The family of the code.
    pub kind: String,
    /// What it was about, in words that people search with.
    pub about: String,
    /// Why.
    pub reasoning: String,
    /// How sure, 0 to 1.
    pub confidence: f64,
    /// What came of it.
    pub outcome: String,
    /// Trade of the business.
    pub business_type: String,
    /// What was done.
    pub actions: Vec<AgentAction>,
    /// What was said.
    pub responses: Vec<AgentResponse>,
    /// Whether a person was or is to be asked.
    pub review: bool,
    /// About it.
    pub metadata: Data,
    /// Milliseconds of work.
    pub took_ms: u64,
}

/// Something that an answer rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Citation {
    /// `resource`, `case`, `decision`, `model`, `aircraft`, `schedule`, `review`.
    pub kind: String,
    /// Its id.
    pub id: String,
    /// Its name.
    pub title: String,
}

/// What an agent looked up or did, for people who watch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StepNote {
    /// What.
    pub name: String,
    /// `ok` or `failed`.
    pub status: String,
    /// More about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// How long it took, milliseconds.
    pub took_ms: u64,
}

/// A message in the room of the business.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Told {
    /// The words.
    pub text: String,
    /// What they rest on.
    pub citations: Vec<Citation>,
    /// How they came about.
    pub steps: Vec<StepNote>,
    /// To whom; everybody of the business if nobody is named.
    pub recipient: Option<String>,
}

/// Stores the decision and makes the output of it.
pub fn close(context: &mut Context<'_>, closing: Closing) -> Box<AgentOutput> {
    let now = context.now();
    let input = context.input();
    let decision = DecisionModel {
        id: format!("decision-{}", context.run()),
        business_id: input.business_id.clone(),
        decision_code: closing.code.clone(),
        decision_type: closing.kind.clone(),
        context: closing.about,
        reasoning: closing.reasoning.clone(),
        confidence: closing.confidence,
        outcome: closing.outcome,
        business_type: closing.business_type,
        location_id: input.location_id.clone(),
        created_at: now,
        metadata: None,
    };
    if context.is_elsewhere(Service::Rag.name()) {
        context.effect(Effect::call(STORE_DECISION, object(&decision)));
    }
    let mut fields = object(&decision);
    fields.insert("run".to_owned(), context.run().into());
    context.effect(Effect::row(Table::Decisions, &decision.id, fields));
    Box::new(AgentOutput {
        id: decision.id,
        input_id: input.id.clone(),
        decision_code: closing.code,
        decision_type: closing.kind,
        confidence: closing.confidence,
        reasoning: closing.reasoning,
        actions: closing.actions,
        responses: closing.responses,
        requires_human_review: closing.review,
        processing_time: closing.took_ms,
        metadata: Some(closing.metadata).filter(|metadata| !metadata.is_empty()),
    })
}

/// Says something in the room of the business, as a row of its chat and as the response of the output:
/// specification 004's `sendResponse`, and `broadcastToBusiness` where nobody is named.
pub fn tell(context: &mut Context<'_>, told: Told) -> AgentResponse {
    let (id, now) = (context.id("msg-"), context.now());
    let input = context.input();
    let mut row = json!({
        "at_ms": now.0, "from": "agent", "text": told.text, "run": context.run(),
        "citations": told.citations, "steps": told.steps,
    });
    if let Some(location) = &input.location_id {
        row["location"] = json!(location);
    }
    if let Some(recipient) = &told.recipient {
        row["to"] = json!(recipient);
    }
    context.effect(Effect::row(Table::Messages, &id, object(&row)));
    let target = match (input.source, input.kind, &told.recipient) {
        (InputSource::ExternalApi, InputType::ApiRequest, _) => ResponseTarget::Api,
        (_, _, Some(_)) => ResponseTarget::Websocket,
        (_, _, None) => ResponseTarget::Notification,
    };
    AgentResponse {
        id,
        target,
        recipient: told.recipient.unwrap_or_else(|| format!("business/{}", input.business_id)),
        content: ResponseContent { text: Some(told.text), data: None, template: None },
        timestamp: now,
    }
}

/// One more use of a message model: specification 004's `updateModelUsage`, where the model is kept.
pub fn used(context: &mut Context<'_>, model: &MessageModel, now: UnixMillis) {
    if context.is_elsewhere(Service::Rag.name()) {
        let business = &context.input().business_id;
        let use_of = json!({"businessId": business, "decisionCode": model.decision_code});
        context.effect(Effect::call(UPDATE_MODEL_USAGE, object(&use_of)));
        return;
    }
    let id = model_id(&model.decision_code, model.version);
    let mut effect = Effect::row(Table::Models, &id, object(&json!({"lastUsed_ms": now.0})));
    // Others may use it at the same moment, so that it is counted where it is written.
    effect.adds.insert("usageCount".to_owned(), 1);
    context.effect(effect);
}

/// The id of a version of a message model in its table.
#[must_use]
pub fn model_id(code: &str, version: u32) -> String {
    format!("{code}/{version}")
}

/// The members of what is an object.
#[must_use]
pub fn object(value: &impl Serialize) -> Data {
    match serde_json::to_value(value) {
        Ok(Value::Object(members)) => members,
        _ => Data::new(),
    }
}
