//! Bad input, by accident or by an attacker: each gets an error that has a name and says what is wrong, nothing panics,
//! and the vault is unharmed afterwards.

mod blobs;
mod contexts;
mod damage;
mod lying_store;
mod records;
mod root_keys;
mod scene;
mod sizes;
mod snapshots;
