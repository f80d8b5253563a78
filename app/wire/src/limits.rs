//! The numbers that both ends of a connection agree on.

/// Largest message that a server takes or a snapshot chunk aims at, in bytes.
pub const MESSAGE_BYTES: usize = 64 * 1024;

/// Time between ticks in milliseconds, unless set otherwise.
pub const TICK_MS: u64 = 200;

/// An empty tick is sent after this long without another frame, in milliseconds.
pub const HEARTBEAT_MS: u64 = 15_000;

/// A client that hears nothing for this long takes the connection for dead, in milliseconds.
pub const SILENCE_MS: u64 = 40_000;

/// A client that takes nothing for this long is gone, in milliseconds.
pub const STALL_MS: u64 = 15_000;

/// Time between digests in milliseconds.
pub const DIGEST_MS: u64 = 10_000;

/// Messages that a client may send in a minute.
pub const MESSAGES_PER_MINUTE: u32 = 100;

/// How long a removal is remembered, in milliseconds.
pub const TOMBSTONE_MS: i64 = 600_000;

/// How many removals are remembered at most.
pub const TOMBSTONES: usize = 100_000;
