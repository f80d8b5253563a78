//! Anything that serialises to MessagePack, structs as maps, numbers as short as they go.
//!
//! Byte for byte what `rmp_serde::to_vec_named` writes; a browser carries a third of it, because it has one way for
//! all kinds of sequences and no errors.

use serde::ser::{
    Error, Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant, Serializer,
};
use std::fmt::{self, Display};

/// A value has no MessagePack form: its length is not known beforehand, or it refused. None of the protocol does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unpackable;

/// The bytes so far.
struct Packer(Vec<u8>);

type Packed = Result<(), Unpackable>;

/// The bytes of a value.
///
/// # Errors
/// The value is of no known length, or refused.
pub fn pack<T: Serialize>(value: &T) -> Result<Vec<u8>, Unpackable> {
    let mut packer = Packer(Vec::new());
    value.serialize(&mut packer)?;
    Ok(packer.0)
}

impl std::error::Error for Unpackable {}

impl Display for Unpackable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the value has no MessagePack form")
    }
}

impl Error for Unpackable {
    fn custom<T: Display>(_: T) -> Self {
        Self
    }
}

impl Packer {
    /// A marker and so many of the last bytes of a number.
    #[inline(never)]
    fn sized(&mut self, marker: u8, number: u64, bytes: usize) {
        self.0.push(marker);
        self.0.extend_from_slice(&number.to_be_bytes()[8 - bytes..]);
    }

    fn unsigned(&mut self, number: u64) {
        match number {
            0..0x80 => self.0.push(number as u8),
            0x80..0x100 => self.sized(0xcc, number, 1),
            0x100..0x1_0000 => self.sized(0xcd, number, 2),
            0x1_0000..0x1_0000_0000 => self.sized(0xce, number, 4),
            _ => self.sized(0xcf, number, 8),
        }
    }

    #[inline(never)]
    fn signed(&mut self, number: i64) {
        match number {
            0.. => self.unsigned(number as u64),
            -0x20.. => self.0.push(number as u8),
            -0x80.. => self.sized(0xd0, number as u64, 1),
            -0x8000.. => self.sized(0xd1, number as u64, 2),
            -0x8000_0000.. => self.sized(0xd2, number as u64, 4),
            _ => self.sized(0xd3, number as u64, 8),
        }
    }

    /// A length: in the marker itself if it is short, else behind the marker for one, two or four bytes. Lists and
    /// maps have no marker for one byte.
    #[inline(never)]
    fn length(&mut self, short: Option<(u8, usize)>, byte: Option<u8>, two: u8, length: usize) {
        match (short, byte) {
            (Some((marker, below)), _) if length < below => self.0.push(marker | length as u8),
            (_, Some(marker)) if length < 0x100 => self.sized(marker, length as u64, 1),
            _ if length < 0x1_0000 => self.sized(two, length as u64, 2),
            _ => self.sized(two + 1, length as u64, 4),
        }
    }

    #[inline(never)]
    fn text(&mut self, text: &str) {
        self.length(Some((0xa0, 0x20)), Some(0xd9), 0xda, text.len());
        self.0.extend_from_slice(text.as_bytes());
    }

    fn list(&mut self, length: usize) {
        self.length(Some((0x90, 0x10)), None, 0xdc, length);
    }

    fn map(&mut self, length: usize) {
        self.length(Some((0x80, 0x10)), None, 0xde, length);
    }

    /// A variant that holds something is a map of its name to that.
    fn variant(&mut self, name: &str) {
        self.map(1);
        self.text(name);
    }
}

/// Numbers of each width.
macro_rules! numbers {
    ($way:ident, $wide:ty, $($method:ident $narrow:ty),*) => {
        $(fn $method(self, number: $narrow) -> Packed {
            self.$way(<$wide>::from(number));
            Ok(())
        })*
    };
}

impl Serializer for &mut Packer {
    type Ok = ();
    type Error = Unpackable;
    type SerializeSeq = Self;
    type SerializeTuple = Self;
    type SerializeTupleStruct = Self;
    type SerializeTupleVariant = Self;
    type SerializeMap = Self;
    type SerializeStruct = Self;
    type SerializeStructVariant = Self;

    numbers!(signed, i64, serialize_i8 i8, serialize_i16 i16, serialize_i32 i32, serialize_i64 i64);
    numbers!(unsigned, u64, serialize_u8 u8, serialize_u16 u16, serialize_u32 u32, serialize_u64 u64);

    fn serialize_bool(self, truth: bool) -> Packed {
        self.0.push(if truth { 0xc3 } else { 0xc2 });
        Ok(())
    }

    fn serialize_f32(self, number: f32) -> Packed {
        self.sized(0xca, u64::from(number.to_bits()), 4);
        Ok(())
    }

    fn serialize_f64(self, number: f64) -> Packed {
        self.sized(0xcb, number.to_bits(), 8);
        Ok(())
    }

    fn serialize_char(self, character: char) -> Packed {
        self.text(character.encode_utf8(&mut [0; 4]));
        Ok(())
    }

    fn serialize_str(self, text: &str) -> Packed {
        self.text(text);
        Ok(())
    }

    fn serialize_bytes(self, bytes: &[u8]) -> Packed {
        self.length(None, Some(0xc4), 0xc5, bytes.len());
        self.0.extend_from_slice(bytes);
        Ok(())
    }

    fn serialize_none(self) -> Packed {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Packed {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Packed {
        self.0.push(0xc0);
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Packed {
        self.list(0);
        Ok(())
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Packed {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Packed {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Packed {
        self.variant(variant);
        value.serialize(self)
    }

    fn serialize_seq(self, length: Option<usize>) -> Result<Self, Unpackable> {
        self.serialize_tuple(length.ok_or(Unpackable)?)
    }

    fn serialize_tuple(self, length: usize) -> Result<Self, Unpackable> {
        self.list(length);
        Ok(self)
    }

    fn serialize_tuple_struct(self, _: &'static str, length: usize) -> Result<Self, Unpackable> {
        self.serialize_tuple(length)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        length: usize,
    ) -> Result<Self, Unpackable> {
        self.variant(variant);
        self.serialize_tuple(length)
    }

    fn serialize_map(self, length: Option<usize>) -> Result<Self, Unpackable> {
        self.map(length.ok_or(Unpackable)?);
        Ok(self)
    }

    fn serialize_struct(self, _: &'static str, length: usize) -> Result<Self, Unpackable> {
        self.serialize_map(Some(length))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        length: usize,
    ) -> Result<Self, Unpackable> {
        self.variant(variant);
        self.serialize_map(Some(length))
    }

    fn is_human_readable(&self) -> bool {
        false
    }
}

/// What stands in a list: one value after the other.
macro_rules! listed {
    ($($kind:ident $method:ident),*) => {
        $(impl $kind for &mut Packer {
            type Ok = ();
            type Error = Unpackable;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Packed {
                value.serialize(&mut **self)
            }

            fn end(self) -> Packed {
                Ok(())
            }
        })*
    };
}

/// What has named fields: name and value in turn.
macro_rules! named {
    ($($kind:ident),*) => {
        $(impl $kind for &mut Packer {
            type Ok = ();
            type Error = Unpackable;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Packed {
                self.text(name);
                value.serialize(&mut **self)
            }

            fn end(self) -> Packed {
                Ok(())
            }
        })*
    };
}

listed!(
    SerializeSeq serialize_element,
    SerializeTuple serialize_element,
    SerializeTupleStruct serialize_field,
    SerializeTupleVariant serialize_field
);

named!(SerializeStruct, SerializeStructVariant);

impl SerializeMap for &mut Packer {
    type Ok = ();
    type Error = Unpackable;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Packed {
        key.serialize(&mut **self)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Packed {
        value.serialize(&mut **self)
    }

    fn end(self) -> Packed {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::{btree_map, vec};
    use proptest::prelude::*;
    use serde_json::{Value, json};

    #[derive(serde::Serialize)]
    enum Kind {
        Unit,
        One(i8),
        Two(u8, f32),
        Named { a: Option<()>, b: char },
    }

    #[derive(serde::Serialize)]
    struct Nothing;

    fn check<T: Serialize>(value: &T) {
        assert_eq!(pack(value).unwrap(), rmp_serde::to_vec_named(value).unwrap());
    }

    fn any_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            (any::<i64>(), 0_u32..64).prop_map(|(number, shift)| Value::from(number >> shift)),
            any::<u64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            "\\PC{0,300}".prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 40, 40, |inner| {
            prop_oneof![
                vec(inner.clone(), 0..40).prop_map(Value::from),
                btree_map("[a-z]{1,4}", inner, 0..40).prop_map(|members| json!(members)),
            ]
        })
    }

    #[test]
    fn writes_what_the_library_writes() {
        for kind in [Kind::Unit, Kind::One(-7), Kind::Two(200, 0.5), Kind::Named { a: None, b: 'é' }] {
            check(&kind);
        }
        check(&Nothing);
        check(&(1, "two", Some(3.5), [(); 2]));
        for length in [0, 15, 16, 31, 32, 255, 256, 65_535, 65_536] {
            check(&"x".repeat(length));
            check(&crate::bin::Bin(vec![7; length]));
            check(&vec![true; length]);
        }
    }

    proptest! {
        #[test]
        fn writes_any_value_as_the_library_does(value in any_value()) {
            check(&value);
        }
    }
}
