//! Which key does what, and the list of them for the key help.

use crate::text::{Format, Text};
use inflight_globe::Key;

/// What a key, a button or a line of the palette asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Goes to the search field.
    Search,
    /// Opens or closes the list of keys.
    Keys,
    /// Opens or closes the table.
    Table,
    /// Opens or closes the filters.
    Filters,
    /// Opens or closes the statistics.
    Statistics,
    /// Opens or closes the settings.
    Settings,
    /// Opens or closes the sources.
    Sources,
    /// Takes the next seat with the selected aircraft: cockpit, chase, from above, none.
    Seat,
    /// Follows the selected aircraft or stops.
    Follow,
    /// Selects some aircraft and follows it.
    FollowRandom,
    /// A press adds to the selection, or replaces it again.
    Several,
    /// Shows the selected aircraft alone, or all again.
    Isolate,
    /// Shows military aircraft alone, or all again.
    Military,
    /// Takes all filters away.
    ClearFilters,
    /// Clears the selection.
    Deselect,
    /// Labels on or off.
    Labels,
    /// Says more or less on labels.
    LabelDetail,
    /// Trails of all aircraft, or of the selected ones.
    AllTrails,
    /// Keeps the trails of aircraft that have left.
    KeepTrails,
    /// Dims the map.
    Dim,
    /// Range rings around the selected aircraft or the middle of the picture, or none.
    Rings,
    /// Hides what lies over the picture.
    Bare,
    /// Shows all of the data's area again.
    Home,
    /// Moves the camera.
    Camera(Key),
    /// Plays or pauses the recording.
    PlayPause,
    /// Copies the address.
    CopyLink,
    /// Hands out what is shown as a file.
    Export(Format),
    /// The next units.
    NextUnits,
    /// Local time, or UTC.
    NextClock,
    /// The next theme.
    NextTheme,
    /// The other language.
    NextLanguage,
    /// Goes into the past, or back from it.
    Past,
    /// So many polls on, or back.
    Step(i64),
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

/// Something that can be done, with its keys: a line of the key help and of the palette.
#[derive(Clone, Copy, Debug)]
pub struct Binding {
    /// The keys as they are printed on the caps; none where only the palette has it.
    pub caps: &'static [&'static str],
    /// What they do.
    pub does: Text,
    /// The names of the keys that do it, if they go when single-letter keys are off.
    pub letters: &'static [&'static str],
    /// What is done; none where it is left to what has the focus.
    pub action: Option<Action>,
}

impl Binding {
    /// Whether it is listed under another line's name already.
    #[must_use]
    pub fn is_echo(&self) -> bool {
        self.caps.is_empty() && !self.letters.is_empty()
    }
}

/// All that can be done by key or by name. Letters are those of tar1090 where it has them.
pub const BINDINGS: &[Binding] = &[
    fixed(&["Ctrl", "K"], Text::KeyPalette, Some(Action::Search)),
    letter(&["/"], Text::KeySearch, &["/"], Action::Search),
    letter(&["?"], Text::KeyKeys, &["?"], Action::Keys),
    letter(&["V"], Text::KeyTable, &["v"], Action::Table),
    letter(&["F"], Text::KeyFollow, &["f"], Action::Follow),
    letter(&["X"], Text::KeySeat, &["x"], Action::Seat),
    letter(&["R"], Text::KeyFollowRandom, &["r"], Action::FollowRandom),
    letter(&["M"], Text::KeySeveral, &["m"], Action::Several),
    letter(&["I"], Text::KeyIsolate, &["i"], Action::Isolate),
    letter(&["U"], Text::KeyMilitary, &["u"], Action::Military),
    letter(&["C"], Text::CloseInspector, &["c"], Action::Deselect),
    letter(&["L"], Text::KeyLabels, &["l"], Action::Labels),
    letter(&["O"], Text::KeyLabelDetail, &["o"], Action::LabelDetail),
    letter(&["T"], Text::KeyAllTrails, &["t"], Action::AllTrails),
    letter(&["P"], Text::KeyKeepTrails, &["p"], Action::KeepTrails),
    letter(&["B"], Text::KeyDim, &["b"], Action::Dim),
    letter(&["Z"], Text::RangeRings, &["z"], Action::Rings),
    letter(&["Shift", "H"], Text::KeyBare, &["H"], Action::Bare),
    letter(&["H"], Text::KeyHome, &["h"], Action::Home),
    letter(&["N"], Text::KeyNorth, &["n"], Action::Camera(Key::North)),
    letter(&["G"], Text::KeySources, &["g"], Action::Sources),
    letter(&["\u{2423}"], Text::KeyPlayPause, &[" "], Action::PlayPause),
    letter(&["Y"], Text::KeyPast, &["y"], Action::Past),
    letter(&[","], Text::KeyStepBack, &[","], Action::Step(-1)),
    letter(&["."], Text::KeyStep, &["."], Action::Step(1)),
    fixed(&["Tab"], Text::KeyNext, None),
    fixed(&["Esc"], Text::KeyEscape, None),
    fixed(&["\u{2190}", "\u{2191}", "\u{2192}", "\u{2193}"], Text::KeyPan, None),
    fixed(&["Shift", "\u{2190}", "\u{2191}", "\u{2192}", "\u{2193}"], Text::KeyTurn, None),
    fixed(&["+", "\u{2212}"], Text::KeyZoom, None),
    letter(&["W", "A", "S", "D"], Text::KeyPan, &["w"], Action::Camera(Key::Up)),
    letter(&[], Text::KeyPan, &["a"], Action::Camera(Key::Left)),
    letter(&[], Text::KeyPan, &["s"], Action::Camera(Key::Down)),
    letter(&[], Text::KeyPan, &["d"], Action::Camera(Key::Right)),
    letter(&["E", "Q"], Text::KeyZoom, &["e", "+"], Action::Camera(Key::ZoomIn)),
    letter(&[], Text::KeyZoom, &["q", "-"], Action::Camera(Key::ZoomOut)),
    named(Text::Filters, Action::Filters),
    named(Text::Statistics, Action::Statistics),
    named(Text::ClearFilters, Action::ClearFilters),
    named(Text::CopyLink, Action::CopyLink),
    named(Text::ExportCsv, Action::Export(Format::Csv)),
    named(Text::ExportGeoJson, Action::Export(Format::GeoJson)),
    named(Text::ExportKml, Action::Export(Format::Kml)),
    named(Text::Settings, Action::Settings),
    named(Text::UnitsLabel, Action::NextUnits),
    named(Text::Clock, Action::NextClock),
    named(Text::Theme, Action::NextTheme),
    named(Text::Language, Action::NextLanguage),
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
    let taken = pressed.key == " " && pressed.on_control;
    if !letter_keys || pressed.in_text || pressed.alt || taken {
        return None;
    }
    // A letter in capitals that has no meaning of its own is the letter: caps lock may be on.
    let small = pressed.key.to_ascii_lowercase();
    let bound = |key: &str| BINDINGS.iter().find(|binding| binding.letters.contains(&key))?.action;
    bound(pressed.key).or_else(|| bound(&small))
}

const fn letter(
    caps: &'static [&'static str],
    does: Text,
    letters: &'static [&'static str],
    action: Action,
) -> Binding {
    Binding { caps, does, letters, action: Some(action) }
}

/// A key that is always one: with a modifier, or none that types.
pub const fn fixed(caps: &'static [&'static str], does: Text, action: Option<Action>) -> Binding {
    Binding { caps, does, letters: &[], action }
}

/// Letters that a desk reads by itself.
pub const fn letters(caps: &'static [&'static str], does: Text, letters: &'static [&'static str]) -> Binding {
    Binding { caps, does, letters, action: None }
}

const fn named(does: Text, action: Action) -> Binding {
    Binding { caps: &[], does, letters: &[], action: Some(action) }
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
            (Pressed { key: "H", ..PLAIN }, true, Some(Action::Bare)),
            (Pressed { key: "F", ..PLAIN }, true, Some(Action::Follow)),
            (Pressed { key: "w", ..PLAIN }, true, Some(Action::Camera(Key::Up))),
            (Pressed { key: "\u{e9}", ..PLAIN }, true, None),
        ] {
            assert_eq!(action(pressed, letters), expected, "{pressed:?}");
        }
    }

    #[test]
    fn no_letter_means_two_things() {
        let mut letters: Vec<&str> = BINDINGS.iter().flat_map(|binding| binding.letters).copied().collect();
        let all = letters.len();
        letters.sort_unstable();
        letters.dedup();
        assert_eq!(letters.len(), all);
    }
}
