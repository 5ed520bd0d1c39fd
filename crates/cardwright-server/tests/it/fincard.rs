//! The FinCard Virtual API from outside.

mod first_session;
