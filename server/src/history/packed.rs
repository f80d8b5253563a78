//! Lines as a gzip file whose inside can be joined to that of others without compressing anything again.

use crc32fast::Hasher;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::DeflateEncoder;
use std::io::{Read, Write};

/// A gzip header that tells nothing.
pub const HEAD: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];

/// An empty last block of deflate.
const LAST_BLOCK: [u8; 2] = [3, 0];

/// Checksum and length.
const TAIL_BYTES: usize = 8;

/// Compressed lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packed {
    /// Blocks of deflate that end on a byte; none is the last.
    pub blocks: Vec<u8>,
    checksum: u32,
    /// Bytes before compression.
    pub raw_bytes: u64,
}

/// The sum of what was joined, for the end of the file.
#[derive(Clone, Debug, Default)]
pub struct Sum {
    hasher: Hasher,
    raw_bytes: u64,
}

impl Packed {
    /// Compresses.
    #[must_use]
    pub fn of(lines: &[u8]) -> Self {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
        // Writing to memory cannot fail. A flush ends on a byte, and what follows does not look back beyond it.
        let _ = encoder.write_all(lines).and_then(|()| encoder.flush());
        let blocks = core::mem::take(encoder.get_mut());
        Self { blocks, checksum: crc32fast::hash(lines), raw_bytes: lines.len() as u64 }
    }

    /// What [`Packed::file`] wrote; none if it is anything else.
    #[must_use]
    pub fn read(file: &[u8]) -> Option<Self> {
        let inside = file.strip_prefix(&HEAD)?;
        let (inside, tail) = inside.split_at_checked(inside.len().checked_sub(TAIL_BYTES)?)?;
        let blocks = inside.strip_suffix(&LAST_BLOCK)?.to_vec();
        let (checksum, length) = tail.split_at(4);
        let number = |bytes: &[u8]| bytes.try_into().map(u32::from_le_bytes).ok();
        Some(Self { blocks, checksum: number(checksum)?, raw_bytes: number(length)?.into() })
    }

    /// A whole gzip file.
    #[must_use]
    pub fn file(&self) -> Vec<u8> {
        let mut sum = Sum::default();
        sum.add(self);
        [&HEAD[..], &self.blocks, &sum.tail()].concat()
    }

    /// The lines; none if they are damaged.
    #[must_use]
    pub fn lines(&self) -> Option<Vec<u8>> {
        let mut lines = Vec::with_capacity(usize::try_from(self.raw_bytes).unwrap_or_default().min(1 << 26));
        GzDecoder::new(&self.file()[..]).read_to_end(&mut lines).ok()?;
        Some(lines)
    }
}

impl Sum {
    /// Takes in what follows.
    pub fn add(&mut self, packed: &Packed) {
        self.raw_bytes += packed.raw_bytes;
        self.hasher.combine(&Hasher::new_with_initial_len(packed.checksum, packed.raw_bytes));
    }

    /// What ends a file.
    #[must_use]
    pub fn tail(&self) -> [u8; LAST_BLOCK.len() + TAIL_BYTES] {
        let mut tail = [0; LAST_BLOCK.len() + TAIL_BYTES];
        tail[..2].copy_from_slice(&LAST_BLOCK);
        tail[2..6].copy_from_slice(&self.hasher.clone().finalize().to_le_bytes());
        // The length is told modulo 2^32, as gzip wants it.
        tail[6..].copy_from_slice(&(self.raw_bytes as u32).to_le_bytes());
        tail
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_joined_is_one_member(parts in prop::collection::vec(prop::collection::vec(0..4_u8, 0..5000), 0..5)) {
            let (mut file, mut sum) = (HEAD.to_vec(), Sum::default());
            for part in &parts {
                let packed = Packed::of(part);
                prop_assert_eq!(Packed::read(&packed.file()), Some(packed.clone()));
                prop_assert_eq!(packed.lines(), Some(part.clone()));
                sum.add(&packed);
                file.extend_from_slice(&packed.blocks);
            }
            file.extend_from_slice(&sum.tail());
            let mut plain = Vec::new();
            let mut decoder = GzDecoder::new(&file[..]);
            decoder.read_to_end(&mut plain).unwrap();
            prop_assert_eq!(plain, parts.concat());
            prop_assert!(decoder.into_inner().is_empty());
        }

        #[test]
        fn any_file_can_be_read(bytes in prop::collection::vec(any::<u8>(), 0..60), torn in 0..40_usize) {
            let file = Packed::of(b"{\"time\":1679015330,\"states\":[]}\n").file();
            let torn = &file[..file.len() - 1 - torn.min(file.len() - 1)];
            for file in [&bytes[..], torn, &[&HEAD[..], &bytes].concat()] {
                prop_assert!(Packed::read(file).and_then(|packed| packed.lines()).is_none());
            }
        }
    }
}
