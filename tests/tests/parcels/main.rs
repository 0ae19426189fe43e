//! A multi-Region key in another vault, by a sealed parcel.

mod calls;
mod permissions;
mod refused;
mod replicas;
mod waiting;
