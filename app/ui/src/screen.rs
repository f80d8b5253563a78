//! What every desk has: choices of the person, the open panel, the badge, and what is said.

use crate::browser::{save, set_root};
use crate::live::{Live, live};
use crate::state::badge::Badge;
use crate::state::settings::{STORAGE_KEY, Settings, Theme};
use crate::text::{Locale, Text, set_local_time};
use leptos::prelude::*;
use std::cell::RefCell;
use std::rc::Rc;

thread_local! {
    static DRAW_ANEW: RefCell<Option<Rc<dyn Fn()>>> = const { RefCell::new(None) };
}

/// Signals that the parts of any desk share; a copy is the same screen.
#[derive(Clone, Copy)]
pub struct Screen {
    /// What the person chose for good.
    pub settings: RwSignal<Settings>,
    /// The panel that is open.
    pub panel: RwSignal<Option<Panel>>,
    /// What the badge says.
    pub badge: RwSignal<Badge>,
    /// Rises once a second, for ages.
    pub beat: RwSignal<u64>,
    /// How many alerts are open.
    pub alerts: RwSignal<usize>,
    /// How many things wait for a person's decision, where the desk knows.
    pub waiting: RwSignal<usize>,
    /// The last thing to be said to who cannot see it.
    pub said: RwSignal<String>,
    /// A short message on the screen.
    pub toast: RwSignal<Option<String>>,
}

/// A panel over the desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Panel {
    /// Connection and sources.
    Sources,
    /// Filters.
    Filters,
    /// Statistics of the picture.
    Statistics,
    /// Disruptions.
    Disruptions,
    /// List of keys.
    Keys,
    /// Settings.
    Settings,
}

impl Screen {
    /// A screen as the server renders it: nothing is known yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            settings: RwSignal::new(Settings::default()),
            panel: RwSignal::new(None),
            badge: RwSignal::new(Badge::Connecting),
            beat: RwSignal::new(0),
            alerts: RwSignal::new(0),
            waiting: RwSignal::new(0),
            said: RwSignal::new(String::new()),
            toast: RwSignal::new(None),
        }
    }

    /// The language, tracked.
    #[must_use]
    pub fn locale(self) -> Locale {
        self.settings.read().locale
    }

    /// Takes over what the person chose before, or what the browser is set to.
    pub fn restore(self, theme: Option<Theme>, locale: Option<Locale>) {
        let mut settings = crate::browser::load(STORAGE_KEY).map_or_else(
            || Settings { locale: browsers_locale(), ..Settings::default() },
            |text| Settings::parse(&text),
        );
        settings.theme = theme.unwrap_or(settings.theme);
        settings.locale = locale.unwrap_or(settings.locale);
        self.settings.set(settings);
        show(settings);
    }

    /// Changes a choice, keeps it, and shows it.
    pub fn change(self, act: &mut dyn FnMut(&mut Settings)) {
        let mut settings = self.settings.get_untracked();
        act(&mut settings);
        // First: what is drawn anew at the change reads the colours and the clock's zone.
        show(settings);
        self.settings.set(settings);
        save(STORAGE_KEY, &settings.text());
        let draw = DRAW_ANEW.with_borrow(Clone::clone);
        draw.iter().for_each(|draw| draw());
    }

    /// Says something to who cannot see it.
    pub fn say(self, text: Text, value: &str) {
        let words = text.of(self.settings.read_untracked().locale).replace("{}", value);
        set_if_changed(self.said, words);
    }

    /// Opens a panel, or closes it if it is the open one.
    pub fn toggle_panel(self, panel: Panel) {
        self.panel.update(|open| *open = if *open == Some(panel) { None } else { Some(panel) });
    }

    /// Brings the badge up to date and says when it changes its kind.
    pub fn show_badge(self, badge: Badge) {
        let kind = badge.kind();
        let before = self.badge.with_untracked(Badge::kind);
        set_if_changed(self.badge, badge);
        if before != kind {
            let text = crate::parts::badge::name(kind);
            self.say(Text::SaidState, text.of(self.settings.get_untracked().locale));
        }
    }
}

/// What is drawn in colours and words of its own is drawn anew by this when a choice changes.
pub fn draw_anew_by(draw: Rc<dyn Fn()>) {
    DRAW_ANEW.set(Some(draw));
}

/// The screen of this page.
#[must_use]
pub fn use_screen() -> Screen {
    expect_context::<Screen>()
}

/// A word in the language of the page.
#[must_use]
pub fn word(text: Text) -> Live {
    let settings = use_screen().settings;
    live(move || text.of(settings.read().locale))
}

/// Sets a signal only if that changes it, so that nothing is drawn anew for nothing.
pub fn set_if_changed<T: PartialEq + Send + Sync + 'static>(signal: RwSignal<T>, value: T) {
    if signal.try_with_untracked(|old| *old != value) == Some(true) {
        signal.set(value);
    }
}

/// Puts theme, language and zone where the whole page finds them.
fn show(settings: Settings) {
    set_root("data-theme", (settings.theme != Theme::System).then(|| settings.theme.name()));
    set_root("lang", Some(settings.locale.tag()));
    set_local_time(settings.local_time);
}

/// What the browser is set to, where nothing was chosen.
fn browsers_locale() -> Locale {
    crate::browser::language().and_then(|tag| Locale::parse(&tag)).unwrap_or_default()
}
