//! The smallest request that fails in the same way.

use super::requests::{put, varint};
use super::tree::Tree;

/// How often a smaller request may be tried.
const TRIES: usize = 20_000;

/// Takes away what can be taken away as long as it `fails`.
pub fn shrink(bytes: &[u8], fails: &mut dyn FnMut(&[u8]) -> bool) -> Vec<u8> {
    let (mut smallest, mut tries) = (bytes.to_vec(), 0);
    'again: loop {
        for candidate in smaller(&smallest, 2) {
            tries += 1;
            if tries > TRIES {
                return smallest;
            }
            if candidate.len() < smallest.len() && fails(&candidate) {
                smallest = candidate;
                continue 'again;
            }
        }
        return smallest;
    }
}

/// The message without one of its fields, or with one made smaller.
fn smaller(bytes: &[u8], depth: usize) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    let Some(fields) = fields(bytes) else { return all };
    let message = |fields: &[(u64, Vec<u8>)]| {
        let mut out = Vec::new();
        for (tag, payload) in fields {
            if tag & 7 == 2 {
                put(&mut out, (tag >> 3) as u32, payload);
            } else {
                varint(&mut out, *tag);
                out.extend(payload);
            }
        }
        out
    };
    for index in 0..fields.len() {
        let mut fewer = fields.clone();
        fewer.remove(index);
        all.push(message(&fewer));
    }
    for index in (0..fields.len()).filter(|index| fields[*index].0 & 7 == 2 && depth > 0) {
        let payload = &fields[index].1;
        let mut inner = smaller(payload, depth - 1);
        if let Some(tree) = Tree::parse(payload) {
            inner.extend(tree.smaller().iter().map(|it| {
                let mut out = Vec::new();
                it.msgpack(&mut out);
                out
            }));
        }
        for payload in inner {
            let mut other = fields.clone();
            other[index].1 = payload;
            all.push(message(&other));
        }
    }
    all
}

/// Tags with their payloads; none where the bytes are no message.
fn fields(mut bytes: &[u8]) -> Option<Vec<(u64, Vec<u8>)>> {
    let mut fields = Vec::new();
    while !bytes.is_empty() {
        let tag = prost::encoding::decode_varint(&mut bytes).ok()?;
        let before = bytes;
        let length = match tag & 7 {
            0 => {
                prost::encoding::decode_varint(&mut bytes).ok()?;
                before.len() - bytes.len()
            }
            2 => usize::try_from(prost::encoding::decode_varint(&mut bytes).ok()?).ok()?,
            _ => return None,
        };
        let from = if tag & 7 == 0 { before } else { bytes };
        let (payload, rest) = from.split_at_checked(length)?;
        fields.push((tag, payload.to_vec()));
        bytes = rest;
    }
    Some(fields)
}
