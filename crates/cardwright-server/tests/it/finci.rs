//! The FINCI Card API from outside.

mod first_session;
