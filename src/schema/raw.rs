use serde::{Serialize, de::DeserializeOwned};

use super::Value;

/// A value as it crosses the wire: decoded only by who knows its type.
#[derive(Clone, PartialEq, Eq)]
pub enum Raw {
    /// MessagePack, as Terraform sends it.
    MessagePack(Vec<u8>),
    /// JSON, as states are stored.
    Json(Vec<u8>),
}

// Values may hold secrets: never shown by Debug.
impl std::fmt::Debug for Raw {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::MessagePack(bytes) => write!(f, "MessagePack({} bytes)", bytes.len()),
            Self::Json(bytes) => write!(f, "Json({} bytes)", bytes.len()),
        }
    }
}

/// The value is not of the schema's type: a fault of the client or of this provider, not of the user.
#[derive(Debug, thiserror::Error)]
#[error("the value does not fit the schema: {0}")]
pub struct DecodeError(String);

impl Raw {
    /// The null value.
    pub fn null() -> Self {
        Self::MessagePack(vec![0xc0])
    }

    /// Decodes into a type of the schema.
    ///
    /// # Errors
    /// When the bytes are not a value of that type.
    pub fn decode<T: DeserializeOwned>(&self) -> Result<Value<T>, DecodeError> {
        match self {
            Self::MessagePack(bytes) if bytes.is_empty() => Ok(Value::Null),
            Self::Json(bytes) if bytes.is_empty() => Ok(Value::Null),
            // In neither case the message: it quotes the offending value, which may be a secret.
            Self::MessagePack(bytes) => rmp_serde::from_slice(bytes).map_err(|error| DecodeError(defect(&error))),
            Self::Json(bytes) => serde_json::from_slice(bytes).map_err(|error| {
                DecodeError(format!("{:?} at line {} column {}", error.classify(), error.line(), error.column()))
            }),
        }
    }

    /// Encodes as MessagePack with named fields.
    ///
    /// # Errors
    /// When the type cannot be expressed in MessagePack.
    pub fn encode<T: Serialize>(value: &T) -> Result<Self, DecodeError> {
        rmp_serde::to_vec_named(value).map(Self::MessagePack).map_err(|error| DecodeError(error.to_string()))
    }
}

fn defect(error: &rmp_serde::decode::Error) -> String {
    use rmp_serde::decode::Error::{Syntax, Uncategorized};
    match error {
        Syntax(_) | Uncategorized(_) => "a part of it is of another type".to_owned(),
        other => other.to_string(),
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
