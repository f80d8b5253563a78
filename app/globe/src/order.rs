//! Sorting by one number, compiled once: each sort of a type of its own costs kilobytes in the browser.

/// Places in rising order of their keys; equal keys keep their order.
#[must_use]
pub fn rising(keys: impl Iterator<Item = u64>) -> Vec<u32> {
    let mut keyed: Vec<(u64, u32)> = keys.zip(0_u32..).collect();
    keyed.sort_unstable();
    keyed.into_iter().map(|(_, place)| place).collect()
}

/// A number whose order as an integer is that of the float ([`f64::total_cmp`]).
#[must_use]
pub fn key(value: f64) -> u64 {
    let bits = value.to_bits();
    if bits >> 63 == 0 { bits | 1 << 63 } else { !bits }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn keys_order_as_floats_do(a: f64, b: f64) {
            prop_assert_eq!(key(a).cmp(&key(b)), a.total_cmp(&b));
        }
    }

    #[test]
    fn equal_keys_keep_their_order() {
        assert_eq!(rising([3, 1, 3, 2, 1].into_iter()), [1, 4, 3, 0, 2]);
    }
}
