//! What a business lays down for its agents: held to when it is written, and made the policy and the budget of a run.

use crate::budget::Budget;
use crate::locale::Locale;
use crate::policy::Policy;
use crate::rules::{Compare, Condition};
use crate::spec::{BusinessInfo, BusinessSettings, Data, FieldError, RunBudget, is_id};
use crate::stream::TOPICS;

use serde_json::Value;

const SETTINGS: [&str; 7] =
    ["locale", "timeZone", "confidenceMin", "amountMax", "fleet", "streams", "budget"];
const BUDGET: [&str; 5] = ["tokens", "costDollars", "steps", "timeSeconds", "onCrossing"];
const ROLES: [&str; 4] = ["viewer", "coordinator", "trader", "admin"];

/// Reads a business as somebody writes it. What nothing here would obey is refused.
///
/// # Errors
/// The first field that is wrong.
pub fn read(row: &Value) -> Result<BusinessInfo, FieldError> {
    let settings = row.get("settings");
    only(settings, &SETTINGS, "settings")?;
    only(settings.and_then(|settings| settings.get("budget")), &BUDGET, "settings.budget")?;
    only(row.get("permissions"), &["users"], "permissions")?;
    let users = row.get("permissions").and_then(|permissions| permissions.get("users"));
    for (user, own) in users.and_then(Value::as_object).into_iter().flatten() {
        only(Some(own), &["roles", "locations"], &["permissions.users.", user].concat())?;
    }
    let info: BusinessInfo = serde_json::from_value(row.clone())
        .map_err(|error| wrong("body", "a BusinessInfo", &error.to_string()))?;
    check_settings(&info.settings)?;
    if let Some(location) = info.locations.iter().find(|location| !is_id(&location.location_id)) {
        let expected = "1 to 128 letters, digits or ._:-/";
        return Err(wrong("locations.locationId", expected, &location.location_id));
    }
    for (user, own) in &info.permissions.users {
        let way = ["permissions.users.", user].concat();
        if let Some(role) = own.roles.iter().find(|role| !ROLES.contains(&role.as_str())) {
            return Err(wrong(&[&way, ".roles"].concat(), &["one of ", &ROLES.join(", ")].concat(), role));
        }
        if let Some(place) = own.locations.iter().find(|place| info.location(place).is_none()) {
            return Err(wrong(&[&way, ".locations"].concat(), "places of this business", place));
        }
    }
    Ok(info)
}

/// The policy of an agent within the limits of a business: what would happen by itself is asked about below its
/// confidence and from its amount on.
#[must_use]
pub fn policy(own: Policy, settings: &BusinessSettings) -> Policy {
    let confidence = settings
        .confidence_min
        .map(|min| ("less sure than this business wants", Condition::new("confidence", Compare::Below, min)));
    let amount = settings
        .amount_max
        .map(|max| ("an amount that people decide here", Condition::new("amount", Compare::AtLeast, max)));
    let limits: Vec<(&str, Condition)> = confidence.into_iter().chain(amount).collect();
    own.within(&limits)
}

/// The budget of a run where a business says otherwise.
#[must_use]
pub fn budget(usual: Budget, own: Option<&RunBudget>) -> Budget {
    let Some(own) = own else { return usual };
    Budget {
        tokens_max: own.tokens.unwrap_or(usual.tokens_max),
        cost_max_microusd: own.cost_dollars.map_or(usual.cost_max_microusd, |dollars| whole(dollars * 1e6)),
        steps_max: own.steps.unwrap_or(usual.steps_max),
        time_max_ms: own.time_seconds.map_or(usual.time_max_ms, |seconds| whole(seconds * 1e3)),
        on_crossing: own.on_crossing.unwrap_or(usual.on_crossing),
        ..usual
    }
}

fn check_settings(settings: &BusinessSettings) -> Result<(), FieldError> {
    if let Some(locale) = settings.locale.as_deref().filter(|locale| Locale::parse(locale).is_none()) {
        return Err(wrong("settings.locale", "en or ro", locale));
    }
    let streams = settings.streams.iter().flatten();
    if let Some(stream) = streams.into_iter().find(|stream| !TOPICS.contains(&stream.as_str())) {
        return Err(wrong("settings.streams", &["only ", &TOPICS.join(", ")].concat(), stream));
    }
    let budget = settings.budget.clone().unwrap_or_default();
    let count = |count: Option<u64>| count.map(|count| count as f64);
    for (field, number, most, expected) in [
        ("settings.confidenceMin", settings.confidence_min, 1.0, "a number from 0 to 1"),
        ("settings.amountMax", settings.amount_max, 1e15, "an amount from 0 on"),
        ("settings.budget.tokens", count(budget.tokens), 1e9, "tokens, at most 1000000000"),
        ("settings.budget.costDollars", budget.cost_dollars, 1e6, "dollars from 0 to 1000000"),
        ("settings.budget.steps", count(budget.steps.map(u64::from)), 1e5, "nodes, at most 100000"),
        ("settings.budget.timeSeconds", budget.time_seconds, 1e6, "seconds from 0 to 1000000"),
    ] {
        if let Some(number) = number.filter(|number| !(0.0..=most).contains(number)) {
            return Err(wrong(field, expected, &number.to_string()));
        }
    }
    Ok(())
}

fn only(object: Option<&Value>, known: &[&str], way: &str) -> Result<(), FieldError> {
    let empty = Data::new();
    let object = object.and_then(Value::as_object).unwrap_or(&empty);
    let Some(name) = object.keys().find(|name| !known.contains(&name.as_str())) else { return Ok(()) };
    let expected = ["only ", &known.join(", "), ", which agents here go by"].concat();
    Err(wrong(&[way, ".", name].concat(), &expected, "this"))
}

fn wrong(field: &str, expected: &str, found: &str) -> FieldError {
    let found = found.chars().take(200).collect();
    FieldError { field: field.to_owned(), expected: expected.to_owned(), found }
}

fn whole(number: f64) -> u64 {
    number.round() as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::approval::{ApprovalRequest, Role};
    use crate::budget::OnCrossing;
    use crate::policy::{PolicyOutcome, PolicyRule};
    use serde_json::json;

    fn business(settings: &Value, permissions: &Value) -> Value {
        json!({
            "businessId": "b1", "name": "B", "type": "airline", "settings": settings, "permissions": permissions,
            "locations": [{"locationId": "EWR", "name": "Newark"}],
        })
    }

    fn check(settings: Value, permissions: Value, expected: &str) {
        let read = read(&business(&settings, &permissions));
        let found = read.map_or_else(|error| error.to_string(), |_| "taken".to_owned());
        assert_eq!(found, expected, "{settings} {permissions}");
    }

    #[test]
    fn what_nothing_obeys_is_refused() {
        let all = json!({"locale": "ro", "timeZone": "Europe/Bucharest", "confidenceMin": 0.9, "amountMax": 500,
            "fleet": ["TVR"], "streams": ["signal"], "budget": {"tokens": 9, "costDollars": 0.1, "steps": 9, "timeSeconds": 2, "onCrossing": "ask"}});
        check(all, json!({"users": {"ana": {"roles": ["coordinator"], "locations": ["EWR"]}}}), "taken");
        let known = "only locale, timeZone, confidenceMin, amountMax, fleet, streams, budget, which agents here go by";
        check(json!({"curfew": 1}), json!({}), &format!("settings.curfew: expected {known}, got this"));
        check(
            json!({"budget": {"dollars": 1}}),
            json!({}),
            "settings.budget.dollars: expected only tokens, costDollars, steps, timeSeconds, onCrossing, which agents here go by, got this",
        );
        check(
            json!({"confidenceMin": 90}),
            json!({}),
            "settings.confidenceMin: expected a number from 0 to 1, got 90",
        );
        let streams = "settings.streams: expected only signal, proposal, got risk";
        check(json!({"streams": ["proposal", "risk"]}), json!({}), streams);
        check(json!({"locale": "fr"}), json!({}), "settings.locale: expected en or ro, got fr");
        check(
            json!({}),
            json!({"users": {"ana": {"roles": ["boss"]}}}),
            "permissions.users.ana.roles: expected one of viewer, coordinator, trader, admin, got boss",
        );
        check(
            json!({}),
            json!({"users": {"ana": {"locations": ["OTP"]}}}),
            "permissions.users.ana.locations: expected places of this business, got OTP",
        );
        check(
            json!({}),
            json!({"groups": {}}),
            "permissions.groups: expected only users, which agents here go by, got this",
        );
    }

    #[test]
    fn permissions_hold() {
        let users = json!({"users": {
            "ana": {"roles": ["coordinator"], "locations": ["EWR"]}, "bo": {"roles": ["viewer"]}, "cy": {},
            "dan": {"roles": ["trader"]}, "eva": {"roles": ["viewer", "admin"]},
        }});
        let (open, closed) = (json!({}), users);
        // Whether they may act as a coordinator, and as a trader.
        for (permissions, user, location, expected) in [
            (&open, "anybody", None, [true, true]),
            (&closed, "anybody", None, [false, false]),
            (&closed, "ana", Some("EWR"), [true, false]),
            (&closed, "ana", Some("JFK"), [false, false]),
            (&closed, "ana", None, [false, false]),
            (&closed, "bo", Some("EWR"), [false, false]),
            (&closed, "cy", None, [true, true]),
            (&closed, "dan", Some("EWR"), [false, true]),
            (&closed, "eva", None, [true, true]),
        ] {
            let info = read(&business(&json!({}), permissions)).unwrap();
            let found = [Role::Coordinator, Role::Trader].map(|role| info.admits_at(user, location, role));
            assert_eq!(found, expected, "{user} {location:?}");
        }
    }

    #[test]
    fn limits_ask_where_it_would_happen_by_itself() {
        let rules = vec![
            PolicyRule::new(
                "no",
                vec![Condition::new("confidence", Compare::Below, 0.3)],
                PolicyOutcome::Refuse,
            ),
            PolicyRule::new(
                "sure",
                vec![Condition::new("confidence", Compare::AtLeast, 0.8)],
                PolicyOutcome::Automatic,
            ),
            PolicyRule::new("grave", Vec::new(), PolicyOutcome::Ask(Role::Admin)),
        ];
        let own = Policy { name: "p".to_owned(), rules };
        let settings: BusinessSettings =
            serde_json::from_value(json!({"confidenceMin": 0.95, "amountMax": 100})).unwrap();
        let limited = policy(own.clone(), &settings);
        for (confidence, amount, before, after) in [
            (0.99, None, "sure", "sure"),
            (0.9, None, "sure", "less sure than this business wants"),
            (0.99, Some(99.9), "sure", "sure"),
            (0.99, Some(100.0), "sure", "an amount that people decide here"),
            (0.5, Some(100.0), "grave", "grave"),
            (0.2, Some(100.0), "no", "no"),
        ] {
            let request = ApprovalRequest { confidence, amount, ..ApprovalRequest::default() };
            let rule = |policy: &Policy| policy.rule(&request).why.rule;
            assert_eq!(
                (rule(&own).as_str(), rule(&limited).as_str()),
                (before, after),
                "{confidence} {amount:?}"
            );
        }
        assert_eq!(policy(own.clone(), &BusinessSettings::default()), own);
    }

    #[test]
    fn a_business_sets_its_own_budget() {
        let own = RunBudget {
            cost_dollars: Some(0.25),
            on_crossing: Some(OnCrossing::Ask),
            ..RunBudget::default()
        };
        let usual = Budget::default();
        let expected = Budget { cost_max_microusd: 250_000, on_crossing: OnCrossing::Ask, ..usual };
        assert_eq!((budget(usual, Some(&own)), budget(usual, None)), (expected, usual));
    }
}
