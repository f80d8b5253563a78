//! The server's plain messages, by path.

#[path = "../../src/ws/plain/gateway.rs"]
pub mod gateway;
#[path = "../../src/ws/plain/message.rs"]
pub mod message;
#[path = "../../src/ws/plain/problem.rs"]
pub mod problem;
#[path = "../../src/ws/plain/told.rs"]
pub mod told;
