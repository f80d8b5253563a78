//! Settings of what drives the agents: how much at once, where they may call, how long things are kept.

use crate::agents::outbox::call::Place;
use crate::settings::read::Reader;
use crate::settings::services::{ServiceSettings, read_services};
use crate::settings::urls::origin_of;

/// What agents may do, and how long it is kept.
#[derive(Clone, Debug)]
pub struct AgentSettings {
    /// An example business is there from the first start.
    pub example: bool,
    /// Runs that are worked on at once.
    pub runs_at_once: usize,
    /// Where agents may call.
    pub calls_to: Vec<Place>,
    /// Milliseconds in which what was approved may be taken back.
    pub undo_ms: i64,
    /// Tokens of models that a business may use in a day.
    pub tokens_a_day: u64,
    /// Money that they may cost it, in millionths of a dollar.
    pub cost_a_day_microusd: u64,
    /// Decisions below this confidence raise an alert.
    pub low_confidence: f64,
    /// How long things are kept.
    pub keep: Keep,
    /// The services around them, and who may send them events.
    pub services: ServiceSettings,
}

/// Days that things are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keep {
    /// Runs that ended, with their events, reviews and effects.
    pub runs_days: u64,
    /// Decisions.
    pub decisions_days: u64,
    /// Messages to and from agents.
    pub messages_days: u64,
    /// Cases that are closed.
    pub cases_days: u64,
    /// Versions of message models that a newer one replaced.
    pub models_days: u64,
    /// Identifiers of inputs, so that each is taken once; longer where their run is kept longer.
    pub inputs_days: u64,
}

/// Reads them.
pub fn read_agents(reader: &mut Reader<'_>) -> Option<AgentSettings> {
    let example = reader.boolean("AGENTS_EXAMPLE");
    let runs_at_once = reader.whole("AGENT_RUNS_AT_ONCE", 1..=4096);
    let calls_to = reader.checked("AGENT_CALLS_TO", places, || {
        "http or https addresses, each perhaps after NAME=, separated by commas".to_owned()
    });
    let undo_s = reader.number("AGENT_UNDO_SECONDS", 0.0..=60.0);
    let tokens_a_day = reader.whole("AGENT_TOKENS_A_DAY", 0..=1_000_000_000_000);
    let dollars_a_day = reader.number("AGENT_DOLLARS_A_DAY", 0.0..=1_000_000.0);
    let low_confidence = reader.number("LOW_CONFIDENCE", 0.0..=1.0);
    let services = read_services(reader);
    let mut days = |name| reader.whole(name, 1..=36_500);
    let (runs, decisions, messages) =
        (days("RUNS_KEEP_DAYS"), days("DECISIONS_KEEP_DAYS"), days("MESSAGES_KEEP_DAYS"));
    let (cases, models, inputs) =
        (days("CASES_KEEP_DAYS"), days("MODELS_KEEP_DAYS"), days("INPUTS_KEEP_DAYS"));
    Some(AgentSettings {
        example: example?,
        runs_at_once: usize::try_from(runs_at_once?).ok()?,
        calls_to: calls_to?,
        undo_ms: (undo_s? * 1000.0).round() as i64,
        tokens_a_day: tokens_a_day?,
        cost_a_day_microusd: (dollars_a_day? * 1e6).round() as u64,
        low_confidence: low_confidence?,
        keep: Keep {
            runs_days: runs?,
            decisions_days: decisions?,
            messages_days: messages?,
            cases_days: cases?,
            models_days: models?,
            inputs_days: inputs?,
        },
        services: services?,
    })
}

/// Each names a host whole, so that no other host begins like it.
fn places(text: &str) -> Option<Vec<Place>> {
    let words = text.split(',').map(str::trim).filter(|word| !word.is_empty());
    let one = |word: &str| {
        let name = word.split_once('=').filter(|(name, _)| !name.contains(':'));
        let address = name.map_or(word, |(_, address)| address);
        let origin = origin_of(address)?;
        let path = address.get(origin.len()..).filter(|path| path.is_empty() || path.starts_with('/'))?;
        let address = format!("{origin}{}", if path.is_empty() { "/" } else { path });
        Some(match name {
            Some((name, _)) => Place::Named { name: name.to_owned(), address },
            None => Place::Below(address),
        })
    };
    words.map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<&[Place]>) {
        assert_eq!(places(text).as_deref(), expected, "{text:?}");
    }

    #[test]
    fn a_place_names_a_whole_host() {
        let below = |start: &str| Place::Below(start.to_owned());
        check("", Some(&[]));
        check(
            "https://hooks.example, ops=https://ops.example/in?a=b,http://127.0.0.1:9/a",
            Some(&[
                below("https://hooks.example/"),
                Place::named("ops", "https://ops.example/in?a=b"),
                below("http://127.0.0.1:9/a"),
            ]),
        );
        check("hooks.example", None);
        check("ftp://hooks.example", None);
        check("https://user@hooks.example/", None);
    }
}
