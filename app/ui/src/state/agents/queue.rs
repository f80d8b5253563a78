//! What waits for a person: in which order, what can still be undone, and who was first.

use inflight_wire::Datum;

/// Where an item stands for who looks at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Waits for a decision.
    Open,
    /// Decided, and may be undone for so long, in milliseconds.
    Undoable(i64),
    /// Decided.
    Decided,
    /// Nobody decided in time.
    Expired,
}

/// What rows are put in order by: numbers, then words. One kind of key, so that there is one sort in the program.
pub type Key = (i64, i64, String);

/// Puts rows in the order of their keys; equal ones keep theirs.
pub fn sort(rows: &mut [&Datum], key: &dyn Fn(&Datum) -> Key) {
    rows.sort_by_cached_key(|row| key(row));
}

/// Where an item stands now.
#[must_use]
pub fn standing(row: &Datum, now_ms: i64) -> Standing {
    match row.text("status") {
        "open" => Standing::Open,
        "expired" => Standing::Expired,
        _ => match row.integer("undo_until_ms").map(|until_ms| until_ms - now_ms) {
            Some(left_ms) if left_ms > 0 => Standing::Undoable(left_ms),
            _ => Standing::Decided,
        },
    }
}

/// The open items: escalated ones first, then those that expire soonest, then the oldest.
#[must_use]
pub fn waiting<'a>(rows: impl Iterator<Item = &'a Datum>) -> Vec<&'a Datum> {
    let mut open: Vec<&Datum> = rows.filter(|row| row.text("status") == "open").collect();
    sort(&mut open, &|row| {
        let expires_ms = row.integer("expires_ms").unwrap_or(i64::MAX);
        let expires_ms = if row.is("escalated") { i64::MIN } else { expires_ms };
        (expires_ms, row.integer("created_ms").unwrap_or(0), String::new())
    });
    open
}

/// The items that are over, the newest first.
#[must_use]
pub fn decided<'a>(rows: impl Iterator<Item = &'a Datum>) -> Vec<&'a Datum> {
    let mut over: Vec<&Datum> = rows.filter(|row| row.text("status") != "open").collect();
    sort(&mut over, &|row| {
        let over_ms = row.integer("decided_ms").or_else(|| row.integer("expires_ms"));
        (-over_ms.unwrap_or(0), 0, String::new())
    });
    over
}

/// The id so many places further on; from nowhere the first or the last one. At an end it stays there.
#[must_use]
pub fn step(ids: &[String], from: Option<&str>, by: i64) -> Option<String> {
    let here = from.and_then(|id| ids.iter().position(|own| own == id));
    let last = ids.len().checked_sub(1)?;
    let to = match here {
        Some(place) => (place as i64 + by).clamp(0, last as i64) as usize,
        None if by < 0 => last,
        None => 0,
    };
    ids.get(to).cloned()
}

/// The item to go on with when one is decided: the one after it, or the one before it where it was the last.
#[must_use]
pub fn after(ids: &[String], id: &str) -> Option<String> {
    let place = ids.iter().position(|own| own == id)?;
    ids.get(place + 1).or_else(|| place.checked_sub(1).and_then(|before| ids.get(before))).cloned()
}

/// The role that a decision asks for; an admin may decide everything.
#[must_use]
pub fn may_decide(row: &Datum, roles: &[String]) -> bool {
    let wanted = if row.is("escalated") { "admin" } else { row.text("role") };
    let wanted = if wanted.is_empty() { "coordinator" } else { wanted };
    roles.iter().any(|role| role == "admin" || role == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::agents::parse::parse;

    fn rows(texts: &[&str]) -> Vec<Datum> {
        texts.iter().map(|text| parse(text).unwrap()).collect()
    }

    #[test]
    fn what_is_most_urgent_comes_first() {
        let rows = rows(&[
            r#"{"id":"late","status":"open","created_ms":1,"expires_ms":900}"#,
            r#"{"id":"old","status":"open","created_ms":1}"#,
            r#"{"id":"soon","status":"open","created_ms":5,"expires_ms":100}"#,
            r#"{"id":"done","status":"approved","decided_ms":7}"#,
            r#"{"id":"worst","status":"open","created_ms":9,"escalated":true}"#,
            r#"{"id":"gone","status":"expired","expires_ms":9}"#,
        ]);
        let ids = |found: Vec<&Datum>| found.iter().map(|row| row.text("id").to_owned()).collect::<Vec<_>>();
        assert_eq!(ids(waiting(rows.iter())), ["worst", "soon", "late", "old"]);
        assert_eq!(ids(decided(rows.iter())), ["gone", "done"]);
    }

    #[test]
    fn the_undo_window_ends() {
        let row = parse(r#"{"status":"approved","undo_until_ms":5000}"#).unwrap();
        assert_eq!(standing(&row, 2000), Standing::Undoable(3000));
        assert_eq!(standing(&row, 5000), Standing::Decided);
        assert_eq!(standing(&parse(r#"{"status":"open"}"#).unwrap(), 0), Standing::Open);
        assert_eq!(standing(&parse(r#"{"status":"expired"}"#).unwrap(), 0), Standing::Expired);
    }

    #[test]
    fn keys_walk_the_list_and_stay_in_it() {
        let ids = ["a", "b", "c"].map(str::to_owned);
        for (from, by, expected) in [
            (None, 1, Some("a")),
            (None, -1, Some("c")),
            (Some("a"), 1, Some("b")),
            (Some("c"), 1, Some("c")),
            (Some("a"), -1, Some("a")),
            (Some("gone"), 1, Some("a")),
        ] {
            assert_eq!(step(&ids, from, by).as_deref(), expected, "{from:?} {by}");
        }
        assert_eq!(step(&[], None, 1), None);
        assert_eq!(after(&ids, "a").as_deref(), Some("b"));
        assert_eq!(after(&ids, "c").as_deref(), Some("b"));
        assert_eq!(after(&ids[..1], "a"), None);
    }

    #[test]
    fn roles_are_asked_for() {
        let roles = |role: &str| vec![role.to_owned()];
        for (row, role, expected) in [
            (r#"{"role":"coordinator"}"#, "viewer", false),
            (r#"{"role":"coordinator"}"#, "coordinator", true),
            ("{}", "coordinator", true),
            (r#"{"role":"trader"}"#, "coordinator", false),
            (r#"{"role":"coordinator","escalated":true}"#, "coordinator", false),
            (r#"{"escalated":true}"#, "admin", true),
        ] {
            assert_eq!(may_decide(&parse(row).unwrap(), &roles(role)), expected, "{row} {role}");
        }
    }
}
