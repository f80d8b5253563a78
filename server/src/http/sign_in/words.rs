//! What the page says, in English and in Romanian.

use axum::http::{HeaderMap, header};

/// The page's texts in one language.
#[derive(Debug)]
pub struct Words {
    pub lang: &'static str,
    pub title: &'static str,
    pub intro: &'static str,
    pub label: &'static str,
    pub help: &'static str,
    pub sign_in: &'static str,
    pub look: &'static str,
    pub no_proofs: &'static str,
    pub signed_in_as: &'static str,
    pub roles: &'static str,
    pub businesses: &'static str,
    pub all: &'static str,
    pub none: &'static str,
    pub go_on: &'static str,
    pub sign_out: &'static str,
    pub empty: &'static str,
    pub unknown: &'static str,
    pub too_many: &'static str,
    pub not_encrypted: &'static str,
}

const EN: Words = Words {
    lang: "en",
    title: "Sign in",
    intro: "This server asks who you are before it shows anything.",
    label: "Key or token",
    help: "A key begins with ifk_. Whoever runs this server makes one with",
    sign_in: "Sign in",
    look: "Look without signing in",
    no_proofs: "No key exists here yet. Whoever runs this server makes one with",
    signed_in_as: "Signed in as",
    roles: "Roles",
    businesses: "Businesses",
    all: "all",
    none: "none",
    go_on: "Go on",
    sign_out: "Sign out",
    empty: "Enter the key or token.",
    unknown: "This key or token is not known here, or no longer good. Check that it was copied whole.",
    too_many: "Too many attempts. Wait a minute, then try again.",
    not_encrypted: "This page was not encrypted on its way, so you cannot sign in here. Open it by https, or on the \
                    machine where the server runs.",
};

const RO: Words = Words {
    lang: "ro",
    title: "Autentificare",
    intro: "Serverul cere să știe cine sunteți înainte să arate ceva.",
    label: "Cheie sau token",
    help: "O cheie începe cu ifk_. O face cine administrează serverul, cu",
    sign_in: "Intră",
    look: "Privește fără autentificare",
    no_proofs: "Aici nu există încă nicio cheie. O face cine administrează serverul, cu",
    signed_in_as: "Autentificat ca",
    roles: "Roluri",
    businesses: "Firme",
    all: "toate",
    none: "niciuna",
    go_on: "Continuă",
    sign_out: "Ieși",
    empty: "Introduceți cheia sau tokenul.",
    unknown: "Cheia sau tokenul nu este cunoscut aici sau nu mai este valabil. Verificați dacă a fost copiat întreg.",
    too_many: "Prea multe încercări. Așteptați un minut și încercați din nou.",
    not_encrypted: "Pagina nu a venit criptată, așa că nu vă puteți autentifica aici. Deschideți-o prin https sau pe \
                    calculatorul pe care rulează serverul.",
};

/// The language that the browser prefers.
pub fn of(headers: &HeaderMap) -> &'static Words {
    let said = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let weight = |item: &str| {
        let quality = item.split(';').skip(1).find_map(|part| part.trim().strip_prefix("q="));
        quality.map_or(1.0, |text| text.parse().unwrap_or(0.0))
    };
    let best = |language: &str| {
        let spoken = said.split(',').map(str::trim).filter(|item| {
            let tag = item.split([';', '-']).next().unwrap_or_default();
            tag.eq_ignore_ascii_case(language)
        });
        spoken.map(weight).fold(0.0, f64::max)
    };
    if best("ro") > best("en") { &RO } else { &EN }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_preferred_language_is_taken() {
        for (said, expected) in [
            ("", "en"),
            ("ro", "ro"),
            ("ro-RO,ro;q=0.9,en;q=0.8", "ro"),
            ("en-GB,en;q=0.9,ro;q=0.8", "en"),
            ("de,ro;q=0.5", "ro"),
            ("de", "en"),
            ("en;q=0.1,ro;q=x", "en"),
        ] {
            let headers = HeaderMap::from_iter([(header::ACCEPT_LANGUAGE, said.parse().unwrap())]);
            assert_eq!(of(&headers).lang, expected, "{said}");
        }
    }
}
