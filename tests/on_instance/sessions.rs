//! Speaking to an instance: finding it, sessions, merges, exports (H7.1, H7.2).

super::tests! {}
