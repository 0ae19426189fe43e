//! Every operation by example, through the public API, with every member of its request and response.

mod accounts;
mod aliases;
mod callers;
mod common;
mod data_keys;
mod deletion;
mod dry_run;
mod encryption;
mod error_order;
mod fixed_keys;
mod grants;
mod keys;
mod managed_keys;
mod markers;
mod materials;
mod multi_region;
mod multi_region_steps;
mod naming;
mod places;
mod policies;
mod random;
mod re_encryption;
mod root_key;
mod rotation;
mod tags;
