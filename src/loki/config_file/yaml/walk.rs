//! The limits of decoding (yaml.v2's decode.go, decoder.unmarshal and decoder.alias).

use std::collections::BTreeSet;

use super::{Node, NodeId};

/// Counts what a decoder visits, so that aliases can neither go round nor multiply without end. Whoever walks down a
/// document calls [`Walk::visit`] before each node, and enters and leaves aliases.
#[derive(Clone, Debug)]
pub struct Walk {
    visited: u32,
    within_aliases: u32,
    entered: BTreeSet<NodeId>,
}

impl Default for Walk {
    fn default() -> Self {
        // The document itself counts.
        Self { visited: 1, within_aliases: 0, entered: BTreeSet::new() }
    }
}

impl Walk {
    /// Counts a node.
    ///
    /// # Errors
    /// Where too many of the nodes come of aliases.
    pub fn visit(&mut self) -> Result<(), String> {
        self.visited = self.visited.saturating_add(1);
        if !self.entered.is_empty() {
            self.within_aliases = self.within_aliases.saturating_add(1);
        }
        if self.within_aliases > 100
            && self.visited > 1000
            && f64::from(self.within_aliases) / f64::from(self.visited) > self.allowed()
        {
            return Err("yaml: document contains excessive aliasing".to_owned());
        }
        Ok(())
    }

    /// 99 % of few nodes may come of aliases, 10 % of very many.
    fn allowed(&self) -> f64 {
        const FEW: u32 = 400_000;
        const MANY: u32 = 4_000_000;
        match self.visited {
            0..=FEW => 0.99,
            MANY.. => 0.10,
            visited => 0.99 - 0.89 * (f64::from(visited - FEW) / f64::from(MANY - FEW)),
        }
    }

    /// Goes behind an alias, which has been visited.
    ///
    /// # Errors
    /// Where the alias is within what it stands for.
    pub fn enter(&mut self, id: NodeId, alias: &Node) -> Result<(), String> {
        if self.entered.insert(id) {
            Ok(())
        } else {
            Err(format!("yaml: anchor '{}' value contains itself", alias.value))
        }
    }

    /// Comes back from behind an alias.
    pub fn leave(&mut self, id: NodeId) {
        self.entered.remove(&id);
    }
}
