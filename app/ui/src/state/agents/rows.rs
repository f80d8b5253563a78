//! Rows against what is known of them: which is newer, and what an outline leaves out.

use inflight_wire::Datum;

/// Stands for text that rooms are not told, because it is sealed.
pub const UNTOLD: &str = "•••";

/// Whether a row is older than what is known of it.
#[must_use]
pub fn is_older(row: &Datum, known: &Datum) -> bool {
    // Documents count their versions, runs their events; the version of a run is that of its agent, a text.
    let by = |name: &str| row.integer(name).zip(known.integer(name)).map(|(new, old)| new < old);
    by("seq").or_else(|| by("version")).unwrap_or(false)
}

/// Whether something of a row is sealed and not told here.
#[must_use]
pub fn is_untold(row: &Datum) -> bool {
    let Datum::Map(members) = row else { return false };
    row.is("sensitive") && members.iter().any(|(_, value)| is_dots(value))
}

/// The row, with what is known already of what an outline does not tell.
#[must_use]
pub fn known_kept(row: Datum, known: Option<&Datum>) -> Datum {
    let (true, Some(Datum::Map(known))) = (is_untold(&row), known) else { return row };
    let Datum::Map(mut members) = row else { return row };
    for (name, value) in known {
        match members.iter_mut().find(|(own, _)| own == name) {
            Some((_, own)) if is_dots(own) => own.clone_from(value),
            Some(_) => {}
            // Texts and moments are told, if only as dots: one that is missing is gone.
            None if matches!(value, Datum::Text(_)) || name.ends_with("_ms") => {}
            None => members.push((name.clone(), value.clone())),
        }
    }
    Datum::Map(members)
}

fn is_dots(value: &Datum) -> bool {
    matches!(value, Datum::Text(text) if text == UNTOLD)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::agents::parse::parse;
    use crate::state::system::json::json;

    #[test]
    fn rows_are_told_apart_by_their_versions_and_runs_by_their_events() {
        for (row, known, expected) in [
            (r#"{"version":1}"#, r#"{"version":2}"#, true),
            (r#"{"version":2}"#, r#"{"version":2}"#, false),
            (r#"{"version":"1","seq":4}"#, r#"{"version":"1","seq":5}"#, true),
            (r#"{"status":"open"}"#, r#"{"status":"approved"}"#, false),
        ] {
            assert_eq!(is_older(&parse(row).unwrap(), &parse(known).unwrap()), expected, "{row}");
        }
    }

    #[test]
    fn an_outline_leaves_what_is_known() {
        let known = r#"{"id":"m","text":"two","by":"ana","undo_until_ms":5,"citations":[1]}"#;
        let told = r#"{"id":"m","text":"•••","status":"done","sensitive":true}"#;
        let kept = known_kept(parse(told).unwrap(), Some(&parse(known).unwrap()));
        let kept: String = json(&kept).split_whitespace().collect();
        assert_eq!(kept, r#"{"id":"m","text":"two","status":"done","sensitive":true,"citations":[1]}"#);
        assert!(is_untold(&parse(told).unwrap()) && !is_untold(&parse(known).unwrap()));
        let plain = r#"{"id":"m","text":"three"}"#;
        assert_eq!(
            known_kept(parse(plain).unwrap(), Some(&parse(known).unwrap())).get("citations"),
            &Datum::Nil
        );
    }
}
