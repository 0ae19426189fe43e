//! To JavaScript.

use super::host;
use crate::fault::Fault;
use pocketkms::shape::{Member, Shape, Type};
use serde::{
    Serialize, Serializer,
    ser::{Impossible, SerializeMap, SerializeSeq, SerializeStruct},
};
use std::{fmt::Display, slice::Iter};
use wasm_bindgen::JsValue;

/// Writes a value as JavaScript wants it.
pub(crate) fn write<T: Shape + Serialize>(value: &T) -> Result<JsValue, Fault> {
    value.serialize(Writer(T::TYPE))
}

/// A copy in JavaScript's own memory, straight from where the core wipes.
pub(crate) fn bytes(bytes: &[u8]) -> Result<JsValue, Fault> {
    host::new_bytes(bytes).map_err(|_| Fault::misuse(format!("there is no memory for {} bytes", bytes.len())))
}

struct Writer(Type);

/// What no type of the core has.
macro_rules! unknown {
    ($($method:ident($($argument:ty),*) -> $ok:ty;)*) => {
        $(fn $method(self, $(_: $argument),*) -> Result<$ok, Fault> { Err(Fault::unknown_type()) })*
    };
}

impl Serializer for Writer {
    type Ok = JsValue;
    type Error = Fault;
    type SerializeSeq = Items;
    type SerializeMap = Pairs;
    type SerializeStruct = Members;
    type SerializeTuple = Impossible<JsValue, Fault>;
    type SerializeTupleStruct = Impossible<JsValue, Fault>;
    type SerializeTupleVariant = Impossible<JsValue, Fault>;
    type SerializeStructVariant = Impossible<JsValue, Fault>;

    fn serialize_unit(self) -> Result<JsValue, Fault> {
        Ok(JsValue::UNDEFINED)
    }

    fn serialize_bool(self, value: bool) -> Result<JsValue, Fault> {
        Ok(value.into())
    }

    fn serialize_i32(self, value: i32) -> Result<JsValue, Fault> {
        Ok(value.into())
    }

    fn serialize_u8(self, value: u8) -> Result<JsValue, Fault> {
        Ok(value.into())
    }

    fn serialize_u16(self, value: u16) -> Result<JsValue, Fault> {
        Ok(value.into())
    }

    fn serialize_u32(self, value: u32) -> Result<JsValue, Fault> {
        Ok(value.into())
    }

    /// As a number, and not as a `BigInt`: lengths, which are less than 2^53.
    #[expect(clippy::cast_precision_loss, reason = "a length")]
    fn serialize_u64(self, value: u64) -> Result<JsValue, Fault> {
        Ok((value as f64).into())
    }

    fn serialize_f64(self, value: f64) -> Result<JsValue, Fault> {
        match self.0 {
            Type::Seconds => Ok(value.into()),
            Type::Timestamp => Ok(host::new_date((value * 1000.0).round())),
            _ => Err(Fault::unknown_type()),
        }
    }

    fn serialize_str(self, value: &str) -> Result<JsValue, Fault> {
        Ok(value.into())
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<JsValue, Fault> {
        bytes(value)
    }

    fn serialize_none(self) -> Result<JsValue, Fault> {
        Ok(JsValue::UNDEFINED)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<JsValue, Fault> {
        value.serialize(self)
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<JsValue, Fault> {
        Ok(variant.into())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<JsValue, Fault> {
        value.serialize(self)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Items, Fault> {
        match self.0 {
            Type::List(item) => Ok(Items { list: host::new_list(), item: *item }),
            _ => Err(Fault::unknown_type()),
        }
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Pairs, Fault> {
        Ok(Pairs { object: host::object([]), name: JsValue::UNDEFINED })
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Members, Fault> {
        match self.0 {
            Type::Structure(structure) => Ok(Members { object: host::object([]), left: structure.members.iter() }),
            _ => Err(Fault::unknown_type()),
        }
    }

    fn collect_str<T: Display + ?Sized>(self, value: &T) -> Result<JsValue, Fault> {
        Ok(value.to_string().into())
    }

    fn is_human_readable(&self) -> bool {
        false
    }

    unknown! {
        serialize_i8(i8) -> JsValue;
        serialize_i16(i16) -> JsValue;
        serialize_i64(i64) -> JsValue;
        serialize_f32(f32) -> JsValue;
        serialize_char(char) -> JsValue;
        serialize_unit_struct(&'static str) -> JsValue;
        serialize_tuple(usize) -> Self::SerializeTuple;
        serialize_tuple_struct(&'static str, usize) -> Self::SerializeTupleStruct;
        serialize_tuple_variant(&'static str, u32, &'static str, usize) -> Self::SerializeTupleVariant;
        serialize_struct_variant(&'static str, u32, &'static str, usize) -> Self::SerializeStructVariant;
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<JsValue, Fault> {
        Err(Fault::unknown_type())
    }
}

/// Serde names the members in the order in which the description has them, so that each is found at once.
pub(crate) struct Members {
    object: JsValue,
    left: Iter<'static, Member>,
}

impl SerializeStruct for Members {
    type Ok = JsValue;
    type Error = Fault;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Fault> {
        let member = self.left.find(|member| member.wire_name() == name).ok_or_else(Fault::unknown_type)?;
        let value = value.serialize(Writer(member.shape))?;
        host::add_member(&self.object, &member.camel_name().into(), &value);
        Ok(())
    }

    fn end(self) -> Result<JsValue, Fault> {
        Ok(self.object)
    }
}

pub(crate) struct Items {
    list: JsValue,
    item: Type,
}

impl SerializeSeq for Items {
    type Ok = JsValue;
    type Error = Fault;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Fault> {
        host::add_item(&self.list, &value.serialize(Writer(self.item))?);
        Ok(())
    }

    fn end(self) -> Result<JsValue, Fault> {
        Ok(self.list)
    }
}

pub(crate) struct Pairs {
    object: JsValue,
    name: JsValue,
}

impl SerializeMap for Pairs {
    type Ok = JsValue;
    type Error = Fault;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, name: &T) -> Result<(), Fault> {
        self.name = name.serialize(Writer(Type::String))?;
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Fault> {
        let value = value.serialize(Writer(Type::String))?;
        host::add_member(&self.object, &self.name, &value);
        Ok(())
    }

    fn end(self) -> Result<JsValue, Fault> {
        Ok(self.object)
    }
}
