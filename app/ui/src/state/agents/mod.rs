//! What the Agents desk knows and does, as plain structs that are tested without a browser.

pub mod business;
pub mod cron;
pub mod decide;
pub mod diff;
pub mod doing;
pub mod edit;
pub mod form;
pub mod layout;
pub mod office;
pub mod older;
pub mod parse;
pub mod people;
pub mod place;
pub mod queue;
pub mod room;
pub mod rows;
pub mod run;
pub mod search;
pub mod talk;
pub mod watch;
pub mod who;
pub mod words;
