//! Stream selectors of LogQL.
