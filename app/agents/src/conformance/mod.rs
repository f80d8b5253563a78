//! What every store must do, from outside: call [`check`] in a test with a way to open it.

mod log;
mod streams;
mod tables;
mod world;

pub use world::{World, commit, input, start};

use crate::store::Store;

/// Opens the store of this name: empty the first time, then with all that was written before, as after a crash.
pub type Open<'a> = &'a dyn Fn(&str) -> Box<dyn Store>;

/// Holds a store to everything.
///
/// # Panics
/// At the first thing that it does otherwise.
pub fn check(open: Open<'_>) {
    log::events_are_added_where_they_belong(&*open("events"));
    log::a_refused_append_changes_nothing(&*open("refused"));
    log::an_input_is_taken_once(&*open("inputs"));
    log::runs_are_finished_when_nothing_is_left_to_do(&*open("unfinished"));
    log::one_of_many_decisions_counts(&*open("decisions"));
    log::a_crash_between_any_two_appends_changes_nothing(open);
    log::rows_are_found_by_filter(&*open("filters"));
    tables::effects_wait_in_the_outbox(&*open("outbox"));
    tables::a_row_changes_once_for_a_key(&*open("keys"));
    tables::a_change_that_was_decided_on_another_row_is_not_made(&*open("stale"));
    tables::a_number_grows_by_each_change(&*open("adds"));
    tables::a_day_has_a_budget(&*open("budgets"));
    tables::rows_have_versions(&*open("rows"));
    streams::a_cursor_moves_with_its_input_and_never_back(open);
}
