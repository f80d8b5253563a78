//! What becomes of a case: by what is seen of its disruption, and by what was decided on its proposal.

use crate::approval::Verdict;
use crate::cases::noted;
use crate::coordinator::pick::text;
use crate::locale::Locale;
use crate::watcher::assess::Assessment;
use crate::watcher::{NAME, State};
use inflight_domain::UnixMillis;
use serde_json::{Value, json};

/// What a look at the disruption comes to, and the fields of the case that change.
pub(super) fn seen(state: &State, run: &str, now: UnixMillis) -> (&'static str, Option<Value>) {
    let (seen, found) = (&state.seen, &state.assessment);
    let Some(old) = &state.case else {
        if seen.ended.is_some() {
            return ("over_already", None);
        }
        let case = json!({
            "kind": seen.kind, "title": seen.title(state.locale), "status": waits(state), "severity": found.severity,
            "aircraft": seen.icao24, "callsign": seen.callsign, "airport": seen.airport, "location": state.location,
            "opened_ms": now.0, "run": run, "proposal": found.proposal,
            "notes": [note(now, &found.reasoning)],
        });
        return ("opened", Some(case));
    };
    let notes = |words: &str| noted(old.get("notes"), note(now, words));
    let in_hands = !text(old, "assignee").is_empty() || old.get("reopened_ms").is_some();
    match (text(old, "status"), seen.ended.is_some()) {
        ("closed", _) => ("closed_already", None),
        (_, true) if seen.lost && in_hands => {
            ("stale", Some(json!({"stale": true, "notes": notes(&found.reasoning)})))
        }
        (_, true) => {
            let over = || state.locale.pick("It is over.", "S-a încheiat.").to_owned();
            let words = if seen.lost { found.reasoning.clone() } else { over() };
            let (status, notes) = ("closed", notes(&words));
            ("closed", Some(json!({"status": status, "closed_ms": now.0, "closed_by": NAME, "notes": notes})))
        }
        (_, false) if text(old, "severity") != found.severity => {
            let change = json!({
                "severity": found.severity, "proposal": found.proposal, "run": run, "status": waits(state),
                "proposal_status": null, "stale": null, "notes": notes(&found.reasoning),
            });
            ("changed", Some(change))
        }
        (_, false) => ("unchanged", None),
    }
}

/// What a decision comes to, and the fields of the case that change. `case` is the row as it is by then: somebody may
/// have closed it, or a graver run may have taken its place.
pub(super) fn decided(
    state: &State,
    run: &str,
    case: Option<&Value>,
    verdict: &Verdict,
    now: UnixMillis,
) -> (&'static str, Value) {
    let is_own = case.is_none_or(|case| text(case, "run") == run);
    let (outcome, word, by, says) = match verdict {
        Verdict::Approved { by, .. } => ("proposal_sent", "sent", by, None),
        // Who closed the case noted that in it.
        Verdict::Withdrawn { by, .. } => {
            let says = || {
                state.locale.pick("The earlier proposal is withdrawn.", "Propunerea anterioară este retrasă.")
            };
            ("proposal_withdrawn", "withdrawn", by, (!is_own).then(|| says().to_owned()))
        }
        Verdict::Rejected { by, .. } if by == "clock" => {
            let says = state.locale.pick("Nobody decided in time.", "Nimeni nu a decis la timp.");
            ("proposal_expired", "expired", by, Some(says.to_owned()))
        }
        Verdict::Rejected { by, reason } => {
            let says = state.locale.pick("The proposal was declined", "Propunerea a fost respinsă");
            let says = [says, ": ", reason.as_deref().unwrap_or_default()].concat();
            let says = says.trim_end_matches(": ").to_owned() + ".";
            ("proposal_rejected", "declined", by, Some(says))
        }
    };
    let mut fields = json!({});
    if is_own {
        fields = json!({"proposal_status": word, "decided_by": by});
        if case.is_none_or(|case| text(case, "status") == "proposed") {
            fields["status"] = "open".into();
        }
        if let Verdict::Approved { payload, .. } = verdict {
            fields["proposal"] =
                payload.get("text").cloned().unwrap_or_else(|| json!(state.assessment.proposal));
        }
    }
    if let (Some(case), Some(says)) = (case, says) {
        let by = if by == "clock" { NAME } else { by };
        let note = json!({"at_ms": now.0, "by": by, "text": says});
        fields["notes"] = noted(case.get("notes"), note).into();
    }
    (outcome, fields)
}

/// The place of a business that an airport is: of the same name, or one that says that it has this ICAO code.
pub(super) fn place(info: &Value, airport: Option<&str>) -> Option<String> {
    let airport = airport?;
    let code = |location: &Value| Some(location.get("metadata")?.get("icao")?.as_str()? == airport);
    let is_it = |location: &&Value| text(location, "locationId") == airport || code(location) == Some(true);
    let found = info.get("locations")?.as_array()?.iter().find(is_it)?;
    Some(text(found, "locationId").to_owned())
}

/// What can be said of a disruption of which nothing is heard any more.
pub(super) fn nothing_heard(locale: Locale) -> Assessment {
    let reasoning = locale.pick(
        "How it ended was never seen: nothing was heard of it any more.",
        "Nu s-a văzut cum s-a încheiat: nu s-a mai auzit nimic despre el.",
    );
    Assessment { reasoning: reasoning.to_owned(), confidence: 1.0, ..Assessment::default() }
}

/// Whether somebody is asked about what is proposed: what is only worth knowing waits for nobody.
pub(super) fn is_news(state: &State) -> bool {
    state.assessment.severity != "notice"
}

fn waits(state: &State) -> &'static str {
    if is_news(state) { "proposed" } else { "open" }
}

fn note(now: UnixMillis, words: &str) -> Value {
    json!({"at_ms": now.0, "by": NAME, "text": words})
}
