//! Selection and following: what each act of the person does to the pair.

use inflight_domain::Icao24;

/// What is selected and whether the camera follows it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Focus {
    /// The selected aircraft.
    pub selected: Option<Icao24>,
    /// Whether the camera stays with it.
    pub following: bool,
}

impl Focus {
    /// Another aircraft, or none, is selected: following belongs to the old one and ends.
    #[must_use]
    pub fn select(self, icao24: Option<Icao24>) -> Self {
        Self { selected: icao24, following: self.following && self.selected == icao24 && icao24.is_some() }
    }

    /// The toggle is pressed; without a selection there is nothing to follow.
    #[must_use]
    pub fn toggle_follow(self) -> Self {
        Self { following: self.selected.is_some() && !self.following, ..self }
    }

    /// An aircraft is to be followed from now on.
    #[must_use]
    pub fn follow(self, icao24: Icao24) -> Self {
        Self { selected: Some(icao24), following: true }
    }

    /// The person moved the globe away: the selection stays, following ends.
    #[must_use]
    pub fn drag(self) -> Self {
        Self { following: false, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn following_belongs_to_one_aircraft() {
        let (one, two) = (Icao24::new(1).unwrap(), Icao24::new(2).unwrap());
        let focus = Focus::default().toggle_follow();
        assert_eq!(focus, Focus::default());
        let focus = focus.follow(one);
        assert!(focus.select(Some(one)).following);
        assert_eq!(focus.select(Some(two)), Focus { selected: Some(two), following: false });
        assert_eq!(focus.select(None), Focus::default());
        assert_eq!(focus.drag(), Focus { selected: Some(one), following: false });
        assert!(!focus.toggle_follow().following);
    }
}
