//! The words by which the assistant understands messages, in English and Romanian, as beginnings of folded words.

use crate::coordinator::language::is_filler;
use crate::coordinator::spelling;

/// What a word says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cue {
    /// Something is to be shown.
    Show,
    /// Something is to be changed.
    Change,
    /// Something is to stop for now.
    Pause,
    /// Something is to go on.
    Resume,
    /// Something is to run now.
    Run,
    /// How this works.
    Help,
    /// A greeting, or thanks.
    Greeting,
    /// Schedules.
    Schedule,
    /// Cases.
    Case,
    /// What went otherwise than planned in the sky.
    Disruption,
    /// What was decided before.
    Decision,
    /// What waits for a person.
    Review,
    /// Resources in general.
    Resource,
    /// Not finished yet.
    Open,
    /// It is not to be done.
    Negation,
}

/// A whole word is written with a `.` behind it; everything else is a beginning.
const CUES: [(Cue, &[&str]); 15] = [
    (
        Cue::Show,
        &[
            "show",
            "list.",
            "lists.",
            "find",
            "what's.",
            "where's.",
            "who's.",
            "cine.",
            "everything.",
            "tot.",
            "which",
            "what",
            "where",
            "display",
            "search",
            "look",
            "see.",
            "get.",
            "how.",
            "many.",
            "who.",
            "arata",
            "afis",
            "listea",
            "gases",
            "gasi",
            "cauta",
            "care.",
            "vezi",
            "vad.",
            "unde.",
            "ce.",
            "cate.",
            "cati.",
            "spune",
            "tell.",
            "give.",
            "da-mi",
            "zi-mi",
        ],
    ),
    (
        Cue::Change,
        &[
            "set.",
            "change",
            "mark.",
            "update",
            "make.",
            "put.",
            "move.",
            "send.",
            "trimit",
            "assign",
            "close.",
            "reopen",
            "free.",
            "release",
            "block.",
            "setea",
            "schimb",
            "modific",
            "march",
            "actualiz",
            "pune.",
            "muta.",
            "atribui",
            "aloc",
            "inchid",
            "inchiz",
            "deschid",
            "deschiz",
            "elibereaz",
            "blocheaz",
            "rename",
            "redenum",
            "switch.",
            "trece.",
        ],
    ),
    (
        Cue::Pause,
        &[
            "pause", "suspend", "stop.", "halt", "opreste", "opriti", "pauz", "intrerup", "disable",
            "dezactiv",
        ],
    ),
    (
        Cue::Resume,
        &[
            "resume", "restart", "continue", "unpause", "enable", "reia.", "reluati", "reporn", "continua",
            "reactiv",
        ],
    ),
    (
        Cue::Run,
        &[
            "run.", "trigger", "execut", "start.", "launch", "rulea", "porneste", "porniti", "lansea",
            "now.", "acum.",
        ],
    ),
    (Cue::Help, &["help", "ajut", "can you do", "poti face", "comenzi", "commands", "instruct"]),
    (
        Cue::Greeting,
        &[
            "hello",
            "hi.",
            "hey.",
            "good morning",
            "good evening",
            "good afternoon",
            "thanks",
            "thank.",
            "salut",
            "buna.",
            "multumesc",
            "mersi",
            "noroc",
        ],
    ),
    (
        Cue::Schedule,
        &[
            "schedul",
            "cron",
            "planific",
            "programar",
            "programat",
            "programe",
            "orar",
            "task",
            "sarcin",
            "recurent",
            "digest",
            "rezumat",
        ],
    ),
    (Cue::Case, &["case.", "cases.", "caz.", "cazul", "cazuri", "incident", "dosar"]),
    (
        Cue::Disruption,
        &[
            "disrupt",
            "perturb",
            "divers",
            "divert",
            "devia",
            "devie",
            "emergenc",
            "urgent",
            "holding",
            "go-around",
            "goaround",
            "squawk",
            "ratar",
            "intors",
            "signal.",
        ],
    ),
    (
        Cue::Decision,
        &[
            "decision",
            "decid",
            "deciz",
            "hotar",
            "precedent",
            "similar",
            "before.",
            "history",
            "istoric",
            "last time",
            "data trecuta",
        ],
    ),
    (Cue::Review, &["review", "approv", "aprob", "waiting.", "pending", "asteapta.", "in asteptare"]),
    (Cue::Resource, &["resource", "resurs"]),
    (Cue::Open, &["open.", "deschis", "active.", "activ.", "unresolved", "nerezolv", "ongoing"]),
    (Cue::Negation, &["don't", "dont.", "not.", "never", "nu."]),
];

/// Kinds of resources by the words that people use, the kind's own name first.
pub const KINDS: [(&str, &[&str]); 14] = [
    ("gate", &["gate", "poart", "porti", "port."]),
    ("stand", &["stand.", "stands.", "pozit", "parking", "parcar"]),
    ("crew", &["crew", "echipaj", "pilot", "captain", "capitan"]),
    ("aircraft", &["aircraft", "avion", "aeronav", "plane"]),
    ("truck", &["truck", "lorry", "lorries", "camion", "trailer", "remorc"]),
    ("vehicle", &["vehicle", "vehicul", "masin", "van.", "vans."]),
    ("tug", &["tug", "tracto", "pushback"]),
    ("bus", &["bus.", "buses", "autobuz"]),
    ("dock", &["dock", "ramp"]),
    ("warehouse", &["warehouse", "depozit", "hangar"]),
    ("load", &["load.", "loads.", "shipment", "cargo", "incarcat", "transport.", "marf"]),
    ("driver", &["driver", "sofer"]),
    ("room", &["room.", "rooms.", "hotel", "camer", "sal."]),
    ("belt", &["belt", "carousel", "banda.", "benzi"]),
];

/// States by the words that people use, the state's own name first.
pub const STATES: [(&str, &[&str]); 10] = [
    ("open", &["open", "deschis", "deschid", "deschiz", "reopen"]),
    ("closed", &["close", "shut", "inchis", "inchid", "inchiz"]),
    ("available", &["available", "free", "vacant", "disponibil", "liber", "elibereaz", "release"]),
    ("occupied", &["occupied", "busy", "taken", "ocupat"]),
    ("maintenance", &["maintenance", "repair", "service", "mentenant", "reparat", "revizie"]),
    (
        "out_of_service",
        &["out of service", "broken", "scos din uz", "scos din serviciu", "defect", "stricat"],
    ),
    ("on_duty", &["on duty", "de serviciu", "in serviciu", "duty.", "serviciu."]),
    ("blocked", &["block", "blocat", "blocheaz"]),
    ("delayed", &["delay", "late.", "intarzi"]),
    ("assigned", &["assigned", "atribuit", "alocat", "reserved", "rezervat"]),
];

/// Words for times of the day and the week, by which schedules are called.
const TIMES: [&[&str]; 7] = [
    &["morning", "diminea", "matin"],
    &["noon", "pranz", "amiaz"],
    &["evening", "seara", "serii"],
    &["night", "noapt", "noctur"],
    &["daily", "zilnic"],
    &["weekly", "saptaman"],
    &["monthly", "lunar"],
];

/// Whether two words are the same time in the other language.
#[must_use]
pub fn is_same_time(word: &str, other: &str) -> bool {
    let has = |words: &[&str], word: &str| words.iter().any(|pattern| fits(pattern, word));
    TIMES.iter().any(|words| has(words, word) && has(words, other))
}

/// All single words that are looked for, and whether each is a whole word.
pub(super) fn patterns() -> impl Iterator<Item = (&'static str, bool)> {
    let cues = CUES.iter().flat_map(|(_, patterns)| patterns.iter());
    let names = KINDS.iter().chain(&STATES).flat_map(|(_, patterns)| patterns.iter());
    let all = cues.chain(names).filter(|pattern| !is_phrase(pattern));
    all.map(|pattern| pattern.strip_suffix('.').map_or((*pattern, false), |whole| (whole, true)))
}

/// How many words of a message give a cue.
#[must_use]
pub fn count(cue: Cue, message: &Folded) -> usize {
    CUES.iter().find(|(other, _)| *other == cue).map_or(0, |(_, patterns)| {
        let single =
            message.words.iter().filter(|word| patterns.iter().any(|pattern| fits(pattern, word))).count();
        let several =
            patterns.iter().filter(|pattern| is_phrase(pattern) && message.text.contains(**pattern)).count();
        single + several
    })
}

/// Whether a word gives any cue or names a kind or a state, and so says nothing about which resource is meant.
#[must_use]
pub fn is_known(word: &str) -> bool {
    let known = |patterns: &[&str]| patterns.iter().any(|pattern| fits(pattern, word));
    CUES.iter().any(|(_, patterns)| known(patterns)) || kind(word).is_some() || state_of_word(word).is_some()
}

/// The kind of resource that a word names.
#[must_use]
pub fn kind(word: &str) -> Option<&'static str> {
    KINDS
        .iter()
        .find(|(_, patterns)| patterns.iter().any(|pattern| fits(pattern, word)))
        .map(|(name, _)| *name)
}

/// The state that a folded text names.
#[must_use]
pub fn state(text: &str) -> Option<&'static str> {
    let phrase =
        |patterns: &[&str]| patterns.iter().any(|pattern| is_phrase(pattern) && text.contains(pattern));
    let named =
        STATES.iter().find(|(name, patterns)| phrase(patterns) || text == *name).map(|(name, _)| *name);
    named.or_else(|| {
        text.split(|character: char| !character.is_alphanumeric() && character != '_').find_map(state_of_word)
    })
}

fn state_of_word(word: &str) -> Option<&'static str> {
    STATES
        .iter()
        .find(|(_, patterns)| patterns.iter().any(|pattern| fits(pattern, word)))
        .map(|(name, _)| *name)
}

/// A message as cues are looked for in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folded {
    /// Folded.
    pub text: String,
    /// Its words in order; hyphens and apostrophes belong to them.
    pub words: Vec<String>,
}

impl Folded {
    /// Folds a message.
    #[must_use]
    pub fn of(message: &str) -> Self {
        let text = crate::words::fold(message).replace('\u{2019}', "'");
        let inner = |character: char| character.is_alphanumeric() || "-'_".contains(character);
        let words = text.split(|character| !inner(character)).map(|word| word.trim_matches(['-', '\'', '_']));
        let words = words.filter(|word| !word.is_empty()).map(str::to_owned).collect();
        Self { text, words }
    }

    /// Folds a message, with what was written with one slip as it was meant, and an order to open something told from
    /// what is open.
    #[must_use]
    pub fn mended(message: &str) -> Self {
        let mut folded = Self::of(message);
        for index in 0..folded.words.len() {
            if let Some(meant) = spelling::mended(&folded.words[index]) {
                folded.put(index, meant);
            }
        }
        let is_numbered = |word: &String| word.bytes().any(|byte| byte.is_ascii_digit());
        let begins = folded.words.iter().position(|word| !crate::words::is_common(word) && !is_filler(word));
        if let Some(index) = begins.filter(|index| folded.words[*index] == "open")
            && folded.words.iter().any(is_numbered)
            && folded.words.iter().any(|word| kind(word).is_some())
        {
            folded.put(index, "reopen");
        }
        folded
    }

    fn put(&mut self, index: usize, meant: &str) {
        let was = core::mem::replace(&mut self.words[index], meant.to_owned());
        self.text = self.text.replacen(&was, meant, 1);
    }
}

fn is_phrase(pattern: &str) -> bool {
    pattern.contains(' ')
}

fn fits(pattern: &str, word: &str) -> bool {
    match pattern.strip_suffix('.') {
        Some(whole) => word == whole,
        None => !is_phrase(pattern) && word.starts_with(pattern),
    }
}
