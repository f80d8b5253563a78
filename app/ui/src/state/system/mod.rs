//! What the System desk knows, as plain structs that are tested without a browser.

pub mod alerts;
pub mod chart;
pub mod choices;
pub mod json;
pub mod order;
pub mod remote;
pub mod table;
