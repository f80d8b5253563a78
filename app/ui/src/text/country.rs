//! Countries by name: the browser has the names in all languages, so that the page need not bring them.

use crate::text::Locale;
use inflight_domain::countries;
use std::sync::OnceLock;

/// Names countries by their codes of ISO 3166 in one language; none where it knows no name.
pub type Namer = Box<dyn Fn(&str) -> Option<String>>;

/// Makes a namer for the tag of a language.
type Namers = fn(&str) -> Option<Namer>;

/// One page has one browser; without one, as on the server, countries have codes only.
static NAMERS: OnceLock<Namers> = OnceLock::new();

/// Says where names come from; the first word counts.
pub fn set_country_names(namers: Namers) {
    let _ = NAMERS.set(namers);
}

/// Name and code, `Romania (RO)`; the code alone where there is no name.
#[must_use]
pub fn country_text(locale: Locale, code: &str) -> String {
    match namer(locale).and_then(|name| name(code)) {
        Some(name) => [&name, " (", code, ")"].concat(),
        None => code.to_owned(),
    }
}

/// Codes of the countries of which a word begins like this in a language of the screen; neither case nor the signs
/// above and below letters count.
#[must_use]
pub fn countries_named(beginning: &str) -> Vec<&'static str> {
    let wanted = plain(beginning);
    let begins = |name: String| {
        let name = plain(&name);
        name.match_indices(&wanted)
            .any(|(at, _)| !name[..at].ends_with(|before: char| before.is_ascii_alphanumeric()))
    };
    let namers = [Locale::En, Locale::Ro].map(namer);
    let is_named = |code: &&str| namers.iter().flatten().any(|name| name(code).is_some_and(begins));
    countries().filter(is_named).collect()
}

fn namer(locale: Locale) -> Option<Namer> {
    NAMERS.get()?(locale.tag())
}

/// In capitals, without the signs that names of countries have in English and Romanian.
fn plain(text: &str) -> String {
    let letter = |letter: char| match letter {
        'á' | 'â' | 'ã' | 'å' | 'ă' | 'Â' | 'Å' | 'Ă' => 'A',
        'ç' | 'Ç' => 'C',
        'é' | 'É' => 'E',
        'í' | 'î' | 'Î' => 'I',
        'ó' | 'ô' | 'õ' => 'O',
        'ș' | 'ş' | 'Ș' | 'Ş' => 'S',
        'ț' | 'ţ' | 'Ț' | 'Ţ' => 'T',
        'ü' | 'Ü' => 'U',
        '\u{2019}' => '\'',
        letter => letter.to_ascii_uppercase(),
    };
    text.chars().map(letter).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::name_countries;

    #[test]
    fn names_are_found_by_the_beginnings_of_their_words() {
        name_countries();
        for (beginning, expected) in [
            ("Romania", &["RO"][..]),
            ("RomÂNIA", &["RO"]),
            ("roman", &["RO"]),
            ("oman", &["OM"]),
            ("ro", &["RO"]),
            ("tarile de jos", &["NL"]),
            ("Țările", &["NL"]),
            ("jos", &["NL"]),
            ("ivo", &["CI"]),
            ("d'ivoire", &["CI"]),
            ("xyz", &[]),
        ] {
            assert_eq!(countries_named(beginning), expected, "{beginning}");
        }
        assert_eq!(country_text(Locale::Ro, "RO"), "România (RO)");
        assert_eq!(country_text(Locale::En, "DE"), "DE");
    }
}
