//! Capital and small letters of Latin, Greek and Cyrillic; the tables of all scripts would weigh more than a view.

/// A text in small letters.
#[must_use]
pub fn lower(text: &str) -> String {
    text.chars().map(small).collect()
}

/// A text that begins with a capital letter, as far as English and Romanian go.
#[must_use]
pub fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    let capital = |first: char| match first {
        'î' => 'Î',
        'â' => 'Â',
        'ș' => 'Ș',
        'ț' => 'Ț',
        'ă' => 'Ă',
        other => other.to_ascii_uppercase(),
    };
    letters.next().map(capital).into_iter().chain(letters).collect()
}

fn small(letter: char) -> char {
    let code = u32::from(letter);
    let lower = match code {
        0x41..=0x5a | 0xc0..=0xd6 | 0xd8..=0xde | 0x391..=0x3a1 | 0x3a3..=0x3ab | 0x410..=0x42f => code + 32,
        0x400..=0x40f => code + 80,
        0x100..=0x12f | 0x132..=0x137 | 0x14a..=0x177 | 0x218..=0x21f | 0x460..=0x481 | 0x1e00..=0x1e95 => {
            code | 1
        }
        0x139..=0x148 | 0x179..=0x17e => code + (code & 1),
        _ => code,
    };
    char::from_u32(lower).unwrap_or(letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_as_the_tables_of_all_scripts_say() {
        for code in
            (0x20..0x178).chain(0x179..0x180).chain(0x218..0x220).chain(0x391..0x482).chain(0x1e00..0x1e96)
        {
            let Some(letter) = char::from_u32(code) else { continue };
            let is_plain = letter.to_lowercase().count() == 1 && !(0x3cf..0x400).contains(&code);
            let expected = if is_plain { letter.to_lowercase().collect() } else { letter.to_string() };
            assert_eq!(lower(&letter.to_string()), expected, "{code:x}");
        }
        assert_eq!(lower("ÎNȚELES ȘI Ă"), "înțeles și ă");
        assert_eq!(
            (capitalised("în fiecare zi"), capitalised("")),
            ("În fiecare zi".to_owned(), String::new())
        );
    }
}
