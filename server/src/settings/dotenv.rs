//! Reads `.env`: `NAME=value`, with comments, quotes and an optional `export`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What a `.env` file says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DotEnv {
    /// Where it was read from.
    pub path: PathBuf,
    /// Value and line (from 1) by name; the last line of a name wins.
    pub entries: BTreeMap<String, (String, usize)>,
}

/// Why a `.env` file was not understood.
#[derive(Debug, thiserror::Error)]
pub enum DotEnvError {
    /// It could not be read.
    #[error("cannot read {path}: {cause}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        cause: std::io::Error,
    },
    /// A line has another shape.
    #[error("{path} line {line}: expected NAME=value")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
    },
}

impl DotEnv {
    /// Reads the file; none if there is none.
    ///
    /// # Errors
    /// The file is there but unreadable, or a line is malformed.
    pub fn read(path: &Path) -> Result<Option<Self>, DotEnvError> {
        match std::fs::read_to_string(path) {
            Ok(text) => Self::parse(path, &text).map(Some),
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(cause) => Err(DotEnvError::Unreadable { path: path.to_owned(), cause }),
        }
    }

    /// Reads the text of a file.
    ///
    /// # Errors
    /// The first line that is malformed. The line itself is not repeated, because it may hold a secret.
    pub fn parse(path: &Path, text: &str) -> Result<Self, DotEnvError> {
        let mut entries = BTreeMap::new();
        for (index, raw) in text.trim_start_matches('\u{feff}').lines().enumerate() {
            let line = raw.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let parsed = line.strip_prefix("export ").unwrap_or(line).split_once('=');
            let Some((name, value)) = parsed.filter(|(name, _)| is_name(name.trim())) else {
                return Err(DotEnvError::Malformed { path: path.to_owned(), line: index + 1 });
            };
            entries.insert(name.trim().to_owned(), (unquote(value.trim()), index + 1));
        }
        Ok(Self { path: path.to_owned(), entries })
    }
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// Quoted text is taken as it stands; a bare value ends at a blank that is followed by `#`.
fn unquote(value: &str) -> String {
    for quote in ['"', '\''] {
        if let Some((inner, _)) = value.strip_prefix(quote).and_then(|rest| rest.split_once(quote)) {
            return inner.to_owned();
        }
    }
    if value.starts_with('#') {
        return String::new();
    }
    value.split_once(" #").map_or(value, |(bare, _)| bare).trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[(&str, &str, usize)]) {
        let parsed = DotEnv::parse(Path::new(".env"), text).unwrap();
        let found: Vec<_> = parsed
            .entries
            .iter()
            .map(|(name, (value, line))| (name.as_str(), value.as_str(), *line))
            .collect();
        assert_eq!(found, expected, "{text:?}");
    }

    #[test]
    fn reads_lines() {
        check("", &[]);
        check("# a comment\n\nA=1\nexport B = two words \n", &[("A", "1", 3), ("B", "two words", 4)]);
        check(
            "A=1 # why\nB=a#b\nC=\"x # y\" # z\nD='q'\nE=# none",
            &[("A", "1", 1), ("B", "a#b", 2), ("C", "x # y", 3), ("D", "q", 4), ("E", "", 5)],
        );
        check("A=1\r\nA=2\r\n", &[("A", "2", 2)]);
        check("\u{feff}A=x=y", &[("A", "x=y", 1)]);
    }

    #[test]
    fn malformed_lines_are_named_without_their_text() {
        let message = DotEnv::parse(Path::new(".env"), "A=1\nhunter2\n").unwrap_err().to_string();
        assert_eq!(message, ".env line 2: expected NAME=value");
    }
}
