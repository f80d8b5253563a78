//! The message models that agents write with until a business has its own: both languages in each.

use crate::locale::Locale;
use crate::spec::{MessageModel, Parameter, ParameterType};
use crate::template::{Escape, Template};
use inflight_domain::UnixMillis;
use serde_json::{Map, Value};

use ParameterType::{List, Number, Text, Time};

/// The parameter that every model of these has: the language.
pub const LANGUAGE: &str = "language";

type BuiltIn = (&'static str, &'static str, &'static str, &'static [(&'static str, ParameterType)]);

/// Code, English, Romanian, parameters.
const MODELS: [BuiltIn; 28] = [
    (
        "assistant-resources",
        "{count, plural, one {# resource fits} other {# resources fit}}:\n{lines}",
        "{count, plural, one {Se potrivește # resursă} few {Se potrivesc # resurse} other {Se potrivesc # de resurse}}:\n{lines}",
        &[("count", Number), ("lines", Text)],
    ),
    (
        "assistant-nothing",
        "I found nothing for {what}.",
        "Nu am găsit nimic pentru {what}.",
        &[("what", Text)],
    ),
    (
        "assistant-nearest",
        "Nothing fits {what} exactly. The nearest:\n{lines}",
        "Nimic nu se potrivește exact cu {what}. Cele mai apropiate:\n{lines}",
        &[("what", Text), ("lines", Text)],
    ),
    (
        "assistant-which",
        "Which one do you mean? {count, plural, one {# fits} other {# fit}}:\n{lines}",
        "La care te referi? {count, plural, one {Se potrivește #} few {Se potrivesc #} other {Se potrivesc #}}:\n{lines}",
        &[("count", Number), ("lines", Text)],
    ),
    (
        "assistant-value",
        "What should {name} be set to? For example: set {name} to closed, or: set crew of {name} to Ionescu.",
        "Ce valoare să aibă {name}? De exemplu: setează {name} pe închis, sau: setează echipajul la {name} pe Ionescu.",
        &[("name", Text)],
    ),
    (
        "assistant-proposed",
        "I propose to set {field} of {name} from {from} to {to}. It waits for approval.",
        "Propun ca {field} la {name} să treacă din {from} în {to}. Așteaptă aprobare.",
        &[("name", Text), ("field", Text), ("from", Text), ("to", Text)],
    ),
    (
        "assistant-unknown-state",
        "Nothing of this kind was ever {to}. If that is what it should be, name the field: set status of {name} to {to}.",
        "Nimic de acest fel nu a fost vreodată {to}. Dacă așa trebuie, numește câmpul: setează status la {name} pe {to}.",
        &[("name", Text), ("to", Text)],
    ),
    (
        "assistant-already",
        "{field} of {name} is {to} already.",
        "{field} la {name} este deja {to}.",
        &[("name", Text), ("field", Text), ("to", Text)],
    ),
    (
        "assistant-changed",
        "Done: {field} of {name} went from {from} to {to}. Approved by {by}.",
        "Gata: {field} la {name} a trecut din {from} în {to}. Aprobat de {by}.",
        &[("name", Text), ("field", Text), ("from", Text), ("to", Text), ("by", Text)],
    ),
    (
        "assistant-change-failed",
        "{field} of {name} could not be changed: {why}.",
        "{field} la {name} nu a putut fi modificat: {why}.",
        &[("name", Text), ("field", Text), ("why", Text)],
    ),
    (
        "assistant-not-changed",
        "{field} of {name} stays {from}: {by} said no.",
        "{field} la {name} rămâne {from}: {by} a refuzat.",
        &[("name", Text), ("field", Text), ("from", Text), ("by", Text)],
    ),
    (
        "assistant-changed-meanwhile",
        "{name} was changed by {by} in the meantime, so I left it as it is: {now}. Ask again if it is still needed.",
        "{name} a fost modificat între timp de {by}, așa că am lăsat cum este: {now}. Cere din nou dacă mai e nevoie.",
        &[("name", Text), ("now", Text), ("by", Text)],
    ),
    (
        "assistant-schedules",
        "{count, plural, one {# schedule} other {# schedules}}:\n{lines}",
        "{count, plural, one {# planificare} few {# planificări} other {# de planificări}}:\n{lines}",
        &[("count", Number), ("lines", Text)],
    ),
    (
        "assistant-schedule-changed",
        "Done: {name} is now {to}. Approved by {by}.",
        "Gata: {name} este acum {to}. Aprobat de {by}.",
        &[("name", Text), ("to", Text), ("by", Text)],
    ),
    (
        "assistant-schedule-not-changed",
        "{name} stays as it is: {by} said no.",
        "{name} rămâne cum este: {by} a refuzat.",
        &[("name", Text), ("by", Text)],
    ),
    (
        "assistant-cases",
        "{count, plural, one {# case} other {# cases}}:\n{lines}",
        "{count, plural, one {# caz} few {# cazuri} other {# de cazuri}}:\n{lines}",
        &[("count", Number), ("lines", Text)],
    ),
    (
        "assistant-decisions",
        "{count, plural, one {# decision fits} other {# decisions fit}}, the nearest first:\n{lines}",
        "{count, plural, one {Se potrivește # decizie} few {Se potrivesc # decizii} other {Se potrivesc # de decizii}}, cele mai apropiate întâi:\n{lines}",
        &[("count", Number), ("lines", Text)],
    ),
    (
        "assistant-reviews",
        "{count, plural, one {# decision waits} other {# decisions wait}} for a person:\n{lines}",
        "{count, plural, one {# decizie așteaptă} few {# decizii așteaptă} other {# de decizii așteaptă}} un om:\n{lines}",
        &[("count", Number), ("lines", Text)],
    ),
    (
        "assistant-help",
        "I can show resources (\"which gates are closed\"), change them (\"set gate B12 to maintenance\"), list, pause, resume and run schedules, show cases and disruptions, and find earlier decisions (\"decisions about fog\"). Changes wait for approval.",
        "Pot arăta resurse („ce porți sunt închise”), le pot modifica („pune poarta B12 pe mentenanță”), pot lista, opri, relua și rula planificări, pot arăta cazuri și perturbări și pot căuta decizii anterioare („decizii despre ceață”). Modificările așteaptă aprobare.",
        &[],
    ),
    ("assistant-greeting", "Hello. What do you need?", "Salut. Cu ce te ajut?", &[]),
    (
        "assistant-unclear",
        "I am not sure what you mean. Name the thing and what should happen with it, or ask for help.",
        "Nu sunt sigur ce vrei. Spune despre ce e vorba și ce să se întâmple, sau cere ajutor.",
        &[],
    ),
    (
        "assistant-answer",
        "{text}\n(The model's own words; nothing was looked up.)",
        "{text}\n(Cuvintele modelului; nu s-a verificat nimic.)",
        &[("text", Text)],
    ),
    (
        "assistant-no-access",
        "You may not act for {business}.",
        "Nu poți acționa pentru {business}.",
        &[("business", Text)],
    ),
    (
        "assistant-unreachable",
        "I could not look that up: {why}. Try again in a moment.",
        "Nu am putut verifica: {why}. Încearcă din nou peste puțin timp.",
        &[("why", Text)],
    ),
    ("case-proposal", "{title}. {proposal}", "{title}. {proposal}", &[("title", Text), ("proposal", Text)]),
    (
        "ops-digest",
        "State of operations, {at}: {cases, plural, one {# open case} other {# open cases}} ({critical} critical), {reviews, plural, one {# decision waits} other {# decisions wait}} for a person, {decisions, plural, one {# decision} other {# decisions}} made in the last {hours} h. Sources: {sources}.",
        "Starea operațiunilor, {at}: {cases, plural, one {# caz deschis} few {# cazuri deschise} other {# de cazuri deschise}} ({critical} critice), {reviews, plural, one {# decizie așteaptă} few {# decizii așteaptă} other {# de decizii așteaptă}} un om, {decisions, plural, one {# decizie luată} few {# decizii luate} other {# de decizii luate}} în ultimele {hours} h. Surse: {sources}.",
        &[
            ("at", Time),
            ("cases", Number),
            ("critical", Number),
            ("reviews", Number),
            ("decisions", Number),
            ("hours", Number),
            ("sources", List),
        ],
    ),
    (
        "no-agent-yet",
        "Recorded. No agent deals with {kind} events yet.",
        "Înregistrat. Niciun agent nu se ocupă încă de evenimente {kind}.",
        &[("kind", Text)],
    ),
    ("assistant-run-now", "{name} runs now.", "{name} rulează acum.", &[("name", Text)]),
];

/// All of them, as version 1 of this time.
#[must_use]
pub fn built_in(now: UnixMillis) -> Vec<MessageModel> {
    MODELS.iter().map(|model| message_model(model, now)).collect()
}

/// The one for a code.
#[must_use]
pub fn of_code(code: &str) -> Option<MessageModel> {
    MODELS.iter().find(|(own, ..)| *own == code).map(|model| message_model(model, UnixMillis(0)))
}

/// The text of a code: by the business's own model if it renders, else by the built-in one; with the version that
/// wrote it, 0 for the built-in, and what was wrong with the own one.
#[must_use]
pub fn compose(
    own: Option<&MessageModel>,
    code: &str,
    values: &Map<String, Value>,
    locale: Locale,
) -> Composed {
    let mut values = values.clone();
    values.insert(LANGUAGE.to_owned(), locale.pick("en", "ro").into());
    let render = |model: &MessageModel| {
        let known: Map<String, Value> = values.clone();
        Template::parse(&model.message_template)
            .map_err(|problem| vec![problem])
            .and_then(|template| template.render(&model.parameters, &known, locale, Escape::Plain))
    };
    let mut note = None;
    if let Some(model) = own {
        match render(model) {
            Ok(text) => return Composed { text, version: model.version, note: None },
            Err(problems) => {
                let first =
                    problems.first().map(|problem| format!("{}: {:?}", problem.parameter, problem.problem));
                note = Some(format!(
                    "model {code} version {} was left out: {}",
                    model.version,
                    first.unwrap_or_default()
                ));
            }
        }
    }
    let text = of_code(code).and_then(|model| render(&model).ok()).unwrap_or_else(|| code.to_owned());
    Composed { text, version: 0, note }
}

/// A text that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Composed {
    /// The text.
    pub text: String,
    /// Version of the message model, 0 for the built-in one.
    pub version: u32,
    /// Why the business's own model was left out.
    pub note: Option<String>,
}

fn message_model((code, english, romanian, parameters): &BuiltIn, at: UnixMillis) -> MessageModel {
    let template = if english == romanian {
        (*english).to_owned()
    } else {
        format!("{{{LANGUAGE}, select, ro {{{romanian}}} other {{{english}}}}}")
    };
    let mut all: Vec<Parameter> =
        parameters.iter().map(|(name, kind)| Parameter::required(name, *kind)).collect();
    if english != romanian {
        all.push(Parameter::choice(LANGUAGE, &["en", "ro"]));
    }
    MessageModel {
        decision_code: (*code).to_owned(),
        version: 1,
        message_template: template,
        parameters: all,
        business_type: None,
        location_context: None,
        usage_count: 0,
        last_used: None,
        created_at: at,
        updated_at: at,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn each_built_in_model_is_without_a_problem_and_renders_in_both_languages() {
        let sample = |parameter: &Parameter| match parameter.kind {
            Text => json!("B12"),
            Number => json!(21),
            Time => json!("2026-11-21T20:30:00Z"),
            List => json!(["opensky", "readsb"]),
            ParameterType::Money => json!("1 USD"),
            ParameterType::Choice => json!(parameter.choices[0]),
        };
        for model in built_in(UnixMillis(0)) {
            let template = Template::parse(&model.message_template)
                .unwrap_or_else(|problem| panic!("{}: {problem:?}", model.decision_code));
            assert_eq!(template.check(&model.parameters), [], "{}", model.decision_code);
            let values: Map<String, Value> = model
                .parameters
                .iter()
                .map(|parameter| (parameter.name.clone(), sample(parameter)))
                .collect();
            let texts = [Locale::En, Locale::Ro]
                .map(|locale| compose(None, &model.decision_code, &values, locale).text);
            assert!(texts.iter().all(|text| text.len() > 5 && *text != model.decision_code), "{texts:?}");
        }
    }

    #[test]
    fn a_model_of_the_business_goes_first_and_a_broken_one_is_left_out() {
        let own = |template: &str| MessageModel {
            version: 7,
            message_template: template.to_owned(),
            ..of_code("assistant-nothing").unwrap()
        };
        let values = json!({"what": "gate Z9"}).as_object().cloned().unwrap();
        let good = compose(Some(&own("Nope: {what}")), "assistant-nothing", &values, Locale::En);
        assert_eq!((good.text.as_str(), good.version), ("Nope: gate Z9", 7));
        let bad = compose(Some(&own("Nope: {whta}")), "assistant-nothing", &values, Locale::Ro);
        assert_eq!((bad.text.as_str(), bad.version), ("Nu am găsit nimic pentru gate Z9.", 0));
        assert!(bad.note.is_some_and(|note| note.contains("whta")));
    }
}
