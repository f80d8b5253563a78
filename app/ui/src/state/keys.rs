//! Which key does what, and the list of them for the key help.

use crate::text::Text;

/// What a key asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Goes to the search field.
    Search,
    /// Opens or closes the list of keys.
    Keys,
    /// Opens or closes the table.
    Table,
    /// Follows the selected aircraft or stops.
    Follow,
    /// Opens or closes the sources.
    Sources,
    /// Takes the next seat with the selected aircraft: cockpit, chase, from above, none.
    Seat,
    /// Shows all of the data's area again.
    Home,
    /// Turns the globe to north up, seen from above.
    North,
    /// Plays or pauses the recording.
    PlayPause,
    /// Closes what is open, or clears the selection.
    Escape,
}

/// A key that was pressed.
#[derive(Clone, Copy, Debug)]
pub struct Pressed<'a> {
    /// Its name as browsers give it.
    pub key: &'a str,
    /// Ctrl or Cmd is held.
    pub command: bool,
    /// Alt is held.
    pub alt: bool,
    /// The focus is in a field that takes text.
    pub in_text: bool,
    /// The focus is on something that takes blanks: a button, a link, a slider.
    pub on_control: bool,
}

/// A line of the key help.
#[derive(Clone, Copy, Debug)]
pub struct Binding {
    /// The keys as they are printed on the caps.
    pub caps: &'static [&'static str],
    /// What they do.
    pub does: Text,
    /// Whether it goes when single-letter keys are off.
    pub letter: bool,
}

/// All lines of the key help.
pub const BINDINGS: [Binding; 15] = [
    Binding { caps: &["Ctrl", "K"], does: Text::KeySearch, letter: false },
    Binding { caps: &["/"], does: Text::KeySearch, letter: true },
    Binding { caps: &["T"], does: Text::KeyTable, letter: true },
    Binding { caps: &["F"], does: Text::KeyFollow, letter: true },
    Binding { caps: &["X"], does: Text::KeySeat, letter: true },
    Binding { caps: &["C"], does: Text::KeySources, letter: true },
    Binding { caps: &["H"], does: Text::KeyHome, letter: true },
    Binding { caps: &["N"], does: Text::KeyNorth, letter: true },
    Binding { caps: &["P"], does: Text::KeyPlayPause, letter: true },
    Binding { caps: &["?"], does: Text::KeyKeys, letter: true },
    Binding { caps: &["Esc"], does: Text::KeyEscape, letter: false },
    Binding { caps: &["\u{2190}", "\u{2191}", "\u{2192}", "\u{2193}"], does: Text::KeyPan, letter: false },
    Binding { caps: &["Enter"], does: Text::KeyNext, letter: false },
    Binding { caps: &["+", "\u{2212}"], does: Text::KeyZoom, letter: false },
    Binding {
        caps: &["Shift", "\u{2190}", "\u{2191}", "\u{2192}", "\u{2193}"],
        does: Text::KeyTurn,
        letter: false,
    },
];

/// What the key does anywhere on the desk, none if it is left to what has the focus.
#[must_use]
pub fn action(pressed: Pressed<'_>, letter_keys: bool) -> Option<Action> {
    if pressed.key == "Escape" {
        return Some(Action::Escape);
    }
    if pressed.command {
        return pressed.key.eq_ignore_ascii_case("k").then_some(Action::Search);
    }
    if !letter_keys || pressed.in_text || pressed.alt {
        return None;
    }
    match pressed.key {
        "/" => Some(Action::Search),
        "?" => Some(Action::Keys),
        "t" | "T" => Some(Action::Table),
        "f" | "F" => Some(Action::Follow),
        "x" | "X" => Some(Action::Seat),
        "c" | "C" => Some(Action::Sources),
        "h" | "H" => Some(Action::Home),
        "n" | "N" => Some(Action::North),
        "p" | "P" => Some(Action::PlayPause),
        " " if !pressed.on_control => Some(Action::PlayPause),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Pressed<'_> =
        Pressed { key: "", command: false, alt: false, in_text: false, on_control: false };

    #[test]
    fn letters_are_keys_only_outside_of_text() {
        for (pressed, letters, expected) in [
            (Pressed { key: "/", ..PLAIN }, true, Some(Action::Search)),
            (Pressed { key: "/", in_text: true, ..PLAIN }, true, None),
            (Pressed { key: "/", ..PLAIN }, false, None),
            (Pressed { key: "k", command: true, in_text: true, ..PLAIN }, false, Some(Action::Search)),
            (Pressed { key: "t", command: true, ..PLAIN }, true, None),
            (Pressed { key: "t", alt: true, ..PLAIN }, true, None),
            (Pressed { key: "Escape", in_text: true, ..PLAIN }, false, Some(Action::Escape)),
            (Pressed { key: " ", ..PLAIN }, true, Some(Action::PlayPause)),
            (Pressed { key: " ", on_control: true, ..PLAIN }, true, None),
            (Pressed { key: "q", ..PLAIN }, true, None),
        ] {
            assert_eq!(action(pressed, letters), expected, "{pressed:?}");
        }
    }

    #[test]
    fn every_letter_of_the_help_does_something() {
        for binding in BINDINGS.iter().filter(|binding| binding.letter) {
            let pressed = Pressed { key: binding.caps[0], ..PLAIN };
            assert!(action(pressed, true).is_some(), "{:?}", binding.caps);
        }
    }
}
