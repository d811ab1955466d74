use super::codec::{DecodeError, read};
use super::json::Json;
use super::msgpack::{MessagePack, Writer};
use super::{AttributeKind, Cty, Type, Value};

/// A value as it crosses the wire: decoded only by who knows its type.
#[derive(Clone, PartialEq, Eq)]
pub enum Raw {
    /// MessagePack, as Terraform sends it.
    MessagePack(Vec<u8>),
    /// JSON, of exactly the type.
    Json(Vec<u8>),
    /// JSON as a state is stored. It may have been written by a provider whose schema had other attributes: what the
    /// type does not know is passed over, as terraform-plugin-framework does it, since an attribute that was taken out
    /// of the schema must not lock users out of their state.
    State(Vec<u8>),
}

// Values may hold secrets: never shown by Debug.
impl std::fmt::Debug for Raw {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::MessagePack(bytes) => write!(f, "MessagePack({} bytes)", bytes.len()),
            Self::Json(bytes) => write!(f, "Json({} bytes)", bytes.len()),
            Self::State(bytes) => write!(f, "State({} bytes)", bytes.len()),
        }
    }
}

impl Raw {
    /// The null value.
    pub fn null() -> Self {
        Self::MessagePack(vec![0xc0])
    }

    /// Decodes a value of that type. No bytes at all are null.
    ///
    /// # Errors
    /// When the bytes are not a value of the type.
    pub fn decode_as(&self, kind: &Type) -> Result<Cty, DecodeError> {
        let json = |bytes, stored| {
            let mut reader = Json::new(bytes, stored);
            let value = read(&mut reader, kind, 0)?;
            reader.end().map(|()| value)
        };
        match self {
            Self::MessagePack(bytes) | Self::Json(bytes) | Self::State(bytes) if bytes.is_empty() => Ok(Cty::Null),
            Self::MessagePack(bytes) => {
                let mut reader = MessagePack::new(bytes);
                let value = read(&mut reader, kind, 0)?;
                reader.end().map(|()| value)
            }
            Self::Json(bytes) => json(bytes, false),
            Self::State(bytes) => json(bytes, true),
        }
    }

    /// Encodes a value of that type as MessagePack.
    ///
    /// # Errors
    /// When the value is not of the type.
    pub fn encode_as(value: &Cty, kind: &Type) -> Result<Self, DecodeError> {
        let mut writer = Writer::default();
        writer.value(value, kind, 0)?;
        Ok(Self::MessagePack(writer.bytes()))
    }

    /// Decodes into a type of the schema.
    ///
    /// # Errors
    /// When the bytes are not a value of that type.
    pub fn decode<T: AttributeKind + PartialEq>(&self) -> Result<Value<T>, DecodeError> {
        Value::from_cty(self.decode_as(&T::attribute_type())?)
    }

    /// Encodes as MessagePack.
    ///
    /// # Errors
    /// When the value is nested too deeply.
    pub fn encode<T: AttributeKind>(value: &T) -> Result<Self, DecodeError> {
        Self::encode_as(&value.to_cty(), &T::attribute_type())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_does_not_quote_the_value() {
        let text = Raw::encode(&Value::Value("hunter2".to_owned())).unwrap();
        for raw in [text, Raw::Json(br#""hunter2""#.to_vec())] {
            let error = raw.decode::<bool>().unwrap_err().to_string();
            assert!(error.contains("does not fit") && !error.contains("hunter2"), "{error}");
        }
    }
}
