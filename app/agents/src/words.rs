//! Words as search and the assistant compare them: lower case, without diacritics, perhaps without their endings.

/// A text in lower case, Romanian and other Latin letters without their marks.
#[must_use]
pub fn fold(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).filter_map(plain).collect()
}

/// The words of a text, folded; digits and letters that belong together stay together (`w6123`), everything else parts.
pub fn tokens(text: &str) -> impl Iterator<Item = String> {
    let folded = fold(text);
    let words: Vec<String> = folded
        .split(|character: char| !character.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect();
    words.into_iter()
}

/// A folded word without the commonest endings of English and Romanian; short words stay whole.
#[must_use]
pub fn stem(word: &str) -> &str {
    if word.len() < 5 || !word.is_ascii() || word.bytes().any(|byte| byte.is_ascii_digit()) {
        return word;
    }
    let ending = ENDINGS.iter().find(|ending| word.ends_with(**ending) && word.len() - ending.len() >= 4);
    let stem = ending.map_or(word, |ending| &word[..word.len() - ending.len()]);
    let bytes = stem.as_bytes();
    let doubled = stem.len() > 4 && bytes[stem.len() - 1] == bytes[stem.len() - 2] && ending.is_some();
    if doubled { &stem[..stem.len() - 1] } else { stem }
}

/// Words that say nothing about what a text is about, in both languages, folded.
#[must_use]
pub fn is_common(word: &str) -> bool {
    COMMON.binary_search(&word).is_ok()
}

/// Longest first.
const ENDINGS: [&str; 42] = [
    "urilor", "atiile", "atiei", "iilor", "ation", "ilor", "elor", "ului", "atii", "atie", "ings", "ment",
    "area", "arii", "erea", "irea", "ance", "ence", "ile", "uri", "ate", "ati", "ata", "are", "ere", "ire",
    "and", "ind", "ing", "ers", "ele", "ed", "es", "er", "ul", "ii", "ei", "le", "at", "it", "ut", "s",
];

const COMMON: [&str; 76] = [
    "a", "al", "ale", "am", "an", "and", "are", "as", "at", "au", "be", "been", "by", "ca", "care", "ce",
    "cu", "cum", "de", "din", "do", "for", "from", "had", "has", "have", "how", "i", "in", "into", "is",
    "it", "its", "la", "le", "me", "mi", "ne", "o", "of", "on", "or", "our", "pe", "pentru", "prin", "sa",
    "sau", "se", "si", "sunt", "that", "the", "their", "them", "then", "there", "they", "this", "to", "un",
    "una", "unde", "unei", "unui", "us", "va", "was", "we", "were", "what", "when", "where", "which", "with",
    "you",
];

fn plain(character: char) -> Option<char> {
    Some(match character {
        'ă' | 'â' | 'á' | 'à' | 'ä' | 'ã' | 'å' => 'a',
        'î' | 'í' | 'ì' | 'ï' => 'i',
        'ș' | 'ş' | 'š' => 's',
        'ț' | 'ţ' => 't',
        'é' | 'è' | 'ê' | 'ë' => 'e',
        'ó' | 'ò' | 'ô' | 'ö' | 'õ' => 'o',
        'ú' | 'ù' | 'û' | 'ü' => 'u',
        'ç' | 'č' => 'c',
        'ñ' => 'n',
        'ž' => 'z',
        // Marks that stand by themselves, as some keyboards send them.
        '\u{300}'..='\u{36f}' => return None,
        other => other,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_to_write_romanian_are_one() {
        for (text, expected) in [
            ("Întârziere la îmbarcare", "intarziere la imbarcare"),
            ("Şase ţări, Șase țări", "sase tari, sase tari"),
            ("s\u{326}ase", "sase"),
            ("RO-1234 / W6 123", "ro-1234 / w6 123"),
        ] {
            assert_eq!(fold(text), expected);
        }
        let words: Vec<String> = tokens("Poarta B12: închisă (ROT 381)").collect();
        assert_eq!(words, ["poarta", "b12", "inchisa", "rot", "381"]);
    }

    #[test]
    fn endings_fall_and_short_words_stay() {
        for (forms, expected) in [
            (&["diverted", "diverting"][..], "divert"),
            (&["poarta", "gate", "b12", "2026s"], ""),
            (&["zborul", "zboruri", "zborurilor"], "zbor"),
            (&["delays", "delayed"], "delay"),
        ] {
            for form in forms {
                let expected = if expected.is_empty() { form } else { expected };
                assert_eq!(stem(form), expected, "{form}");
            }
        }
    }

    #[test]
    fn common_words_are_in_order() {
        assert!(COMMON.is_sorted());
        assert!(is_common("pentru") && !is_common("poarta"));
        assert!(ENDINGS.is_sorted_by_key(|ending| core::cmp::Reverse(ending.len())));
    }
}
