//! One execution, as it is kept in a file: everything that its outcome depends on.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;

/// A request in its surroundings.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Case {
    /// The RPC.
    pub rpc: &'static str,
    /// What the adapters will answer.
    pub mood: u64,
    /// The ConfigureProvider before it.
    pub configured: Vec<u8>,
    /// The request, encoded.
    pub request: Vec<u8>,
    /// Whether it makes sense, so that the contract has to be kept.
    pub sensible: bool,
}

impl Case {
    /// Writes it into the folder, by a name that only it has.
    pub fn write(&self, folder: &Path) -> std::io::Result<String> {
        std::fs::create_dir_all(folder)?;
        let mut hash = DefaultHasher::new();
        self.hash(&mut hash);
        let name = format!("{}-{:016x}", self.rpc, hash.finish());
        std::fs::write(folder.join(&name), self.to_bytes())?;
        Ok(name)
    }

    pub fn to_bytes(&self) -> Vec<u8> {
        let length = (self.configured.len() as u32).to_le_bytes();
        let head = [&self.mood.to_le_bytes()[..], &[u8::from(self.sensible)], &length].concat();
        [&head, &self.configured[..], &self.request].concat()
    }

    /// Reads what [`Case::write`] wrote; the RPC is the name's beginning.
    pub fn from_bytes(name: &str, bytes: &[u8]) -> Option<Self> {
        let rpc = name.split('-').next()?;
        let rpc = super::rpcs::RPCS.iter().find(|it| it.name == rpc)?.name;
        let (mood, rest) = bytes.split_first_chunk()?;
        let (sensible, rest) = rest.split_first()?;
        let (length, rest) = rest.split_first_chunk()?;
        let (configured, request) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        Some(Self {
            rpc,
            mood: u64::from_le_bytes(*mood),
            sensible: *sensible == 1,
            configured: configured.to_vec(),
            request: request.to_vec(),
        })
    }

    /// All of a folder, by name.
    pub fn all(folder: &Path) -> Vec<(String, Self)> {
        let Ok(files) = std::fs::read_dir(folder) else { return Vec::new() };
        let mut all: Vec<_> = files
            .map(|file| {
                let file = file.expect("a file of the corpus");
                let name = file.file_name().to_string_lossy().into_owned();
                let bytes = std::fs::read(file.path()).expect("a readable file of the corpus");
                let case = Self::from_bytes(&name, &bytes).unwrap_or_else(|| panic!("{name} is no case"));
                (name, case)
            })
            .collect();
        all.sort_by(|a, b| a.0.cmp(&b.0));
        all
    }
}
