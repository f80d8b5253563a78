//! Words that were written with one slip, as hurried people write them.

use crate::coordinator::language::is_filler;
use crate::coordinator::lexicon;
use crate::words;

/// Shortest word with two letters in each other's place.
const SWAPPED_MIN: usize = 4;
/// Shortest word with a letter too many, too few, or another one: short words are too near to each other.
const SLIPPED_MIN: usize = 6;

/// The word of ours that is meant by one that we do not know, if it differs by one slip behind its first letter.
#[must_use]
pub fn mended(word: &str) -> Option<&'static str> {
    let is_plain = word.len() >= SWAPPED_MIN && word.bytes().all(|byte| byte.is_ascii_lowercase());
    if !is_plain || lexicon::is_known(word) || words::is_common(word) || is_filler(word) {
        return None;
    }
    let swapped = lexicon::patterns().find(|(own, whole)| fits(word, own, *whole, SWAPPED_MIN, is_swapped));
    let slipped =
        || lexicon::patterns().find(|(own, whole)| fits(word, own, *whole, SLIPPED_MIN, is_slipped));
    swapped.or_else(slipped).map(|(own, _)| own)
}

/// Whether the word, or its beginning where ours is one, is ours with a slip.
fn fits(word: &str, own: &str, whole: bool, least: usize, slip: fn(&[u8], &[u8]) -> bool) -> bool {
    if own.len() < least || !own.is_ascii() || word.as_bytes()[0] != own.as_bytes()[0] {
        return false;
    }
    let ends = if whole { word.len()..=word.len() } else { own.len() - 1..=(own.len() + 1).min(word.len()) };
    ends.filter(|end| *end <= word.len()).any(|end| slip(&word.as_bytes()[..end], own.as_bytes()))
}

/// Two neighbours stand in each other's place.
fn is_swapped(word: &[u8], own: &[u8]) -> bool {
    let Some(at) = word.iter().zip(own).position(|(a, b)| a != b).filter(|at| at + 1 < own.len()) else {
        return false;
    };
    word.len() == own.len()
        && (word[at], word[at + 1]) == (own[at + 1], own[at])
        && word[at + 2..] == own[at + 2..]
}

/// One letter is too many, too few or another one.
fn is_slipped(word: &[u8], own: &[u8]) -> bool {
    let same = word.iter().zip(own).take_while(|(a, b)| a == b).count();
    let (word, own) = (&word[same..], &own[same..]);
    match (word, own) {
        ([], [_]) | ([_], []) => true,
        ([_, word @ ..], [_, own @ ..]) if word == own => true,
        ([_, word @ ..], own) if word == own => true,
        (word, [_, own @ ..]) => word == own,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(word: &str, expected: Option<&str>) {
        assert_eq!(mended(word), expected, "{word}");
    }

    #[test]
    fn one_slip_is_mended() {
        check("clsoe", Some("close"));
        check("opne", Some("open"));
        check("gaet", Some("gate"));
        check("inchde", Some("inchid"));
        check("shcedules", Some("schedul"));
        check("resurces", Some("resource"));
        check("avialable", Some("available"));
        check("disponbile", Some("disponibil"));
        check("mantenance", Some("maintenance"));
    }

    #[test]
    fn what_is_known_short_or_a_name_stays() {
        for word in [
            "close", "gate", "gat", "b12", "popa", "ionescu", "rivera", "okafor", "harbour", "please",
            "morning",
        ] {
            check(word, None);
        }
    }
}
