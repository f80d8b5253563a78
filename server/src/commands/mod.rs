//! One room per command of the program.

pub mod audit;
pub mod bench;
pub mod check;
pub mod check_config;
pub mod dev;
pub mod keys;
pub mod record;
pub mod replay;
pub mod serve;
