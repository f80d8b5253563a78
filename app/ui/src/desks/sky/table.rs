//! The table: the same aircraft as the globe, sorted once a second, of which only the rows in sight exist.

use crate::browser::{focus, is_narrow};
use crate::desk::{Desk, set_if_changed, use_desk, word};
use crate::desks::sky::actions::{do_said, said};
use crate::desks::sky::canvas::adds;
use crate::desks::sky::filters::shown_count;
use crate::desks::sky::rows::{RowView, header, rows_of};
use crate::live::{flag, hear, live, live_option, press, styled, truth, while_true};
use crate::parts::markup::{button, markup, svg};
use crate::parts::{Icon, icon};
use crate::state::keys::Action;
use crate::state::table::{Column, moved, ordered, window};
use crate::text::{Format, Text};
use inflight_domain::Icao24;
use leptos::ev::{KeyboardEvent, MouseEvent};
use leptos::html::Div;
use leptos::prelude::*;

/// Rows beyond either edge of what is seen.
const SPARE: usize = 4;

/// Height of a row before it was measured, in CSS pixels.
const ROW_PX: f64 = 32.0;

/// The state of the open table.
#[derive(Clone, Copy)]
struct Grid {
    desk: Desk,
    scroller: NodeRef<Div>,
    order: RwSignal<Vec<Icao24>>,
    rows: RwSignal<Vec<RowView>>,
    scroll_px: RwSignal<f64>,
    height_px: RwSignal<f64>,
    row_px: RwSignal<f64>,
}

/// The table, while it is open.
#[component]
pub fn TablePanel() -> impl IntoView {
    let desk = use_desk();
    let open = Memo::new(move |_| desk.table_open.get());
    view! {
        <section class="table-panel" aria-label=word(Text::TableCaption) hidden=flag(move || !desk.table_open.get())>
            {while_true(open, || view! { <TableGrid /> }.into_any())}
        </section>
    }
    .into_any()
}

#[component]
fn TableGrid() -> impl IntoView {
    let desk = use_desk();
    let grid = Grid {
        desk,
        scroller: NodeRef::new(),
        order: RwSignal::new(Vec::new()),
        rows: RwSignal::new(Vec::new()),
        scroll_px: RwSignal::new(0.0),
        height_px: RwSignal::new(0.0),
        row_px: RwSignal::new(ROW_PX),
    };
    Effect::new(move |_| grid.sort());
    Effect::new(move |_| grid.fill());
    Effect::new(move |_| {
        desk.beat.track();
        grid.measure();
    });
    view! {
        <header class="table-head">
            <h2>{word(Text::Table)}</h2>
            <span class="table-count">{shown_count(desk)}</span>
            {markup("exports", exports, do_said)}
            <button
                type="button"
                class="tool"
                aria-label=word(Text::TableClose)
                on:click=press(move || desk.table_open.set(false))
            >
                {icon(Icon::Close)}
            </button>
        </header>
        <div
            class="table-scroller"
            node_ref=grid.scroller
            tabindex="0"
            role="group"
            aria-label=word(Text::TableCaption)
            on:scroll=hear(move |_| grid.measure())
            on:keydown=hear(move |event: KeyboardEvent| grid.key_pressed(&event))
        >
            <table
                aria-rowcount=live(move || (grid.order.read().len() + 1).to_string())
                aria-colcount=Column::ALL.len().to_string()
            >
                <thead>
                    <tr aria-rowindex="1">
                        {Column::ALL.into_iter().map(|column| view! { <HeaderCell column /> }).collect_view()}
                    </tr>
                </thead>
                <Rows grid />
            </table>
        </div>
    }
}

fn exports(desk: Desk) -> String {
    let locale = desk.locale();
    let formats = [
        (Format::Csv, "CSV", Text::ExportCsv),
        (Format::GeoJson, "GeoJSON", Text::ExportGeoJson),
        (Format::Kml, "KML", Text::ExportKml),
    ];
    let buttons = formats.map(|(format, name, text)| {
        let attributes = format!("class=\"tool tool-text\" aria-label=\"{}\"", text.of(locale));
        button(&attributes, &said(Action::Export(format)), name, None)
    });
    svg(Icon::Export) + &buttons.concat()
}

#[component]
fn HeaderCell(column: Column) -> impl IntoView {
    let desk = use_desk();
    let unit = move || {
        let settings = desk.settings.get();
        match column {
            Column::Altitude => settings.units.altitude_unit(),
            Column::Speed => settings.units.speed_unit(),
            Column::VerticalRate => settings.units.vertical_rate_unit(),
            _ => "",
        }
    };
    view! {
        <th scope="col" data-column=column.name() aria-sort=live(move || desk.sort.get().aria(column))>
            <button type="button" class="column" on:click=press(move || desk.sort.update(|sort| *sort = sort.pressed(column)))>
                <span>{word(header(column))}</span>
                <span class="unit">{live(unit)}</span>
                <span class="column-arrow">{icon(Icon::Up)}</span>
            </button>
        </th>
    }
}

/// The rows in sight between two spacers. The number of row elements follows the window's height only.
#[component]
fn Rows(grid: Grid) -> impl IntoView {
    let places = Memo::new(move |_| grid.rows.read().len());
    let before = move || format!("--rows:{}", grid.rows.read().first().map_or(0, |row| row.index));
    let after = move || {
        let end = grid.rows.read().last().map_or(0, |row| row.index + 1);
        format!("--rows:{}", grid.order.read().len().saturating_sub(end))
    };
    view! {
        <tbody>
            <tr class="spacer" aria-hidden="true" style=styled(before)><td></td></tr>
            <For each=move || 0..places.get() key=|place| *place let:place>
                <RowLine grid place />
            </For>
            <tr class="spacer" aria-hidden="true" style=styled(after)><td></td></tr>
        </tbody>
    }
}

#[component]
fn RowLine(grid: Grid, place: usize) -> impl IntoView {
    let desk = grid.desk;
    let row = Memo::new(move |_| grid.rows.read().get(place).cloned().unwrap_or_default());
    let selected = move || {
        let icao24 = row.read().icao24;
        icao24.is_some_and(|icao24| desk.choices.read().picks.all.contains(&icao24))
    };
    // A change is tinted once; two names for it, taken in turn, start the animation anew each time.
    let tint = Memo::new(move |before: Option<&(RowView, Option<bool>)>| {
        let row = row.get();
        let odd = match before {
            Some((old, odd)) if old.icao24 == row.icao24 => {
                if old.says_the_same(&row) {
                    *odd
                } else {
                    Some(!odd.unwrap_or(true))
                }
            }
            _ => None,
        };
        (row, odd)
    });
    let tint = Memo::new(move |_| tint.read().1.map(|odd| if odd { "odd" } else { "even" }));
    let cell = move |index: usize| {
        let number = Column::ALL[index].is_number();
        view! {
            <td class=if number { "number" } else { "" } data-column=Column::ALL[index].name()>
                {live(move || row.read().cells[index].clone())}
            </td>
        }
    };
    view! {
        <tr
            class="row"
            aria-rowindex=live(move || (row.read().index + 2).to_string())
            aria-current=live_option(move || selected().then_some("true"))
            data-hex=live_option(move || row.read().icao24.map(|icao24| icao24.to_string()))
            data-ghost=truth(move || row.read().ghost)
            data-alarm=truth(move || row.read().emergency)
            data-tint=live_option(move || tint.get())
            on:click=hear(move |event: MouseEvent| choose(desk, row.get_untracked().icao24, adds(&event)))
            on:dblclick=press(move || visit(desk, row.get_untracked().icao24))
        >
            {(0..Column::ALL.len()).map(cell).collect_view()}
        </tr>
    }
}

impl Grid {
    /// Puts all aircraft in order, once a second and when the order changes.
    fn sort(self) {
        self.desk.beat.track();
        // At once, not at the next beat, when the filter changes.
        self.desk.choices.track();
        let (sort, counted) = (self.desk.sort.get(), self.desk.count.get().is_some());
        let Some(client) = self.desk.client().filter(|_| counted) else { return };
        let order = client.with_board(|board| ordered(board.shown().map(|row| &row.aircraft), sort));
        set_if_changed(self.order, order);
    }

    /// Reads the rows that are in sight.
    fn fill(self) {
        self.desk.beat.track();
        self.desk.settings.track();
        let Some(client) = self.desk.client() else { return };
        let order = self.order.read();
        let shown = window(self.scroll_px.get(), self.height_px.get(), self.row_px.get(), order.len(), SPARE);
        let rows = rows_of(self.desk, &client, &order, shown);
        drop(order);
        set_if_changed(self.rows, rows);
    }

    fn measure(self) {
        let Some(scroller) = self.scroller.get_untracked() else { return };
        set_if_changed(self.scroll_px, f64::from(scroller.scroll_top()));
        set_if_changed(self.height_px, f64::from(scroller.client_height()));
        if let Ok(Some(row)) = scroller.query_selector("tr.row") {
            let height_px = row.get_bounding_client_rect().height();
            if height_px > 1.0 {
                set_if_changed(self.row_px, height_px);
            }
        }
    }

    fn key_pressed(self, event: &KeyboardEvent) {
        let order = self.order.get_untracked();
        let selected = self.desk.focus.get_untracked().selected;
        if event.key() == "Enter" && event.target() == event.current_target() {
            event.prevent_default();
            visit(self.desk, selected);
            focus("#globe");
            return;
        }
        let current = selected.and_then(|icao24| order.iter().position(|one| *one == icao24));
        let page = (self.height_px.get_untracked() / self.row_px.get_untracked()) as usize;
        if let Some(index) = moved(current, &event.key(), page.max(1), order.len()) {
            event.prevent_default();
            self.desk.select(order.get(index).copied());
            self.reveal(index);
        }
    }

    /// Scrolls so that a row is in sight, clear of the header.
    fn reveal(self, index: usize) {
        let Some(scroller) = self.scroller.get_untracked() else { return };
        let (row_px, height_px) = (self.row_px.get_untracked(), self.height_px.get_untracked());
        let top_px = index as f64 * row_px;
        let scroll_px = f64::from(scroller.scroll_top());
        // One row of the height belongs to the header, which stays.
        let seen_px = height_px - 2.0 * row_px;
        let target_px = if top_px < scroll_px {
            top_px
        } else if top_px > scroll_px + seen_px {
            top_px - seen_px
        } else {
            return;
        };
        scroller.set_scroll_top(target_px.round() as i32);
    }
}

/// Selects an aircraft; on a phone the table makes way for it.
fn choose(desk: Desk, icao24: Option<Icao24>, adds: bool) {
    if icao24.is_some() && is_narrow() {
        desk.table_open.set(false);
        visit(desk, icao24);
    } else {
        desk.press(icao24, adds);
    }
}

fn visit(desk: Desk, icao24: Option<Icao24>) {
    if let (Some(client), Some(icao24)) = (desk.client_now(), icao24) {
        desk.select(Some(icao24));
        client.with_stage(|stage, now| stage.visit(icao24, now));
    }
}
