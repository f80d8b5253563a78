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
use std::cell::{Cell, RefCell};
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

/// What the page's own stream gave, and what is looked at instead: neither loses by the other.
#[derive(Default)]
struct Kept {
    own: Worker,
    away: Worker,
    /// A picture is asked for: a hidden page has none for as long as it is hidden.
    drawing: Cell<bool>,
}

/// A watcher and the cases that it told.
#[derive(Default)]
struct Worker {
    /// Which journey it is of; none for the page's own stream.
    journey: Cell<Option<u32>>,
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
        desk.away.track();
        desk.beat.track();
        desk.settings.track();
        let asked = cases.kept.try_with_value(|kept| kept.drawing.replace(true));
        if asked == Some(false) {
            // The place is made in this same turn.
            request_animation_frame(move || cases.draw());
        }
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
    /// Reads or changes the book of what is looked at.
    fn with<R>(self, act: impl FnOnce(&mut Book) -> R) -> Option<R> {
        self.with_of(self.journey(), |worker| act(&mut worker.book.borrow_mut()))
    }

    /// The journey that is looked at instead of the page's own stream.
    fn journey(self) -> Option<u32> {
        self.desk.client_now().and_then(|client| client.journey())
    }

    /// Does something with a watcher; what its book has to say is said afterwards. None if its journey is over.
    fn with_of<R>(self, journey: Option<u32>, act: impl FnOnce(&Worker) -> R) -> Option<R> {
        let done = self.kept.try_with_value(|kept| {
            let worker = if journey.is_some() { &kept.away } else { &kept.own };
            if worker.journey.get() != journey {
                return None;
            }
            let done = act(worker);
            let mut book = worker.book.borrow_mut();
            if book.needs_program() {
                book.program = Program::Loading;
                let hear = Rc::new(move |said| self.hear(journey, said));
                *worker.program.borrow_mut() = Worked::start(SCRIPT, hear);
                if worker.program.borrow().is_none() {
                    book.lost();
                }
            }
            let waiting = core::mem::take(&mut book.outbox);
            drop(book);
            if let Some(program) = worker.program.borrow().as_ref() {
                waiting.iter().for_each(|message| program.say(message));
            }
            Some(done)
        });
        done.flatten()
    }

    /// With a journey that is over go its cases and its watcher; another one begins with none.
    fn arrive(self, journey: Option<u32>) {
        self.kept.try_with_value(|kept| {
            if kept.away.journey.replace(journey) != journey {
                kept.away.book.take();
                kept.away.program.take();
            }
        });
    }

    fn changed(self) {
        // The page may be going while the program still speaks.
        self.revision.try_update(|revision| *revision += 1);
    }

    fn follow(self) {
        self.desk.revision.track();
        self.desk.away.track();
        let locale = self.desk.locale();
        let Some(client) = self.desk.client() else { return };
        let journey = client.journey();
        self.arrive(journey);
        let seen = client.with_board(|board| {
            let (epoch, _) = board.mirror.position()?;
            let rows: Vec<Disruption> = board.mirror.disruptions().values().cloned().collect();
            Some((epoch.0, rows))
        });
        let Some((epoch, rows)) = seen else { return };
        self.with(|book| book.follow(epoch, locale, rows));
    }

    fn hear(self, journey: Option<u32>, said: program::Said) {
        let news = self.with_of(journey, |worker| match said {
            program::Said::Lost => {
                // What broke would only break again with each beat.
                worker.program.borrow().iter().for_each(Worked::end);
                worker.book.borrow_mut().lost();
                None
            }
            program::Said::Data(data) => worker.book.borrow_mut().hear(&data),
        });
        if let Some(title) = news.flatten().filter(|_| journey == self.journey()) {
            let locale = self.desk.settings.read_untracked().locale;
            self.desk.screen.said.set(CaseWord::Said.of(locale).replace("{}", &title));
        }
        let exported = self.with_of(journey, |worker| worker.book.borrow_mut().exported.take());
        if let Some((run, lines)) = exported.flatten() {
            crate::browser::download(&[&run, ".jsonl"].concat(), "application/jsonl", &lines);
        }
        self.changed();
    }

    /// Shows at the button of the panel how much waits.
    fn count(self) {
        self.revision.track();
        self.desk.away.track();
        let waiting = self.with(|book| book.waiting()).unwrap_or(0);
        crate::browser::each_element("[data-opens=disruptions]", |button| {
            let _ = match waiting {
                0 => button.remove_attribute("data-waiting"),
                some => button.set_attribute("data-waiting", &some.to_string()),
            };
        });
    }

    fn draw(self) {
        self.kept.try_with_value(|kept| kept.drawing.set(false));
        let locale = self.desk.settings.read_untracked().locale;
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
