//! Words of agents, by the business's own message model where it has one that fits.

use crate::agent::Halt;
use crate::closing;
use crate::context::Context;
use crate::locale::Locale;
use crate::models::{self, Composed};
use crate::question::Question;
use crate::spec::{Data, MessageModel};
use std::collections::BTreeMap;

/// The text of a code for a trade, and one more use of the model that wrote it.
///
/// # Errors
/// Nobody has said yet which model there is.
pub fn word(
    context: &mut Context<'_>,
    (code, trade): (&str, &str),
    values: &Data,
    locale: Locale,
) -> Result<Composed, Halt> {
    let own = own_model(context, code, trade)?;
    let composed = models::compose(own.as_ref(), code, values, locale);
    if let Some(model) = own.as_ref().filter(|_| composed.version > 0) {
        let now = context.now();
        closing::used(context, model, now);
    }
    Ok(composed)
}

/// The newest message model of the business for a code, its trade and the place of the input: specification 004's
/// `getMessageModel`. None is no failure.
fn own_model(context: &mut Context<'_>, code: &str, trade: &str) -> Result<Option<MessageModel>, Halt> {
    let place = context.input().location_id.as_deref().unwrap_or_default();
    let named = [("decisionCode", code), ("businessType", trade), ("locationContext", place)];
    let known = named.into_iter().filter(|(_, value)| !value.is_empty());
    let filters: BTreeMap<_, _> = known.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let (among, business) = ("models".to_owned(), context.input().business_id.clone());
    let question = Question::Search { among, business, query: String::new(), filters, limit: 1 };
    let Ok(answer) = context.try_ask(question)? else { return Ok(None) };
    let first =
        answer.value.and_then(|mut value| value.get_mut("rows")?.get_mut(0).map(serde_json::Value::take));
    Ok(first.and_then(|model| serde_json::from_value(model).ok()))
}
