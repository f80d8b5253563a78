//! Secrets: made of the system's randomness, kept as hashes, compared without telling how far they agree.

use sha2::{Digest, Sha256};

/// SHA-256 of a secret; what is kept instead of it.
pub type Hash = [u8; 32];

/// A secret of `BYTES` random bytes as hex digits.
///
/// # Errors
/// The system has no randomness to give.
pub fn random_hex<const BYTES: usize>() -> Result<String, getrandom::Error> {
    let mut bytes = [0; BYTES];
    getrandom::fill(&mut bytes)?;
    Ok(hex(&bytes))
}

/// SHA-256 of a text. Our secrets hold 256 random bits, so that nothing slower is needed.
#[must_use]
pub fn hash(secret: &str) -> Hash {
    Sha256::digest(secret.as_bytes()).into()
}

/// Bytes as lower-case hex digits.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether two hashes are the same; takes as long whether they are or not.
#[must_use]
pub fn same(a: &Hash, b: &Hash) -> bool {
    core::hint::black_box(a.iter().zip(b).fold(0, |differing, (a, b)| differing | (a ^ b))) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_hashed_and_compared() {
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(hex(&hash("")), empty);
        assert!(same(&hash("a"), &hash("a")) && !same(&hash("a"), &hash("b")));
        let (one, other) = (random_hex::<32>().unwrap(), random_hex::<32>().unwrap());
        assert!(one.len() == 64 && one != other);
    }
}
