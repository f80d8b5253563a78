//! How a dictionary is made: an enum whose variants know their words in both languages, side by side.

/// Makes the enum of a dictionary. A program carries the words of those dictionaries that it uses, each whole.
macro_rules! dictionary {
    ($kind:ident; $($name:ident: $english:literal, $romanian:literal;)*) => {
        /// A word or sentence of the screen.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $kind {
            $(#[doc = $english] $name,)*
        }

        const WORDS: &[[&str; 2]] = &[$([$english, $romanian],)*];

        #[cfg(test)]
        const NAMES: &[&str] = &[$(stringify!($name),)*];

        impl $kind {
            /// The words in a language.
            #[must_use]
            pub fn of(self, locale: $crate::text::Locale) -> &'static str {
                WORDS[self as usize][locale as usize]
            }
        }
    };
}

pub(crate) use dictionary;

/// Holds words to the style of the house.
#[cfg(test)]
pub fn check(names: &[&str], words: &[[&str; 2]]) {
    for (name, words) in names.iter().zip(words) {
        for word in words {
            assert!(!word.trim().is_empty(), "{name} is empty");
            assert!(!word.contains('!'), "{name} shouts");
            assert!(!word.contains(['ş', 'ţ', 'Ş', 'Ţ']), "{name} has cedillas instead of commas below");
        }
        let places = words.map(|word| word.matches("{}").count());
        assert_eq!(places[0], places[1], "{name} has another number of places in Romanian");
    }
}
