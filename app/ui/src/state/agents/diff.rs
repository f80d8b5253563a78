//! What differs between two values, member by member, and between two texts, line by line.

use inflight_wire::Datum;

/// One difference between two values.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// Where: `load.price`, `stops[2]`.
    pub path: String,
    /// What was there; none where it is new.
    pub from: Option<Datum>,
    /// What is there now; none where it is gone.
    pub to: Option<Datum>,
}

/// A line of two texts laid beside each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line<'a> {
    /// In both.
    Same(&'a str),
    /// Only in the old one.
    Gone(&'a str),
    /// Only in the new one.
    New(&'a str),
}

/// Texts of more lines than this are not laid beside each other line by line.
const MOST_LINES: usize = 400;

/// What differs, in the order of the members of the new value.
#[must_use]
pub fn changes(from: &Datum, to: &Datum) -> Vec<Change> {
    let mut found = Vec::new();
    compare("", from, to, &mut found);
    found
}

fn compare(path: &str, from: &Datum, to: &Datum, found: &mut Vec<Change>) {
    match (from, to) {
        _ if same(from, to) => {}
        (Datum::Map(old), Datum::Map(new)) => {
            for (name, value) in new {
                let path = if path.is_empty() { name.clone() } else { [path, ".", name].concat() };
                match old.iter().find(|(own, _)| own == name) {
                    Some((_, before)) => compare(&path, before, value, found),
                    None => found.push(Change { path, from: None, to: Some(value.clone()) }),
                }
            }
            for (name, value) in old.iter().filter(|(name, _)| !new.iter().any(|(own, _)| own == name)) {
                let path = if path.is_empty() { name.clone() } else { [path, ".", name].concat() };
                found.push(Change { path, from: Some(value.clone()), to: None });
            }
        }
        (Datum::List(old), Datum::List(new)) => {
            for place in 0..old.len().max(new.len()) {
                let path = format!("{path}[{place}]");
                match (old.get(place), new.get(place)) {
                    (Some(before), Some(after)) => compare(&path, before, after, found),
                    (before, after) => {
                        found.push(Change { path, from: before.cloned(), to: after.cloned() });
                    }
                }
            }
        }
        _ => found.push(Change { path: path.to_owned(), from: Some(from.clone()), to: Some(to.clone()) }),
    }
}

/// Whether two values are the same to a reader: 1 and 1.0 are.
fn same(a: &Datum, b: &Datum) -> bool {
    a == b || a.number().zip(b.number()).is_some_and(|(a, b)| a.to_bits() == b.to_bits())
}

/// The lines of two texts beside each other: the longest lines in common stay.
#[must_use]
pub fn lines<'a>(from: &'a str, to: &'a str) -> Vec<Line<'a>> {
    let (old, new): (Vec<&str>, Vec<&str>) = (from.lines().collect(), to.lines().collect());
    if old.len() > MOST_LINES || new.len() > MOST_LINES {
        return old.into_iter().map(Line::Gone).chain(new.into_iter().map(Line::New)).collect();
    }
    // longest[i][j]: lines in common of what follows i in the old and j in the new text.
    let width = new.len() + 1;
    let mut longest = vec![0_u32; (old.len() + 1) * width];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            longest[i * width + j] = if old[i] == new[j] {
                longest[(i + 1) * width + j + 1] + 1
            } else {
                longest[(i + 1) * width + j].max(longest[i * width + j + 1])
            };
        }
    }
    let (mut i, mut j, mut found) = (0, 0, Vec::new());
    while i < old.len() || j < new.len() {
        if i < old.len() && j < new.len() && old[i] == new[j] {
            found.push(Line::Same(old[i]));
            (i, j) = (i + 1, j + 1);
        } else if j >= new.len()
            || (i < old.len() && longest[(i + 1) * width + j] >= longest[i * width + j + 1])
        {
            found.push(Line::Gone(old[i]));
            i += 1;
        } else {
            found.push(Line::New(new[j]));
            j += 1;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::agents::parse::parse;
    use crate::state::system::json::json;
    use proptest::prelude::*;

    fn check(from: &str, to: &str, expected: &[(&str, Option<&str>, Option<&str>)]) {
        let told = |value: &Option<Datum>| value.as_ref().map(json);
        let found = changes(&parse(from).unwrap(), &parse(to).unwrap());
        let found: Vec<_> =
            found.iter().map(|change| (change.path.clone(), told(&change.from), told(&change.to))).collect();
        let expected: Vec<_> = expected
            .iter()
            .map(|(path, from, to)| ((*path).to_owned(), from.map(str::to_owned), to.map(str::to_owned)))
            .collect();
        assert_eq!(found, expected, "{from} {to}");
    }

    #[test]
    fn differences_are_told_by_their_place() {
        check("{\"a\":1}", "{\"a\":1.0}", &[]);
        check(
            "{\"a\":{\"b\":1,\"c\":2},\"d\":[1,2]}",
            "{\"a\":{\"b\":3},\"d\":[1,5,6]}",
            &[
                ("a.b", Some("1"), Some("3")),
                ("a.c", Some("2"), None),
                ("d[1]", Some("2"), Some("5")),
                ("d[2]", None, Some("6")),
            ],
        );
        check("1", "\"x\"", &[("", Some("1"), Some("\"x\""))]);
    }

    #[test]
    fn lines_in_common_stay() {
        let found = lines("a\nb\nc", "a\nx\nc\nd");
        assert_eq!(
            found,
            [Line::Same("a"), Line::Gone("b"), Line::New("x"), Line::Same("c"), Line::New("d")]
        );
    }

    proptest! {
        #[test]
        fn both_texts_can_be_read_off_their_difference(from in "[ab\n]{0,20}", to in "[ab\n]{0,20}") {
            let found = lines(&from, &to);
            let old: Vec<&str> = found.iter().filter_map(|line| match line { Line::Same(text) | Line::Gone(text) => Some(*text), Line::New(_) => None }).collect();
            let new: Vec<&str> = found.iter().filter_map(|line| match line { Line::Same(text) | Line::New(text) => Some(*text), Line::Gone(_) => None }).collect();
            prop_assert_eq!(old, from.lines().collect::<Vec<_>>());
            prop_assert_eq!(new, to.lines().collect::<Vec<_>>());
        }
    }
}
