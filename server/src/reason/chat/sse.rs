//! Cuts a stream of Server-Sent Events into the data of its events.

/// Bytes as they come, cut at ends of lines.
#[derive(Debug, Default)]
pub struct Lines {
    bytes: Vec<u8>,
    /// Where reading goes on.
    at: usize,
    data: Option<Vec<u8>>,
}

impl Lines {
    /// Takes what came.
    pub fn push(&mut self, bytes: &[u8]) {
        self.bytes.drain(..self.at);
        self.at = 0;
        self.bytes.extend_from_slice(bytes);
    }

    /// Data of the next event that is there whole.
    pub fn next(&mut self) -> Option<Vec<u8>> {
        loop {
            let rest = &self.bytes[self.at..];
            let length = rest.iter().position(|byte| *byte == b'\n')?;
            let line = &rest[..length];
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            let is_end = line.is_empty();
            // Some servers leave the blank out, and some the empty line between two events.
            let data =
                line.strip_prefix(b"data:").map(|data| data.strip_prefix(b" ").unwrap_or(data).to_vec());
            self.at += length + 1;
            match (is_end, data) {
                (true, _) => {
                    if let Some(data) = self.data.take() {
                        return Some(data);
                    }
                }
                (false, Some(more)) => match &mut self.data {
                    None => self.data = Some(more),
                    // Data that is whole already is an event of its own.
                    Some(data) if is_whole(data) => return Some(core::mem::replace(data, more)),
                    Some(data) => {
                        data.push(b'\n');
                        data.extend_from_slice(&more);
                    }
                },
                (false, None) => {}
            }
        }
    }
}

fn is_whole(data: &[u8]) -> bool {
    data == b"[DONE]" || serde_json::from_slice::<serde::de::IgnoredAny>(data).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(pieces: &[&[u8]]) -> Vec<String> {
        let mut lines = Lines::default();
        let mut events = Vec::new();
        for piece in pieces {
            lines.push(piece);
            while let Some(data) = lines.next() {
                events.push(String::from_utf8(data).unwrap());
            }
        }
        events
    }

    fn check(text: &str, expected: &[&str]) {
        assert_eq!(read(&[text.as_bytes()]), expected, "{text:?}");
    }

    #[test]
    fn events_are_cut() {
        check("data: {\"a\":1}\n\ndata: [DONE]\n\n", &["{\"a\":1}", "[DONE]"]);
        check(": ping\n\nevent: x\ndata:{}\r\n\r\n", &["{}"]);
        check("data: {\"a\":\ndata: 1}\n\n", &["{\"a\":\n1}"]);
        check("data: {}\ndata: [DONE]\n\n", &["{}", "[DONE]"]);
        check("data: {}\n", &[]);
    }

    proptest! {
        /// Wherever the network cuts, even inside a letter.
        #[test]
        fn cuts_of_the_network_do_not_matter(cut in 0_usize..60, other in 0_usize..60) {
            let text = "data: {\"a\":\"\u{21b}\u{1f69b}\"}\r\n\r\n: c\n\ndata: {\"b\":2}\n\ndata: [DONE]\n\n".as_bytes();
            let (low, high) = (cut.min(other).min(text.len()), cut.max(other).min(text.len()));
            let whole = read(&[text]);
            prop_assert_eq!(read(&[&text[..low], &text[low..high], &text[high..]]), whole);
        }
    }
}
