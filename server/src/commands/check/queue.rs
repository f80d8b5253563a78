//! What the system holds for a reader that does not take it: the send queues of the server's connections.

use std::collections::HashMap;
use std::net::SocketAddr;

/// The server's end of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Queue {
    /// Bytes that the system holds unsent or untaken.
    pub unsent: u64,
    /// The server has not ended it.
    pub is_open: bool,
}

/// What the system calls a connection that nobody ended.
const ESTABLISHED: &str = "01";

/// The server's ends, by the client's port. Empty where the system does not tell.
#[must_use]
pub fn queues(server: SocketAddr) -> HashMap<u16, Queue> {
    let table = std::fs::read_to_string("/proc/net/tcp").unwrap_or_default();
    table.lines().skip(1).filter_map(|line| read(line, server.port())).collect()
}

/// The client's port and the queue, if this line is the server's end of a connection.
fn read(line: &str, server_port: u16) -> Option<(u16, Queue)> {
    let mut words = line.split_ascii_whitespace().skip(1);
    let port = |word: &str| u16::from_str_radix(word.rsplit_once(':')?.1, 16).ok();
    let (here, there) = (port(words.next()?)?, port(words.next()?)?);
    let (state, queues) = (words.next()?, words.next()?);
    let unsent = u64::from_str_radix(queues.split_once(':')?.0, 16).ok()?;
    let queue = Queue { unsent, is_open: state == ESTABLISHED };
    (here == server_port && there != 0).then_some((there, queue))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queues_are_read() {
        let line =
            "   3: 0100007F:0BB8 0100007F:D431 01 0000A1F0:00000000 01:00000014 00000000     0        0 12";
        assert_eq!(read(line, 3000), Some((0xd431, Queue { unsent: 0xa1f0, is_open: true })));
        assert_eq!(read(line, 3001), None);
        assert_eq!(read("  1: 0100007F:0BB8 00000000:0000 0A 00000000:00000000 00:00000000", 3000), None);
        assert_eq!(read("nothing", 3000), None);
    }
}
