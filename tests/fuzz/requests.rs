//! Requests of all RPCs, made of what the provider offers, and spoilt on every level.

use fastrand::Rng;
use loki_provider::proto::tfplugin6 as tf;
use loki_provider::schema::Type;
use prost::Message;

use super::offers::Offers;
use super::rpcs::{Field, Of, Rpc};
use super::tree::{self, Tree};

/// The bytes of a request, more or less.
pub fn request(rng: &mut Rng, offers: &Offers, rpc: &Rpc) -> Vec<u8> {
    let spoil = *rng.choice(&[0, 0, 5, 30, 200]).unwrap_or(&0);
    // All of a request is of one type, as a rule.
    let pick = rng.usize(..);
    let mut bytes = Vec::new();
    for (number, field) in rpc.fields {
        if rng.u8(..) < 10 {
            continue;
        }
        let any = |of: Of| {
            let all = offers.all(of);
            (!all.is_empty()).then(|| &all[pick % all.len()])
        };
        match field {
            Field::Name(of) => {
                let name = any(*of).map(|it| it.0.clone()).filter(|_| rng.u8(..) > 5);
                put(&mut bytes, *number, name.unwrap_or_else(|| tree::text(rng, "")).as_bytes());
            }
            Field::Function => {
                let functions = &offers.functions;
                let name = (!functions.is_empty()).then(|| functions[pick % functions.len()].0.clone());
                put(&mut bytes, *number, name.unwrap_or_else(|| tree::text(rng, "")).as_bytes());
            }
            Field::Value(of) => {
                let kind = any(*of).map_or(Type::Dynamic, |it| it.1.clone());
                put(&mut bytes, *number, &dynamic(rng, &kind, spoil));
            }
            Field::Arguments => {
                let functions = &offers.functions;
                let parameters = if functions.is_empty() { &[][..] } else { &functions[pick % functions.len()].1 };
                for kind in parameters.iter().take(rng.usize(..parameters.len() + 2)) {
                    put(&mut bytes, *number, &dynamic(rng, kind, spoil));
                }
            }
            Field::Identity => {
                let identities = &offers.identities;
                if !identities.is_empty() && rng.bool() {
                    let identity = dynamic(rng, &identities[pick % identities.len()].1, spoil);
                    let mut message = Vec::new();
                    put(&mut message, 1, &identity);
                    put(&mut bytes, *number, &message);
                }
            }
            Field::Stored => {
                let kind = any(Of::Resource).map_or(Type::Dynamic, |it| it.1.clone());
                put(&mut bytes, *number, &stored(rng, &kind, spoil));
            }
            Field::StoredIdentity => {
                let kind = match &offers.identities[..] {
                    [] => Type::Dynamic,
                    identities => identities[pick % identities.len()].1.clone(),
                };
                put(&mut bytes, *number, &stored(rng, &kind, spoil));
            }
            Field::Private => put(&mut bytes, *number, tree::text(rng, "").as_bytes()),
            Field::Text => put(&mut bytes, *number, tree::text(rng, "name").as_bytes()),
            Field::Number => {
                varint(&mut bytes, u64::from(*number) << 3);
                varint(&mut bytes, *rng.choice(&[0, 0, 1, 2, 3, 1000, i64::MAX as u64, u64::MAX]).unwrap_or(&0));
            }
            Field::Capabilities => put(&mut bytes, *number, &[8, rng.u8(..2), 16, rng.u8(..2)]),
        }
    }
    bytes
}

/// A DynamicValue: MessagePack mostly, JSON now and then, both or neither seldom.
fn dynamic(rng: &mut Rng, kind: &Type, spoil: u16) -> Vec<u8> {
    let value = tree::value(rng, kind, "", spoil);
    let mut message = tf::DynamicValue::default();
    let form = rng.u8(..16);
    if form < 13 || form == 15 {
        value.msgpack(&mut message.msgpack);
        if spoil > 0 && rng.u8(..) < 20 {
            scramble(rng, &mut message.msgpack);
        }
    }
    if form >= 13 {
        message.json = json(rng, &value, spoil);
    }
    message.encode_to_vec()
}

/// A RawState.
fn stored(rng: &mut Rng, kind: &Type, spoil: u16) -> Vec<u8> {
    let mut message = tf::RawState::default();
    match rng.u8(..) {
        0..5 => {}
        5..10 => drop(message.flatmap.insert("name".to_owned(), "a".to_owned())),
        _ => {
            let value = tree::value(rng, kind, "", spoil);
            message.json = json(rng, &value, spoil);
        }
    }
    message.encode_to_vec()
}

fn json(rng: &mut Rng, value: &Tree, spoil: u16) -> Vec<u8> {
    let mut text = String::new();
    value.json(&mut text);
    let mut bytes = text.into_bytes();
    if spoil > 0 && rng.u8(..) < 20 {
        scramble(rng, &mut bytes);
    }
    bytes
}

/// Changes some bytes of what was a message.
pub fn scramble(rng: &mut Rng, bytes: &mut Vec<u8>) {
    const TELLING: [u8; 12] = [0, 1, 0x7f, 0x80, 0x90, 0xc0, 0xc1, 0xc7, 0xd4, 0xdd, 0xdf, 0xff];
    for _ in 0..=rng.usize(..4) {
        if bytes.is_empty() {
            return bytes.push(rng.u8(..));
        }
        let at = rng.usize(..bytes.len());
        match rng.u8(..7) {
            0 => bytes[at] ^= 1 << rng.u8(..8),
            1 => bytes[at] = rng.u8(..),
            2 => bytes[at] = TELLING[rng.usize(..TELLING.len())],
            3 => bytes.insert(at, TELLING[rng.usize(..TELLING.len())]),
            4 => drop(bytes.remove(at)),
            5 => {
                let end = bytes.len().min(at + rng.usize(..64));
                drop(bytes.drain(at..end));
            }
            _ => {
                let end = bytes.len().min(at + rng.usize(..64));
                let piece = bytes[at..end].to_vec();
                let to = rng.usize(..=bytes.len());
                bytes.splice(to..to, piece);
            }
        }
    }
}

/// A field of bytes.
pub fn put(message: &mut Vec<u8>, number: u32, bytes: &[u8]) {
    varint(message, u64::from(number) << 3 | 2);
    varint(message, bytes.len() as u64);
    message.extend(bytes);
}

pub fn varint(out: &mut Vec<u8>, mut value: u64) {
    while value > 0x7f {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}
