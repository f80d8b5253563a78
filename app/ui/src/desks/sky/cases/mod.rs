//! What the watcher makes of disruptions, for the page that runs it itself: only its entry hands this in.

mod card;
mod program;

use crate::browser::{element, focus, morph, nothing_focused, wall_ms};
use crate::desk::{Desk, Panel};
use crate::desks::sky::alarms::reveal;
use crate::live::hear;
use crate::state::cases::{Book, Program};
use crate::text::CaseWord;
use inflight_domain::Disruption;
use leptos::ev::{Event, KeyboardEvent, MouseEvent};
use leptos::prelude::*;
use program::Worked;
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlTextAreaElement};

/// What stands beside the disruptions, where the entry of the page has something: what it does from the start, and
/// what it shows in their panel.
#[derive(Clone, Copy, Debug)]
pub struct Beside {
    /// Called once, in the browser or not.
    pub start: fn(Desk),
    /// A place in the panel.
    pub view: fn(Desk) -> AnyView,
}

/// The watcher, where its program lies beside the page.
pub const WATCHER: Beside = Beside { start, view };

/// The place in the panel.
const PLACE: &str = "cases";

/// The script of the program.
const SCRIPT: &str = "pkg/watcher.js";

/// The cases of this page; a copy is the same.
#[derive(Clone, Copy)]
struct Cases {
    desk: Desk,
    /// Rises whenever something changed.
    revision: RwSignal<u64>,
    kept: StoredValue<Kept, LocalStorage>,
}

#[derive(Default)]
struct Kept {
    book: RefCell<Book>,
    program: RefCell<Option<Worked>>,
}

/// Follows the disruptions from the first one on. The program is fetched when there is one.
fn start(desk: Desk) {
    let (revision, kept) = (RwSignal::new(0), StoredValue::new_local(Kept::default()));
    let cases = Cases { desk, revision, kept };
    provide_context(cases);
    Effect::new(move |_| cases.follow());
    Effect::new(move |_| cases.count());
    on_cleanup(move || cases.kept.dispose());
}

/// The cases above the list.
fn view(desk: Desk) -> AnyView {
    let Some(cases) = use_context::<Cases>() else { return ().into_any() };
    Effect::new(move |_| {
        cases.revision.track();
        desk.beat.track();
        let locale = desk.locale();
        // The place is made in this same turn.
        request_animation_frame(move || cases.draw(locale));
    });
    view! {
        <section
            id=PLACE
            class="cases"
            on:click=hear(move |event: MouseEvent| cases.clicked(&event))
            on:input=hear(move |event: Event| cases.typed(&event))
            on:keydown=hear(move |event: KeyboardEvent| cases.pressed(&event))
        ></section>
    }
    .into_any()
}

impl Cases {
    /// Reads or changes the book; what it has to say is said afterwards.
    fn with<R>(self, act: impl FnOnce(&mut Book) -> R) -> Option<R> {
        self.kept.try_with_value(|kept| {
            let done = act(&mut kept.book.borrow_mut());
            let mut book = kept.book.borrow_mut();
            if book.needs_program() {
                book.program = Program::Loading;
                *kept.program.borrow_mut() = Worked::start(SCRIPT, Rc::new(move |said| self.hear(said)));
                if kept.program.borrow().is_none() {
                    book.lost();
                }
            }
            let waiting = core::mem::take(&mut book.outbox);
            drop(book);
            if let Some(program) = kept.program.borrow().as_ref() {
                waiting.iter().for_each(|message| program.say(message));
            }
            done
        })
    }

    fn changed(self) {
        // The page may be going while the program still speaks.
        self.revision.try_update(|revision| *revision += 1);
    }

    fn follow(self) {
        self.desk.revision.track();
        let locale = self.desk.locale();
        let Some(client) = self.desk.client() else { return };
        let seen = client.with_board(|board| {
            let (epoch, _) = board.mirror.position()?;
            let rows: Vec<Disruption> = board.mirror.disruptions().values().cloned().collect();
            Some((epoch.0, rows))
        });
        let Some((epoch, rows)) = seen else { return };
        // Recordings that were brought along count their epochs from one too.
        let round = epoch * 2 + u64::from(self.desk.away.get_untracked().is_shown());
        self.with(|book| book.follow(round, locale, rows));
    }

    fn hear(self, said: program::Said) {
        let news = self.with(|book| match said {
            program::Said::Lost => {
                book.lost();
                None
            }
            program::Said::Data(data) => book.hear(&data),
        });
        if let Some(title) = news.flatten() {
            let locale = self.desk.settings.read_untracked().locale;
            self.desk.screen.said.set(CaseWord::Said.of(locale).replace("{}", &title));
        }
        if let Some((run, lines)) = self.with(|book| book.exported.take()).flatten() {
            crate::browser::download(&[&run, ".jsonl"].concat(), "application/jsonl", &lines);
        }
        self.changed();
    }

    /// Shows at the button of the panel how much waits.
    fn count(self) {
        self.revision.track();
        let waiting = self.with(|book| book.waiting()).unwrap_or(0);
        crate::browser::each_element("[data-opens=disruptions]", |button| {
            let _ = match waiting {
                0 => button.remove_attribute("data-waiting"),
                some => button.set_attribute("data-waiting", &some.to_string()),
            };
        });
    }

    fn draw(self, locale: crate::text::Locale) {
        if let Some(place) = element(PLACE)
            && let Some(html) = self.with(|book| card::all(book, locale, wall_ms()))
        {
            morph(&place, &html);
        }
    }

    fn clicked(self, event: &MouseEvent) {
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let button = target.and_then(|target| target.closest("button[data-act]").ok().flatten());
        let Some(button) = button else { return };
        let read = |name: &str| button.get_attribute(name).unwrap_or_default();
        self.act(&read("data-act"), &read("data-id"));
    }

    fn typed(self, event: &Event) {
        let field = event.target().and_then(|target| target.dyn_into::<HtmlTextAreaElement>().ok());
        let Some(field) = field else { return };
        let id = field.get_attribute("data-id").unwrap_or_default();
        self.with(|book| book.act("type", &id, &field.value()));
        self.changed();
    }

    fn pressed(self, event: &KeyboardEvent) {
        let field = event.target().and_then(|target| target.dyn_into::<HtmlTextAreaElement>().ok());
        if let Some(field) = field
            && event.key() == "Enter"
            && (event.ctrl_key() || event.meta_key())
        {
            event.prevent_default();
            self.act("approve", &field.get_attribute("data-id").unwrap_or_default());
        }
    }

    fn act(self, act: &str, id: &str) {
        if act == "show" {
            let found =
                self.with(|book| book.cases.iter().find(|case| case.id == id).and_then(|case| case.icao24));
            if let Some(icao24) = found.flatten() {
                if !crate::browser::is_wide() {
                    self.desk.panel.set(None::<Panel>);
                }
                reveal(self.desk, icao24);
            }
            return;
        }
        if act == "retry" {
            self.with(|book| book.program = Program::Unasked);
            self.follow();
        }
        self.with(|book| book.act(act, id, ""));
        self.changed();
        // What was pressed may have gone: the focus stays in its case.
        let case = id.to_owned();
        let opened = act == "edit";
        set_timeout(
            move || {
                let own = ["[data-key=\"", &case, "\"] "].concat();
                if opened {
                    focus(&[&own, "textarea"].concat());
                }
                if nothing_focused() {
                    focus(&[&own, "[data-act=undo]"].concat());
                }
                if nothing_focused() {
                    focus(&[&own, "[data-act=fold]"].concat());
                }
            },
            core::time::Duration::from_millis(60),
        );
    }
}
