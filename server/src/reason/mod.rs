//! Models that answer questions: Chat Completions, the Realtime API, and what is around them.

pub mod chat;
pub mod failure;
mod gate;
pub mod prices;
mod provider;
pub mod realtime;
mod reasoner;
pub mod reply;
pub mod seal;
pub mod status;

pub use provider::{Provider, REPAIRS};
pub use reasoner::{ProviderSettings, ReasonSettings, Reasoner};
