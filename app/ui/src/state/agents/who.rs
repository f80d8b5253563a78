//! Who looks at the desk: what they may do, for which places they speak, and what other systems keep.

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
            Section::Business => "business_info",
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

    /// Whether who looks may make a business.
    #[must_use]
    pub fn may_make(&self) -> bool {
        self.roles().iter().any(|role| role == "admin")
    }

    /// The roles of who looks.
    #[must_use]
    pub(crate) fn roles(&self) -> Vec<String> {
        let me = self.me.as_ref().unwrap_or(&Datum::Nil);
        let name = |role: &Datum| if let Datum::Text(role) = role { Some(role.clone()) } else { None };
        me.get("roles").list().iter().filter_map(name).collect()
    }

    /// Whether who looks may only look.
    #[must_use]
    pub fn is_read_only(&self) -> bool {
        self.me.is_some() && !self.may_coordinate()
    }

    /// The places that one has to choose from before a message can be sent; none where nothing is to be chosen.
    #[must_use]
    pub fn places_to_choose(&self) -> Vec<String> {
        let own = self.own_places();
        if own.len() > 1 && !own.contains(&self.place.location) { own } else { Vec::new() }
    }

    /// The places that whoever looks is bound to; none where all are theirs.
    pub(crate) fn own_places(&self) -> Vec<String> {
        let me = self.me.as_ref().unwrap_or(&Datum::Nil);
        let is_admin = self.roles().iter().any(|role| role == "admin");
        let name = |place: &Datum| if let Datum::Text(name) = place { Some(name.clone()) } else { None };
        let all: Vec<String> = me.get("locations").list().iter().filter_map(name).collect();
        if is_admin || all.iter().any(|name| name == "*") { Vec::new() } else { all }
    }
}
