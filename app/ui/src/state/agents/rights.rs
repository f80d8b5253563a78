//! What who looks may do at the desk, and what other systems keep.

use crate::state::agents::office::Office;
use crate::state::agents::place::Section;
use inflight_wire::Datum;

impl Office {
    /// What who looks may do for the business: `decide` and `edit`, as the server says.
    pub(crate) fn may(&self, what: &str) -> Option<bool> {
        let own = |row: &&Datum| row.text("businessId") == self.room.business;
        match self.room.businesses.iter().find(own)?.get("may").get(what) {
            Datum::Bool(may) => Some(*may),
            _ => None,
        }
    }

    /// Whether who looks may speak and decide here.
    #[must_use]
    pub fn may_coordinate(&self) -> bool {
        self.may("decide")
            .unwrap_or_else(|| self.roles().iter().any(|role| role == "admin" || role == "coordinator"))
    }

    /// The service of another system that has what this section shows.
    #[must_use]
    pub fn kept_by(&self) -> Option<&Datum> {
        let name = match self.place.section {
            Section::Resources => "resources",
            Section::Models => "rag",
            _ => return None,
        };
        self.room.services.iter().find(|service| service.text("name") == name)
    }

    /// Whether who looks may change what agents go by, and it is kept here.
    #[must_use]
    pub fn may_edit(&self) -> bool {
        self.kept_by().is_none()
            && self.may("edit").unwrap_or_else(|| self.roles().iter().any(|role| role == "admin"))
    }
}
