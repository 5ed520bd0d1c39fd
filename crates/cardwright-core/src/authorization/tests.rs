//! What an accountant can check by reading.
