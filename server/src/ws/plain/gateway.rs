//! The gateway messages of specification 001: what each expects, which room it joins, who will answer it.

use crate::ws::plain::problem::Problem;
use inflight_domain::TopicName;
use serde_json::Value;

/// A message that is in order.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// Its row in the table.
    pub handler: &'static Handler,
    /// The room that it is about.
    pub room: TopicName,
}

/// One kind of message.
#[derive(Debug)]
pub struct Handler {
    /// Its `event`.
    pub event: &'static str,
    /// The room that its data name.
    room: fn(&Value) -> Result<Option<TopicName>, Problem>,
    /// Whether whoever sends it hears what happens in that room from then on.
    pub joins: bool,
    /// Why nobody answers yet; none where to be in the room is all that is asked for.
    pub missing: Option<&'static str>,
}

/// What is taken; later desks answer here.
pub static HANDLERS: [Handler; 6] = [
    Handler {
        event: "subscribe_load",
        room: |data| Ok(TopicName::parse(&format!("load/{}", load(data)?))),
        joins: true,
        missing: Some("the state of loads comes with the Freight desk"),
    },
    Handler {
        event: "start_matching",
        room: |data| Ok(TopicName::parse(&format!("matching/{}", load(data)?))),
        joins: true,
        missing: Some("matching comes with the Freight desk"),
    },
    Handler {
        event: "join_negotiation",
        room: negotiation,
        joins: true,
        missing: Some("negotiations come with the Freight desk, their suggestions with the Agents desk"),
    },
    Handler {
        event: "send_offer",
        room: |data| {
            let room = negotiation(data)?;
            amount(data)?;
            Ok(room)
        },
        joins: false,
        missing: Some("offers come with the Freight desk; this one reached nobody"),
    },
    Handler {
        event: "subscribe_market_data",
        room: |data| {
            let (lane, equipment) = (part(data, "lane")?, part(data, "equipmentType")?);
            Ok(TopicName::parse(&format!("market/{lane}/{equipment}")))
        },
        joins: true,
        missing: Some("rates come with the Freight desk"),
    },
    Handler {
        event: "join_business",
        room: |data| Ok(TopicName::parse(&format!("business/{}", part(data, "businessId")?))),
        joins: true,
        missing: None,
    },
];

/// What a part of a room's name may be.
const NAME: &str = "1 to 64 letters, digits or - _ . ~ : , +";

/// Finds the handler and holds the data to its form.
///
/// # Errors
/// Nobody takes such messages, or a field is not what it should be.
pub fn read(event: &Value, data: Option<&Value>) -> Result<Call, Problem> {
    let Some(handler) = HANDLERS.iter().find(|handler| Some(handler.event) == event.as_str()) else {
        let expected = format!("one of {}", HANDLERS.each_ref().map(|handler| handler.event).join(", "));
        return Err(Problem::field("event", &expected, Some(event)));
    };
    let data = data.unwrap_or(&Value::Null);
    let room = (handler.room)(data)?.ok_or_else(|| Problem::field("data", NAME, Some(data)))?;
    Ok(Call { handler, room })
}

impl PartialEq for Handler {
    fn eq(&self, other: &Self) -> bool {
        self.event == other.event
    }
}

/// The load, as text or in an object.
fn load(data: &Value) -> Result<&str, Problem> {
    if data.is_object() {
        return part(data, "loadId");
    }
    name(data).ok_or_else(|| Problem::field("data", &format!("the id of a load: {NAME}"), Some(data)))
}

fn negotiation(data: &Value) -> Result<Option<TopicName>, Problem> {
    Ok(TopicName::parse(&format!("negotiation/{}", part(data, "negotiationId")?)))
}

/// An offer is an amount above 0, as a number or as exact decimals in text.
fn amount(data: &Value) -> Result<(), Problem> {
    let amount = data.get("amount");
    let number = match amount {
        Some(Value::Number(number)) => number.as_f64(),
        Some(Value::String(text)) if text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') => {
            text.parse().ok()
        }
        _ => None,
    };
    match number {
        Some(number) if number > 0.0 && number.is_finite() => Ok(()),
        _ => Err(Problem::field("data.amount", "an amount above 0", amount)),
    }
}

fn part<'a>(data: &'a Value, field: &str) -> Result<&'a str, Problem> {
    if !data.is_object() {
        return Err(Problem::field("data", &format!("an object with {field}"), Some(data)));
    }
    let value = data.get(field);
    value.and_then(name).ok_or_else(|| Problem::field(&format!("data.{field}"), NAME, value))
}

/// Text that is one part of a room's name.
fn name(value: &Value) -> Option<&str> {
    value.as_str().filter(|text| TopicName::parse(&format!("load/{text}")).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(event: &str, data: Value, expected: Result<&str, &str>) {
        let found = read(&json!(event), Some(&data));
        let found = found
            .as_ref()
            .map(|call| call.room.as_str())
            .map_err(|problem| problem.details["field"].as_str());
        assert_eq!(found, expected.map_err(Some), "{event} {data}");
    }

    #[test]
    fn rooms_are_found() {
        check("subscribe_load", json!("L1"), Ok("load/L1"));
        check("subscribe_load", json!({"loadId": "L1"}), Ok("load/L1"));
        check("start_matching", json!("L1"), Ok("matching/L1"));
        check("join_negotiation", json!({"negotiationId": "N-7", "role": "carrier"}), Ok("negotiation/N-7"));
        check("send_offer", json!({"negotiationId": "N-7", "amount": "1850.50"}), Ok("negotiation/N-7"));
        check("send_offer", json!({"negotiationId": "N-7", "amount": 1850}), Ok("negotiation/N-7"));
        let market = json!({"lane": "DFW-ATL", "equipmentType": "van"});
        check("subscribe_market_data", market, Ok("market/DFW-ATL/van"));
        check("join_business", json!({"businessId": "carpat-air"}), Ok("business/carpat-air"));
    }

    #[test]
    fn what_is_wrong_is_named() {
        check("subscribe_load", json!(7), Err("data"));
        check("subscribe_load", json!("../x"), Err("data"));
        check("subscribe_load", json!(""), Err("data"));
        check("subscribe_load", json!({"loadId": null}), Err("data.loadId"));
        check("join_negotiation", json!("N-7"), Err("data"));
        check("join_negotiation", json!({}), Err("data.negotiationId"));
        check("subscribe_market_data", json!({"lane": "DFW-ATL"}), Err("data.equipmentType"));
        for amount in [json!(0), json!(-5), json!("ten"), json!("inf"), json!("1.2.3"), json!(null)] {
            check("send_offer", json!({"negotiationId": "N-7", "amount": amount}), Err("data.amount"));
        }
        check("dance", json!("L1"), Err("event"));
        assert!(read(&json!(5), None).is_err());
        assert!(read(&json!("subscribe_load"), None).is_err());
    }
}
