//! A port of this machine for one server that ends and comes back: nobody else gets it meanwhile.

use socket2::{Domain, Socket, Type};
use std::io;
use std::net::{Ipv4Addr, SocketAddr};

/// A port of the loopback interface that stays taken for as long as this lives, and that a server may listen on.
///
/// It is bound and never listened on. Linux gives such a port to nobody who asks for any, neither to listen on nor to
/// call from, but lets in who names it and says `SO_REUSEADDR`, as servers do. Elsewhere it is only a port that was
/// free a moment ago.
#[derive(Debug)]
pub struct OwnPort {
    address: SocketAddr,
    _held: Option<Socket>,
}

impl OwnPort {
    /// Takes a free port.
    ///
    /// # Errors
    /// There is none.
    pub fn take() -> io::Result<Self> {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
        socket.set_reuse_address(true)?;
        socket.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into())?;
        let address = socket.local_addr()?.as_socket();
        let address = address.ok_or_else(|| io::Error::other("a port without an address"))?;
        Ok(Self { address, _held: cfg!(target_os = "linux").then_some(socket) })
    }

    /// Where to listen.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The port's number.
    #[must_use]
    pub fn number(&self) -> u16 {
        self.address.port()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    #[test]
    fn its_server_comes_and_goes_and_nobody_else_may_call_from_there() {
        let own = OwnPort::take().unwrap();
        for _ in 0..2 {
            // Says SO_REUSEADDR, as tokio's does.
            drop(TcpListener::bind(own.address()).unwrap());
            let caller = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
            let taken = caller.bind(&own.address().into()).map_err(|error| error.kind());
            assert!(taken == Err(io::ErrorKind::AddrInUse) || cfg!(not(target_os = "linux")));
        }
    }
}
