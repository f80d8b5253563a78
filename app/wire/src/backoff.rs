//! When to try again: full jitter between nothing and a doubling ceiling.

/// First ceiling in milliseconds.
pub const FIRST_MS: f64 = 250.0;

/// Last ceiling in milliseconds.
pub const LAST_MS: f64 = 30_000.0;

/// Delay before attempt `attempt` (0 is the first) in milliseconds, for a random number in [0, 1).
///
/// Full jitter keeps a thousand clients that lost one server from coming back as a herd.
#[must_use]
pub fn delay_ms(attempt: u32, random: f64) -> f64 {
    let ceiling = (FIRST_MS * f64::from(1_u32 << attempt.min(10))).min(LAST_MS);
    ceiling * random.clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_up_to_the_last_ceiling() {
        for (attempt, expected) in
            [(0, 250.0), (1, 500.0), (6, 16_000.0), (7, 30_000.0), (u32::MAX, 30_000.0)]
        {
            assert_eq!(delay_ms(attempt, 1.0), expected, "attempt {attempt}");
        }
        assert_eq!(delay_ms(3, 0.0), 0.0);
    }
}
