//! When clients come back that must go: spread over some seconds, evenly however few or many they are.

use core::sync::atomic::{AtomicU32, Ordering};

/// A client comes back after this long at the soonest, in milliseconds.
pub const SOONEST_MS: u64 = 500;

/// And within this long after that, in milliseconds, so that the next process is not met by all at once.
pub const SPREAD_MS: u64 = 3000;

/// The golden section of all 32-bit numbers: its multiples come to lie in the largest gaps between those before.
const GOLDEN: u32 = 0x9e37_79b9;

/// When the next client comes back, in milliseconds.
#[must_use]
pub fn retry_ms() -> u64 {
    static TURN: AtomicU32 = AtomicU32::new(0);
    wait_ms(TURN.fetch_add(1, Ordering::Relaxed))
}

fn wait_ms(turn: u32) -> u64 {
    SOONEST_MS + ((u64::from(turn.wrapping_mul(GOLDEN)) * SPREAD_MS) >> 32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Lots fall unevenly: of 30 that are drawn more than half lie in one second every thirtieth time.
        #[test]
        fn no_second_has_twice_its_share_of_few_or_many(first: u32, clients in 4..2000_u32, from in 0..SPREAD_MS) {
            let waits: Vec<u64> = (0..clients).map(|number| wait_ms(first.wrapping_add(number))).collect();
            let range = SOONEST_MS..SOONEST_MS + SPREAD_MS;
            prop_assert!(waits.iter().all(|wait| range.contains(wait)));
            let second = SOONEST_MS + from..SOONEST_MS + from + 1000;
            let busy = waits.iter().filter(|wait| second.contains(*wait)).count();
            prop_assert!(busy <= clients as usize / 2, "{busy} of {clients}");
        }
    }

    #[test]
    fn the_next_one_waits_otherwise() {
        assert_ne!(retry_ms(), retry_ms());
    }
}
