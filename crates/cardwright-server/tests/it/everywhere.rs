//! What holds on every surface alike.
