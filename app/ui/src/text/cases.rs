//! Words of the watcher's cases, which only the page without a server has.

use crate::text::Locale;

crate::text::words::dictionary! {
    CaseWord;

    Cases: "Cases of the watcher", "Cazurile agentului";
    Where: "An agent looks at each disruption, here in this browser and by rules: no model, no server. What you decide stays in this tab.", "Un agent se uită la fiecare perturbare, chiar în acest browser și după reguli: fără model, fără server. Ce hotărăști rămâne în această filă.";
    Loading: "The watcher is being fetched.", "Se încarcă agentul.";
    Failed: "The watcher could not be loaded. Disruptions are found without it.", "Agentul nu a putut fi încărcat. Perturbările sunt găsite și fără el.";
    Retry: "Try again", "Încearcă din nou";
    NoCases: "No case yet. The next disruption opens one.", "Niciun caz încă. Următoarea perturbare deschide unul.";
    WaitingOne: "1 proposal waits for you", "1 propunere te așteaptă";
    WaitingMany: "{} proposals wait for you", "{} propuneri te așteaptă";
    Said: "Proposed by agent: {}", "Propus de agent: {}";

    // How a case is.
    Waits: "Waiting for you", "Te așteaptă";
    Held: "Decided", "Hotărât";
    Done: "Done", "Făcut";
    Rejected: "Rejected", "Respins";
    Lapsed: "Lapsed", "Expirat";
    Watched: "Watched", "Urmărit";
    Over: "Over", "Încheiat";
    Notice: "notice", "notă";
    Warning: "warning", "atenție";
    Critical: "critical", "critic";

    // A case.
    Proposed: "Proposed by agent", "Propus de agent";
    Sure: "{} sure", "sigur {}";
    Rule: "Rule", "Regula";
    AskedBy: "Asked because", "Se întreabă pentru că";
    ByItself: "Sent by itself because", "Trimis fără întrebare pentru că";
    Show: "Aircraft", "Aeronava";
    Approve: "Approve", "Aprobă";
    ApproveEdited: "Approve as edited", "Aprobă modificat";
    Edit: "Edit", "Modifică";
    StopEdit: "As proposed", "Ca în propunere";
    Reject: "Reject", "Respinge";
    Undo: "Undo", "Anulează";
    TextLabel: "What is sent", "Ce se trimite";
    TextHint: "1 to 1,000 characters. Ctrl+Enter approves.", "1–1.000 de caractere. Ctrl+Enter aprobă.";
    TextEmpty: "Write what is to be sent.", "Scrie ce se trimite.";
    Lapses: "Lapses in {}", "Expiră în {}";
    ApprovedBy: "Approved; it is sent in {}.", "Aprobat; se trimite în {}.";
    RejectedBy: "Rejected; that holds in {}.", "Respins; rămâne așa în {}.";
    Told: "Sent to everybody of Harbour Air (example)", "Trimis tuturor de la Harbour Air (exemplu)";
    NotTold: "Nothing was sent.", "Nu s-a trimis nimic.";
    LapsedHint: "It lapsed first, so nothing was sent.", "A expirat înainte, așa că nu s-a trimis nimic.";
    NoticeHint: "A notice: the case is kept, and nobody is asked.", "O notă: cazul se păstrează și nimeni nu e întrebat.";
    OverHint: "The disruption is over.", "Perturbarea s-a încheiat.";
    Refused: "Not taken: {}.", "Nu s-a putut: {}.";

    // Its record.
    Numbers: "Numbers that it knew", "Numerele pe care le știa";
    Steps: "{} steps", "Pași: {}";
    Verify: "Verify", "Verifică";
    Export: "Export", "Exportă";
    Verified: "The chain holds: {} steps, done again with the same result, to the last hash {}.", "Lanțul ține: pașii 1–{} refăcuți cu același rezultat, până la ultimul hash {}.";
    Broken: "The chain breaks at step {}.", "Lanțul se rupe la pasul {}.";

    // Steps.
    You: "you", "tine";
    StepStarted: "Began: {}", "A început: {}";
    StepEntered: "Node {}", "Nodul {}";
    StepRecorded: "Noted {}", "A notat {}";
    StepAsked: "Asked for {}", "A cerut {}";
    StepAnswered: "Answered by {}", "A răspuns {}";
    StepUnanswered: "Not answered", "Fără răspuns";
    StepPolicy: "Policy: {}", "Regulament: {}";
    StepAskedYou: "You are asked: {}", "Ești întrebat: {}";
    StepApproved: "Approved by {}", "Aprobat de {}";
    StepEdited: "Approved with changes by {}", "Aprobat cu modificări de {}";
    StepRejected: "Rejected by {}", "Respins de {}";
    StepReopened: "Taken back by {}", "Retras de {}";
    StepIntended: "To be written: {}", "De scris: {}";
    StepWritten: "Written", "Scris";
    StepLost: "Not delivered", "Nelivrat";
    StepLeft: "Left {}", "A ieșit din {}";
    StepFinished: "Decided: {}", "Hotărât: {}";
    StepFailed: "Failed: {}", "A eșuat: {}";
    StepWoken: "Its time came", "I-a venit vremea";
    StepOther: "Went on", "A continuat";

    // Rules of the watcher.
    RuleUnlawful: "code 7500", "codul 7500";
    RuleRadio: "code 7600", "codul 7600";
    RuleEmergency: "an emergency", "o urgență";
    RuleUnsureDiversion: "not sure that it diverts", "nu e sigur că deviază";
    RuleDiversion: "it diverts", "deviază";
    RuleUnsureReturn: "not sure that it returns", "nu e sigur că se întoarce";
    RuleReturn: "it returns", "se întoarce";
    RuleSilentLong: "silent for ten minutes", "tăcută de zece minute";
    RuleSilent: "silent where others are heard", "tăcută unde altele se aud";
    RuleHoldsLong: "holds for twenty minutes", "așteaptă de douăzeci de minute";
    RuleTurns: "four turns and more", "patru ture și mai mult";
    RuleHolds: "it holds", "e în așteptare";
    RuleGoAround: "it goes around", "a întrerupt apropierea";
    RuleLevelOff: "its descent stopped", "și-a oprit coborârea";
    RuleElse: "anything else", "orice altceva";
    RuleCritical: "it is critical", "e critic";
    RuleSure: "it is sure enough", "e destul de sigur";
    RuleUnsure: "it is not sure enough", "nu e destul de sigur";

    // Numbers of the watcher.
    Turns: "turns flown", "ture zburate";
    Radius: "radius", "rază";
    Lasts: "duration", "durată";
    LastsUsually: "usual duration", "durată obișnuită";
    Altitude: "altitude", "altitudine";
    Lowest: "lowest altitude", "altitudine minimă";
    Highest: "highest altitude", "altitudine maximă";
    LowestHeight: "lowest height", "înălțime minimă";
    Climb: "climb", "urcare";
    Descent: "descent", "coborâre";
    Distance: "distance to the airport", "distanță la aeroport";
    Closest: "closest to the airport", "cel mai aproape de aeroport";
    Farthest: "farthest from the airport", "cel mai departe de aeroport";
    Bearing: "bearing to the airport", "direcția aeroportului";
    Track: "track", "drum";
    Silence: "silence", "tăcere";
    SilenceUsually: "usual silence", "tăcere obișnuită";
    Neighbours: "others heard nearby", "altele auzite aproape";
    Jump: "jump", "salt";
    JumpTime: "time of the jump", "timpul saltului";
    Implied: "speed that takes", "viteză necesară";
    Reported: "speed reported", "viteză raportată";
    Observations: "observations", "observații";
    Code: "transponder code", "codul transponderului";
    Emergency: "emergency reported", "urgență raportată";
    Certainty: "certainty", "siguranță";
    Grave: "gravity", "gravitate";
}

/// What a rule is called; its own name where the dictionary has none.
#[must_use]
pub fn rule_words(locale: Locale, rule: &str) -> String {
    use CaseWord as W;
    let word = match rule {
        "code 7500" => W::RuleUnlawful,
        "code 7600" => W::RuleRadio,
        "an emergency" => W::RuleEmergency,
        "not sure that it diverts" => W::RuleUnsureDiversion,
        "it diverts" => W::RuleDiversion,
        "not sure that it returns" => W::RuleUnsureReturn,
        "it returns" => W::RuleReturn,
        "silent for ten minutes" => W::RuleSilentLong,
        "silent where others are heard" => W::RuleSilent,
        "holds for twenty minutes" => W::RuleHoldsLong,
        "four turns and more" => W::RuleTurns,
        "it holds" => W::RuleHolds,
        "it goes around" => W::RuleGoAround,
        "its descent stopped" => W::RuleLevelOff,
        "anything else" => W::RuleElse,
        "critical" => W::RuleCritical,
        "sure enough" => W::RuleSure,
        "not sure enough" => W::RuleUnsure,
        own => return own.to_owned(),
    };
    word.of(locale).to_owned()
}

/// What a number is called, and its unit; its own name where the dictionary has none.
#[must_use]
pub fn number_words(locale: Locale, name: &str) -> (String, &'static str) {
    use CaseWord as W;
    let (word, unit) = match name {
        "turns_flown" => (W::Turns, ""),
        "radius_m" => (W::Radius, "m"),
        "duration_s" => (W::Lasts, "s"),
        "expected_duration_s" => (W::LastsUsually, "s"),
        "altitude_m" => (W::Altitude, "m"),
        "lowest_altitude_m" => (W::Lowest, "m"),
        "highest_altitude_m" => (W::Highest, "m"),
        "lowest_height_m" => (W::LowestHeight, "m"),
        "climb_m" => (W::Climb, "m"),
        "descent_m" => (W::Descent, "m"),
        "airport_distance_m" => (W::Distance, "m"),
        "airport_closest_m" => (W::Closest, "m"),
        "airport_farthest_m" => (W::Farthest, "m"),
        "airport_bearing_deg" => (W::Bearing, "°"),
        "track_deg" => (W::Track, "°"),
        "silence_s" => (W::Silence, "s"),
        "expected_silence_s" => (W::SilenceUsually, "s"),
        "neighbours_heard" => (W::Neighbours, ""),
        "jump_m" => (W::Jump, "m"),
        "jump_interval_s" => (W::JumpTime, "s"),
        "implied_speed_mps" => (W::Implied, "m/s"),
        "reported_speed_mps" => (W::Reported, "m/s"),
        "observations" => (W::Observations, ""),
        "squawk" => (W::Code, ""),
        "emergency_state" => (W::Emergency, ""),
        "confidence_pct" => (W::Certainty, "%"),
        "confidence" => (W::Certainty, ""),
        "grave" => (W::Grave, ""),
        own => return (own.to_owned(), ""),
    };
    (word.of(locale).to_owned(), unit)
}

/// The word for a step of a run, in which `{}` stands for what it was about.
#[must_use]
pub fn step_word(kind: &str) -> CaseWord {
    use CaseWord as W;
    match kind {
        "started" => W::StepStarted,
        "entered" => W::StepEntered,
        "recorded" => W::StepRecorded,
        "asked" => W::StepAsked,
        "answered" => W::StepAnswered,
        "answer_failed" => W::StepUnanswered,
        "policy_decided" => W::StepPolicy,
        "approval_asked" => W::StepAskedYou,
        "approved" => W::StepApproved,
        "edited" => W::StepEdited,
        "rejected" => W::StepRejected,
        "withdrawn" => W::Lapsed,
        "approval_reopened" => W::StepReopened,
        "effect_intended" => W::StepIntended,
        "effect_done" => W::StepWritten,
        "effect_failed" => W::StepLost,
        "left" => W::StepLeft,
        "finished" => W::StepFinished,
        "failed" | "cancelled" => W::StepFailed,
        "woken" => W::StepWoken,
        _ => W::StepOther,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_keep_the_style() {
        crate::text::words::check(NAMES, WORDS);
    }

    #[test]
    fn every_number_of_a_disruption_has_a_name() {
        for (_, name) in inflight_domain::Measure::ALL {
            for locale in [Locale::En, Locale::Ro] {
                assert!(!number_words(locale, name).0.contains('_'), "{name}");
            }
        }
    }
}
