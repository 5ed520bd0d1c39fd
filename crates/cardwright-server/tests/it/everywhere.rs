//! What holds on every surface alike.

mod readme_table;
