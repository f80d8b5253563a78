//! The Sky desk: live aircraft on the globe, with search, inspector, table, sources and replay around it.

mod actions;
mod alarms;
mod bar;
mod canvas;
pub mod cases;
mod controls;
mod disruptions;
mod export;
mod filters;
mod inspector;
mod legend;
mod log;
mod notices;
mod profile;
mod ride;
mod rows;
mod search;
mod selection;
mod sources;
mod statistics;
mod table;
mod timeline;
mod tooltip;

use crate::desk::{use_desk, word};
use crate::link::Ways;
use crate::live::truth;
use crate::text::Text;
pub use actions::act_on;
use alarms::Alarms;
use bar::Bar;
use canvas::Globe;
use controls::GlobeControls;
use disruptions::DisruptionsPanel;
use filters::{Chips, FiltersPanel};
use inspector::Inspector;
use legend::Legend;
use leptos::prelude::*;
use log::Log;
use notices::Notices;
use ride::RideView;
use sources::SourcesPanel;
use statistics::StatisticsPanel;
use table::TablePanel;
use timeline::{DropHint, Timeline};
use tooltip::Tooltip;

/// The desk.
#[component]
pub fn Sky() -> impl IntoView {
    let desk = use_desk();
    if let Some(beside) = use_context::<Ways>().and_then(|ways| ways.beside) {
        (beside.start)(desk);
    }
    view! {
        <section
            class="sky"
            aria-label=word(Text::Sky)
            data-riding=truth(move || desk.seat.read().is_some())
            data-table=truth(move || desk.table_open.get())
            data-bare=truth(move || desk.choices.read().layers.bare)
        >
            <Bar />
            <div class="picture">
                <Globe />
                <Notices />
                <Tooltip />
                <div class="picture-top">
                    <Alarms />
                    <Chips />
                    <Log />
                </div>
                <div class="picture-foot">
                    <Legend />
                    <Timeline />
                    <GlobeControls />
                </div>
                <Inspector />
                <RideView />
            </div>
            <TablePanel />
            <SourcesPanel />
            <FiltersPanel />
            <StatisticsPanel />
            <DropHint />
            <DisruptionsPanel />
        </section>
    }
    .into_any()
}
