//! What a message asks for: counted cues, rules over the counts, and the words that fill the blanks. No model is needed.

use crate::coordinator::language::{self, is_filler};
use crate::coordinator::lexicon::{self, Cue, Folded};
use crate::locale::Locale;
use crate::rules::Numbers;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What a message asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Intent {
    /// Show or find resources.
    ShowResources,
    /// Change the state or a field of a resource.
    ChangeResource,
    /// List schedules.
    ListSchedules,
    /// Let a schedule rest.
    PauseSchedule,
    /// Let it go on.
    ResumeSchedule,
    /// Run it now.
    RunSchedule,
    /// Cases, of disruptions too.
    ShowCases,
    /// Decisions that were made.
    FindDecisions,
    /// What waits for a person.
    ShowReviews,
    /// What the assistant can do.
    Help,
    /// A greeting, or thanks.
    Greet,
    /// It is not clear what is meant.
    #[default]
    Unclear,
}

impl Intent {
    /// Whether something is to be done and not only shown.
    #[must_use]
    pub fn changes(self) -> bool {
        matches!(self, Self::ChangeResource | Self::PauseSchedule | Self::ResumeSchedule | Self::RunSchedule)
    }
}

/// What was understood.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Understood {
    /// What is asked for.
    pub intent: Intent,
    /// In which language.
    pub locale: Locale,
    /// How sure, 0 to 1.
    pub confidence: f64,
    /// Which rule said so, with its numbers.
    pub reasoning: String,
    /// The blanks that were filled.
    pub slots: Slots,
}

/// The blanks of an intent.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Slots {
    /// Words that name one thing: ids, numbers, names; folded.
    pub target: Vec<String>,
    /// A kind of resource.
    pub kind: Option<String>,
    /// A state, that is asked for or that is to be.
    pub status: Option<String>,
    /// The field that is to be changed, where it is not the state.
    pub field: Option<String>,
    /// What it is to be, as it was written.
    pub value: Option<String>,
    /// Words to search with.
    pub query: String,
    /// Only what is not finished.
    pub only_open: bool,
}

/// Reads a message.
#[must_use]
pub fn read(message: &str, preferred: Option<Locale>) -> (Slots, Numbers, Locale) {
    let folded = Folded::mended(message);
    let slots = slots(message, &folded);
    let locale = language::of(message, &folded, preferred);
    (slots.clone(), numbers(&folded, &slots), locale)
}

/// What a model has to answer with; the local reasoner's rules answer the same way.
#[must_use]
pub fn schema() -> Value {
    let names: Vec<Value> = INTENTS.iter().filter_map(|intent| serde_json::to_value(intent).ok()).collect();
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["intent", "confidence", "reasoning"],
        "properties": {
            "intent": {"type": "string", "enum": names},
            "confidence": {"type": "number", "minimum": 0, "maximum": 1},
            "reasoning": {"type": "string", "maxLength": 500},
            "target": {"type": "string", "maxLength": 100},
            "field": {"type": "string", "maxLength": 60},
            "value": {"type": "string", "maxLength": 200},
            "query": {"type": "string", "maxLength": 200},
        },
    })
}

const INTENTS: [Intent; 12] = [
    Intent::ShowResources,
    Intent::ChangeResource,
    Intent::ListSchedules,
    Intent::PauseSchedule,
    Intent::ResumeSchedule,
    Intent::RunSchedule,
    Intent::ShowCases,
    Intent::FindDecisions,
    Intent::ShowReviews,
    Intent::Help,
    Intent::Greet,
    Intent::Unclear,
];

/// What was understood, from the answer of a reasoner; the words of a model take the place of those that were found
/// by rule, never of what they are allowed to be.
#[must_use]
pub fn understood(answer: &Value, slots: Slots, locale: Locale) -> Understood {
    let text =
        |name: &str| answer.get(name).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty());
    let mut slots = slots;
    if let Some(target) = text("target") {
        slots.target = Folded::of(target).words;
    }
    if let Some(query) = text("query") {
        query.clone_into(&mut slots.query);
    }
    if let Some(value) = text("value") {
        slots.value = Some(value.to_owned());
        slots.status = lexicon::state(&crate::words::fold(value)).map(str::to_owned);
        slots.field = text("field").filter(|field| !is_status(field)).map(str::to_owned);
    }
    let intent = answer.get("intent").cloned().and_then(|intent| serde_json::from_value(intent).ok());
    Understood {
        intent: intent.unwrap_or_default(),
        locale,
        confidence: answer.get("confidence").and_then(Value::as_f64).unwrap_or(0.0).clamp(0.0, 1.0),
        reasoning: text("reasoning").unwrap_or_default().chars().take(500).collect(),
        slots,
    }
}

fn is_status(field: &str) -> bool {
    ["status", "state", "stare", "starea", "statusul"].contains(&crate::words::fold(field).as_str())
}

fn numbers(folded: &Folded, slots: &Slots) -> Numbers {
    let cues = [
        ("show", Cue::Show),
        ("change", Cue::Change),
        ("pause", Cue::Pause),
        ("resume", Cue::Resume),
        ("run", Cue::Run),
        ("help", Cue::Help),
        ("greeting", Cue::Greeting),
        ("schedule", Cue::Schedule),
        ("case", Cue::Case),
        ("disruption", Cue::Disruption),
        ("decision", Cue::Decision),
        ("review", Cue::Review),
        ("resource", Cue::Resource),
        ("negation", Cue::Negation),
    ];
    let mut numbers: Numbers =
        cues.into_iter().map(|(name, cue)| (name.to_owned(), lexicon::count(cue, folded) as f64)).collect();
    let asks = f64::from(u8::from(language::asks(folded)));
    *numbers.entry("show".to_owned()).or_default() += asks;
    numbers.insert("asks".to_owned(), asks);
    let present = |name: &str| numbers.get(name).is_some_and(|count| *count > 0.0);
    let verbs = ["change", "pause", "resume", "run"].into_iter().filter(|name| present(name)).count();
    let identifiers =
        slots.target.iter().filter(|word| word.bytes().any(|byte| byte.is_ascii_digit())).count();
    let truth = |is: bool| f64::from(u8::from(is));
    let named = !slots.target.is_empty() || slots.kind.is_some();
    let more = [
        ("verbs", verbs as f64),
        ("target", slots.target.len() as f64),
        ("identifier", identifiers as f64),
        ("kind", truth(slots.kind.is_some())),
        ("state", truth(slots.status.is_some())),
        ("value", truth(slots.value.is_some())),
        ("named", truth(named)),
    ];
    numbers.extend(more.into_iter().map(|(name, value)| (name.to_owned(), value)));
    numbers
}

/// Words between what is to be changed and what it is to be.
const CONNECTORS: [&str; 8] = ["to", "as", "into", "=", "pe", "in", "ca", "drept"];
/// Words between a field and what it belongs to.
const BELONGING: [&str; 9] = ["of", "for", "on", "la", "pentru", "al", "ale", "a", "lui"];

fn slots(message: &str, folded: &Folded) -> Slots {
    let changes = lexicon::count(Cue::Change, folded) > 0;
    let split = if changes { value(message) } else { None };
    let before = split.as_ref().map_or(message, |(before, _)| before);
    let named = Folded::mended(before);
    let is_content = |word: &String| {
        let is_numbered = word.bytes().any(|byte| byte.is_ascii_digit());
        is_numbered || !(lexicon::is_known(word) || crate::words::is_common(word) || is_filler(word))
    };
    let mut slots = Slots {
        target: joined(&named.words).into_iter().filter(is_content).collect(),
        kind: named.words.iter().find_map(|word| lexicon::kind(word)).map(str::to_owned),
        query: query(message),
        only_open: lexicon::count(Cue::Open, folded) > 0,
        ..Slots::default()
    };
    match split {
        Some((before, value)) => {
            slots.field = field(&before).filter(|field| !is_status(field));
            if let Some(field) = &slots.field {
                let own = Folded::of(field).words;
                slots.target.retain(|word| !own.contains(word));
                let rest: Vec<&String> = named.words.iter().filter(|word| !own.contains(word)).collect();
                slots.kind = rest.into_iter().find_map(|word| lexicon::kind(word)).map(str::to_owned);
            }
            slots.status = lexicon::state(&crate::words::fold(&value)).map(str::to_owned);
            slots.value = Some(value);
        }
        None => {
            slots.status = lexicon::state(&folded.text).map(str::to_owned);
            if changes {
                slots.value.clone_from(&slots.status);
            }
        }
    }
    slots
}

/// Words to search with, as they were written.
fn query(message: &str) -> String {
    let words = Folded::of(message).words.into_iter().filter(|word| !is_search_word(word));
    words.collect::<Vec<_>>().join(" ")
}

/// The words, those that people write apart in one: `b 12` is `b12`.
fn joined(words: &[String]) -> Vec<String> {
    let is_letter = |word: &String| {
        word.len() <= 2
            && word.bytes().all(|byte| byte.is_ascii_alphabetic())
            && !crate::words::is_common(word)
            && !is_filler(word)
    };
    let is_number = |word: &&String| word.bytes().all(|byte| byte.is_ascii_digit());
    let (mut joined, mut words) = (Vec::new(), words.iter().peekable());
    while let Some(word) = words.next() {
        match words.next_if(|next| is_letter(word) && is_number(next)) {
            Some(number) => joined.push(format!("{word}{number}")),
            None => joined.push(word.clone()),
        }
    }
    joined
}

/// What stands before the last connector, and what stands behind it; of several side by side, the first.
fn value(message: &str) -> Option<(String, String)> {
    let words: Vec<&str> = message.split_whitespace().collect();
    let connects = |word: &str| CONNECTORS.contains(&crate::words::fold(word).as_str());
    let mut at = words.iter().rposition(|word| connects(word))?;
    while at > 0 && connects(words[at - 1]) {
        at -= 1;
    }
    let value = words.get(at + 1..)?.join(" ");
    let value = value.trim_matches(|character: char| {
        character.is_whitespace() || ".,;:!?\"'\u{201e}\u{201d}".contains(character)
    });
    (!value.is_empty() && at > 0).then(|| (words[..at].join(" "), value.to_owned()))
}

/// The field in `set crew of truck 12`: between the verb and the word of belonging.
fn field(before: &str) -> Option<String> {
    let words: Vec<&str> = before.split_whitespace().collect();
    let folded: Vec<String> = words.iter().map(|word| crate::words::fold(word)).collect();
    let verb = folded.iter().position(|word| lexicon::count(Cue::Change, &Folded::mended(word)) > 0)?;
    let after = verb + 1;
    let belongs =
        folded.iter().enumerate().skip(after).find(|(_, word)| BELONGING.contains(&word.as_str()))?.0;
    let skip = ["the", "field", "campul", "campului", "valoarea"];
    let named: Vec<&str> = (after..belongs)
        .filter(|index| !skip.contains(&folded[*index].as_str()))
        .map(|index| words[index])
        .collect();
    (!named.is_empty()).then(|| named.join(" "))
}

fn is_search_word(word: &str) -> bool {
    let folded = Folded { text: word.to_owned(), words: vec![word.to_owned()] };
    let verb =
        [Cue::Show, Cue::Decision, Cue::Negation].into_iter().any(|cue| lexicon::count(cue, &folded) > 0);
    verb || crate::words::is_common(word) || is_filler(word)
}
