//! Reading of maps that name their kind in their first member.
//!
//! Serde's own internally tagged enums buffer the whole map, because the tag may stand anywhere. Our encoders
//! put it first, which lets the rest be read as it comes and keeps 80 KB of code out of the browser.

use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use std::marker::PhantomData;

/// Something whose kind stands in the first member of its map.
pub trait Tagged<'de>: Sized {
    /// Name of that member.
    const TAG: &'static str;

    /// Reads the rest of the map for a kind; see [`rest`].
    ///
    /// # Errors
    /// When the kind is unknown or a member is missing or of the wrong type.
    fn read<A: MapAccess<'de>>(kind: &str, map: A) -> Result<Self, A::Error>;
}

struct TaggedVisitor<T>(PhantomData<T>);

/// Reads a tagged value; the body of its `Deserialize`.
///
/// # Errors
/// When it is no map, its first member is not the tag, or the rest does not fit.
pub fn deserialize<'de, T: Tagged<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    deserializer.deserialize_map(TaggedVisitor(PhantomData))
}

/// The remaining members of a map as a value.
///
/// # Errors
/// When a member is missing or of the wrong type.
pub fn rest<'de, T: Deserialize<'de>, A: MapAccess<'de>>(map: A) -> Result<T, A::Error> {
    T::deserialize(serde::de::value::MapAccessDeserializer::new(map))
}

impl<'de, T: Tagged<'de>> Visitor<'de> for TaggedVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "a map that begins with `{}`", T::TAG)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<T, A::Error> {
        match map.next_key::<String>()? {
            Some(key) if key == T::TAG => {
                let kind: String = map.next_value()?;
                T::read(&kind, map)
            }
            _ => Err(A::Error::missing_field(T::TAG)),
        }
    }
}
