//! The copy of HSSYS that is made on a running instance (H6.5).

super::tests! {}
