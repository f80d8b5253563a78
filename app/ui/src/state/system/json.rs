//! Rows as JSON and as comma-separated values, for the clipboard and for files.

use crate::text::decimal;
use inflight_wire::Datum;

/// A value as JSON, indented by two blanks a level.
#[must_use]
pub fn json(value: &Datum) -> String {
    let mut text = String::new();
    write(value, 0, &mut text);
    text
}

/// A cell of comma-separated values; what a spreadsheet would take for a formula is marked as text.
#[must_use]
pub fn cell(value: &Datum) -> String {
    let plain = match value {
        Datum::Nil => String::new(),
        Datum::Text(text) if text.starts_with(['=', '+', '-', '@']) => format!("'{text}"),
        Datum::Text(text) => text.clone(),
        other => json(other),
    };
    if plain.contains([',', '"', '\n', '\r']) { quoted(&plain, "\"\"") } else { plain }
}

/// Rows as comma-separated values with these columns.
#[must_use]
pub fn csv(columns: &[&str], rows: &[Datum]) -> String {
    let mut text = columns.join(",") + "\r\n";
    for row in rows {
        let cells: Vec<String> = columns.iter().map(|column| cell(row.get(column))).collect();
        text.push_str(&cells.join(","));
        text.push_str("\r\n");
    }
    text
}

fn write(value: &Datum, depth: usize, text: &mut String) {
    let line = |depth: usize, text: &mut String| {
        text.push('\n');
        text.extend(core::iter::repeat_n("  ", depth));
    };
    match value {
        Datum::Nil => text.push_str("null"),
        Datum::Bool(truth) => text.push_str(if *truth { "true" } else { "false" }),
        Datum::Integer(number) => text.push_str(&number.to_string()),
        Datum::Float(number) => text.push_str(&decimal((number * 1e6).round() as i64, 6)),
        Datum::Text(words) => text.push_str(&escaped(words)),
        Datum::List(values) => {
            text.push('[');
            for (place, value) in values.iter().enumerate() {
                text.push_str(if place > 0 { "," } else { "" });
                line(depth + 1, text);
                write(value, depth + 1, text);
            }
            if !values.is_empty() {
                line(depth, text);
            }
            text.push(']');
        }
        Datum::Map(members) => {
            text.push('{');
            for (place, (name, value)) in members.iter().enumerate() {
                text.push_str(if place > 0 { "," } else { "" });
                line(depth + 1, text);
                text.push_str(&escaped(name));
                text.push_str(": ");
                write(value, depth + 1, text);
            }
            if !members.is_empty() {
                line(depth, text);
            }
            text.push('}');
        }
    }
}

fn escaped(text: &str) -> String {
    let mut out = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            control if u32::from(control) < 0x20 => out.push_str(&format!("\\u{:04x}", u32::from(control))),
            other => out.push(other),
        }
    }
    out.push('"');
    out
}

fn quoted(text: &str, quote: &str) -> String {
    format!("\"{}\"", text.replace('"', quote))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(members: &[(&str, Datum)]) -> Datum {
        Datum::Map(members.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect())
    }

    #[test]
    fn json_is_what_other_programs_read() {
        let text = Datum::Text("a \"b\"\\\n\u{1}".to_owned());
        let value = map(&[
            ("x", Datum::List(vec![Datum::Integer(1), Datum::Float(-2.5), Datum::Nil])),
            ("t", text),
            ("e", Datum::List(Vec::new())),
        ]);
        let expected = "{\n  \"x\": [\n    1,\n    -2.5,\n    null\n  ],\n  \"t\": \"a \\\"b\\\"\\\\\\n\\u0001\",\n  \"e\": []\n}";
        assert_eq!(json(&value), expected);
    }

    #[test]
    fn cells_are_plain_and_safe() {
        let row = map(&[("a", Datum::Text("=1,\"2\"".to_owned())), ("b", Datum::Float(0.5))]);
        assert_eq!(csv(&["a", "b", "c"], &[row]), "a,b,c\r\n\"'=1,\"\"2\"\"\",0.5,\r\n");
    }
}
