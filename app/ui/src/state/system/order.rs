//! Rows in the order of one member, and those that hold a word.

use core::cmp::Ordering;
use inflight_wire::Datum;

/// The rows that hold a word in any of their texts, in the order of a member; equal ones keep their order.
#[must_use]
pub fn ordered<'a>(rows: &'a [Datum], find: &str, member: &str, falling: bool) -> Vec<&'a Datum> {
    let wanted = crate::text::lower(find.trim());
    let mut shown: Vec<&Datum> = rows.iter().filter(|row| wanted.is_empty() || holds(row, &wanted)).collect();
    if !member.is_empty() {
        shown.sort_by(|a, b| {
            let order = compare(a.get(member), b.get(member));
            if falling { order.reverse() } else { order }
        });
    }
    shown
}

/// Whether a text anywhere in a value holds a word that is in small letters.
fn holds(value: &Datum, wanted: &str) -> bool {
    match value {
        Datum::Text(text) => crate::text::lower(text).contains(wanted),
        Datum::List(values) => values.iter().any(|value| holds(value, wanted)),
        Datum::Map(members) => members.iter().any(|(_, value)| holds(value, wanted)),
        _ => false,
    }
}

/// Numbers by size, then texts without minding case, then what is neither.
fn compare(a: &Datum, b: &Datum) -> Ordering {
    match (a.number(), b.number(), a, b) {
        (Some(a), Some(b), ..) => a.total_cmp(&b),
        (Some(_), None, ..) => Ordering::Less,
        (None, Some(_), ..) => Ordering::Greater,
        (None, None, Datum::Text(a), Datum::Text(b)) => crate::text::lower(a).cmp(&crate::text::lower(b)),
        (None, None, Datum::Text(_), _) => Ordering::Less,
        (None, None, _, Datum::Text(_)) => Ordering::Greater,
        _ => Ordering::Equal,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(user: &str, lag: Option<i64>) -> Datum {
        let lag = lag.map_or(Datum::Nil, Datum::Integer);
        let topics = Datum::List(vec![Datum::Text("flights".to_owned())]);
        let members = [("user", Datum::Text(user.to_owned())), ("lag", lag), ("topics", topics)];
        Datum::Map(members.map(|(name, value)| (name.to_owned(), value)).into())
    }

    fn check(find: &str, member: &str, falling: bool, expected: &[&str]) {
        let rows = [row("bea", Some(10)), row("Ada", Some(9)), row("cy", None)];
        let users: Vec<&str> =
            ordered(&rows, find, member, falling).iter().map(|row| row.text("user")).collect();
        assert_eq!(users, expected, "{find} {member} {falling}");
    }

    #[test]
    fn rows_are_ordered_and_filtered() {
        check("", "", false, &["bea", "Ada", "cy"]);
        check("", "user", false, &["Ada", "bea", "cy"]);
        check("", "lag", false, &["Ada", "bea", "cy"]);
        check("", "lag", true, &["cy", "bea", "Ada"]);
        check("A", "user", true, &["bea", "Ada"]);
        check("flight", "", false, &["bea", "Ada", "cy"]);
        check("nobody", "", false, &[]);
    }
}
