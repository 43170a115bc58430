//! A plan that is applied on a running instance (H3.1, H6.5).

super::tests! {}
