use super::{AttributeKind, AttributePath, Leaf};

/// The elements of a set: in order, each known one once. Unknown elements may turn out to be different from each other,
/// so they are all kept.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Set<T>(Vec<T>);

impl<T> Default for Set<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: AttributeKind + Ord> FromIterator<T> for Set<T> {
    fn from_iter<I: IntoIterator<Item = T>>(elements: I) -> Self {
        let mut elements: Vec<T> = elements.into_iter().collect();
        elements.sort_unstable();
        elements.dedup_by(|a, b| a == b && known(a));
        Self(elements)
    }
}

impl<T: AttributeKind + Ord> Set<T> {
    /// Changes each element.
    pub(super) fn change(&mut self, change: impl Fn(&mut T)) {
        let mut elements = std::mem::take(&mut self.0);
        elements.iter_mut().for_each(change);
        *self = elements.into_iter().collect();
    }
}

fn known(element: &impl AttributeKind) -> bool {
    let mut known = true;
    element.visit(&AttributePath::root(), &mut |_, leaf| known &= leaf != Leaf::Unknown);
    known
}

impl<T: AttributeKind + Ord, const N: usize> From<[T; N]> for Set<T> {
    fn from(elements: [T; N]) -> Self {
        elements.into_iter().collect()
    }
}

impl<T> std::ops::Deref for Set<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<T> IntoIterator for Set<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a, T> IntoIterator for &'a Set<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}
