//! Several selected aircraft: who they are, whether a press adds to them, and whether they alone are shown.

use inflight_domain::Icao24;

/// The selected aircraft; the one that the inspector shows is the last that was picked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Picks {
    /// In the order in which they were picked.
    pub all: Vec<Icao24>,
    /// Whether a press adds to them instead of replacing them.
    pub several: bool,
    /// Whether they alone are shown.
    pub isolated: bool,
}

impl Picks {
    /// Reads `a13f1c,4b1815`; what is no address is left out.
    #[must_use]
    pub fn parse(text: &str) -> Vec<Icao24> {
        let mut all = Vec::new();
        for icao24 in text.split(',').filter_map(Icao24::parse) {
            if !all.contains(&icao24) {
                all.push(icao24);
            }
        }
        all
    }

    /// The text for the query string.
    #[must_use]
    pub fn text(all: &[Icao24]) -> String {
        all.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
    }

    /// An aircraft comes to be shown in the inspector: alone, or beside the others that are picked.
    pub fn show(&mut self, icao24: Option<Icao24>) {
        if !self.several || icao24.is_none() {
            self.all.clear();
        }
        self.all.extend(icao24.filter(|icao24| !self.all.contains(icao24)));
        self.settle();
    }

    /// An aircraft is added, or taken away if it was picked.
    pub fn toggle(&mut self, icao24: Icao24) {
        let before = self.all.len();
        self.all.retain(|one| *one != icao24);
        if self.all.len() == before {
            self.all.push(icao24);
        }
        self.settle();
    }

    /// Who is shown alone, if anybody is.
    #[must_use]
    pub fn only(&self) -> Option<Vec<Icao24>> {
        self.isolated.then(|| self.all.clone())
    }

    /// Nobody cannot be shown alone.
    fn settle(&mut self) {
        self.isolated &= !self.all.is_empty();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn picks_grow_shrink_and_isolate() {
        let [one, two, three] = [1, 2, 3].map(|number| Icao24::new(number).unwrap());
        let mut picks = Picks::default();
        picks.show(Some(one));
        picks.show(Some(two));
        assert_eq!(picks.all, [two]);
        [one, three, two].into_iter().for_each(|icao24| picks.toggle(icao24));
        assert_eq!(picks.all, [one, three]);
        (picks.isolated, picks.several) = (true, true);
        picks.show(Some(two));
        picks.show(Some(two));
        assert_eq!(picks.only(), Some(vec![one, three, two]));
        picks.show(None);
        assert_eq!((picks.only(), picks.several), (None, true));
    }

    #[test]
    fn addresses_are_read() {
        let all = Picks::parse("a13f1c,xyz,4b1815,a13f1c,");
        assert_eq!(Picks::text(&all), "a13f1c,4b1815");
        assert_eq!(Picks::parse(""), []);
    }
}
