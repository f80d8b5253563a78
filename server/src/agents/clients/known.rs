//! What the service of resources said last, of each business: shown while it cannot be reached.

use inflight_domain::UnixMillis;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Rows, and when they were told.
pub type Told = (UnixMillis, Vec<Value>);

/// The last answers. They are let go of with the process: by then they are old.
#[derive(Debug, Default)]
pub struct Known(Mutex<BTreeMap<String, Told>>);

/// Businesses that are remembered; of more, the one that was told longest ago is not.
const BUSINESSES: usize = 64;

impl Known {
    /// Remembers what was told of a business.
    pub fn keep(&self, business: &str, at: UnixMillis, rows: Vec<Value>) {
        let mut all = self.all();
        all.insert(business.to_owned(), (at, rows));
        if all.len() > BUSINESSES {
            let oldest = all.iter().min_by_key(|(_, (at, _))| *at).map(|(business, _)| business.clone());
            oldest.iter().for_each(|business| drop(all.remove(business)));
        }
    }

    /// What was told of a business last.
    #[must_use]
    pub fn of(&self, business: &str) -> Option<Told> {
        self.all().get(business).cloned()
    }

    fn all(&self) -> MutexGuard<'_, BTreeMap<String, Told>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_newest_of_so_many_businesses_is_known() {
        let known = Known::default();
        for number in 0..=BUSINESSES as i64 {
            known.keep(&number.to_string(), UnixMillis(number), vec![json!(number)]);
        }
        known.keep("1", UnixMillis(500), Vec::new());
        assert_eq!((known.of("0"), known.of("1")), (None, Some((UnixMillis(500), Vec::new()))));
        assert_eq!(known.of("64"), Some((UnixMillis(64), vec![json!(64)])));
    }
}
