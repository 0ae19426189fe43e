//! External key stores through the public door, with a proxy of AWS's XKS proxy API, version 1, that is the tests' own.

mod blobs;
mod common;
mod dry_runs;
mod failures;
mod http;
mod keys;
mod later;
mod once;
mod requests;
mod responses;
mod stores;
