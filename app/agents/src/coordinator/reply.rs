//! Says what came of a message, by the business's own message model where it has one, and closes the run.

use crate::agent::Halt;
use crate::closing::{self, Closing, Told};
use crate::context::Context;
use crate::coordinator::{Node, State, act, took_ms};
use crate::spec::Data;
use crate::typed::TypedNext;
use crate::wording;
use serde_json::Value;

pub(super) fn reply(state: &mut State, context: &mut Context<'_>) -> Result<TypedNext<Node>, Halt> {
    act::settled(state, context)?;
    let code = state.reply.code.clone();
    let about = (code.as_str(), state.business_type.as_str());
    let composed = wording::word(context, about, &state.reply.values, state.locale())?;
    for piece in composed.text.split_inclusive('\n') {
        context.say(piece);
    }
    let now = context.now();
    // Who decided is told too that it came to nothing; it need not be who asked.
    let recipient = context.input().user_id.clone().filter(|_| state.outcome != "stale");
    let told = Told {
        text: composed.text.clone(),
        citations: state.citations.clone(),
        steps: state.steps.clone(),
        recipient,
    };
    let mut response = closing::tell(context, told);
    response.content.template = Some(code.clone());
    let mut metadata = Data::new();
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            metadata.insert(name.to_owned(), value);
        }
    };
    put("modelVersion", Some(composed.version.into()).filter(|_| composed.version > 0));
    put("modelNote", composed.note.map(Value::from));
    put("degraded", state.degraded.clone().map(Value::from));
    put("intent", serde_json::to_value(state.understood.intent).ok());
    let failed = code == "assistant-unreachable";
    let outcome = match state.outcome.as_str() {
        "" if failed => "failed",
        "" => "answered",
        outcome => outcome,
    };
    let closing = Closing {
        code,
        kind: "assistant".to_owned(),
        about: context.input().content.text.clone().unwrap_or_default(),
        reasoning: state.understood.reasoning.clone(),
        confidence: state.understood.confidence,
        outcome: outcome.to_owned(),
        business_type: state.business_type.clone(),
        actions: state.actions.clone(),
        responses: vec![response],
        review: state.reviewed,
        metadata,
        took_ms: took_ms(state, now),
    };
    Ok(TypedNext::Done(closing::close(context, closing)))
}
