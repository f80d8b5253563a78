//! Tables and entries as the JSON form tells them, whatever brought it.

use serde_json::Value;
use std::collections::BTreeMap;

/// What a client of the JSON form holds.
#[derive(Clone, Debug, Default)]
pub struct Tables {
    /// Epoch and cut; none before the first snapshot is whole.
    pub position: Option<(u64, u64)>,
    /// Rows by topic and key.
    pub rows: BTreeMap<(String, String), Value>,
    /// Offset and text of every entry that was new.
    pub entries: Vec<(u64, String)>,
    /// Frames that did not follow from what is held.
    pub faults: usize,
}

impl Tables {
    /// Takes a frame in.
    pub fn apply(&mut self, frame: &Value) {
        let header = &frame[0];
        let number = |name: &str| header[name].as_u64().unwrap_or_default();
        match header["type"].as_str() {
            Some("snapshot") => {
                if number("part") == 0 {
                    self.rows.clear();
                    self.position = None;
                }
            }
            Some("tick") if self.position == Some((number("epoch"), number("base"))) => {}
            Some("tick") => {
                self.faults += 1;
                return;
            }
            _ => return,
        }
        frame.as_array().into_iter().flatten().skip(1).for_each(|segment| self.take(segment));
        // A snapshot counts when it is whole.
        if header["part"].as_u64().map(|part| part + 1) == header["parts"].as_u64() {
            self.position = Some((number("epoch"), number("cut")));
        }
    }

    fn take(&mut self, segment: &Value) {
        let topic = segment["topic"].as_str().unwrap_or_default().to_owned();
        for key in segment["removed"].as_array().into_iter().flatten() {
            self.rows.remove(&(topic.clone(), key.as_str().unwrap_or_default().to_owned()));
        }
        for row in segment["updated"].as_array().into_iter().flatten() {
            self.rows.insert((topic.clone(), key_of(&topic, row)), row.clone());
        }
        for entry in segment["entries"].as_array().into_iter().flatten() {
            let offset = entry["offset"].as_u64().unwrap_or_default();
            if self.entries.last().is_none_or(|(newest, _)| *newest < offset) {
                self.entries.push((offset, entry["data"]["text"].as_str().unwrap_or_default().to_owned()));
            }
        }
    }

    /// Numbers of the entries that a publisher of the check numbered.
    #[must_use]
    pub fn numbers(&self) -> Vec<u64> {
        self.entries.iter().filter_map(|(_, text)| text.parse().ok()).collect()
    }
}

fn key_of(topic: &str, row: &Value) -> String {
    let text = |name: &str| row[name].to_string().trim_matches('"').to_owned();
    match (topic, row["kind"].as_str().unwrap_or_default()) {
        ("flights", _) => text("icao24"),
        ("system", "drops") => format!("drops/{}", text("reason")),
        ("system", "dead_letter") => format!("dead_letter/{}", text("place")),
        ("system", "alert") => format!("alert/{}", text("code")),
        ("system", kind @ ("source" | "topic" | "dependency")) => format!("{kind}/{}", text("name")),
        ("system", kind) => kind.to_owned(),
        _ => text("id"),
    }
}
