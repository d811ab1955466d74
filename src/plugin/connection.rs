//! Connections as they come in, after TLS.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::either::Either;
use tokio_util::sync::CancellationToken;
use tonic::transport::server::Connected;

const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);

/// A connection to serve: with TLS where the client gave a certificate.
pub(super) struct Connection {
    stream: Either<UnixStream, TlsStream<UnixStream>>,
    /// Tells that the connection is no more.
    closed: CancellationToken,
}

impl Connection {
    fn new(stream: Either<UnixStream, TlsStream<UnixStream>>) -> Self {
        Self { stream, closed: CancellationToken::new() }
    }

    /// Cancelled when the connection is closed, by whichever end.
    pub fn closed(&self) -> CancellationToken {
        self.closed.clone()
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.closed.cancel();
    }
}

/// The connections of the listener. The stream ends when the listener fails for good.
///
/// Each handshake runs by itself: one that stalls or fails holds up no other.
pub(super) fn incoming(listener: UnixListener, tls: Option<TlsAcceptor>) -> ReceiverStream<io::Result<Connection>> {
    let (ready, connections) = mpsc::channel(1);
    tokio::spawn(async move {
        loop {
            match listener.accept().await {
                Ok((stream, _)) => {
                    let (ready, tls) = (ready.clone(), tls.clone());
                    tokio::spawn(async move {
                        match secure(stream, tls).await {
                            // It fails only when the server has ended.
                            Ok(connection) => drop(ready.send(Ok(connection)).await),
                            Err(error) => tracing::warn!(error = %error, "Refused a connection"),
                        }
                    });
                }
                Err(error) if passing(&error) => tokio::time::sleep(Duration::from_millis(50)).await,
                Err(error) => {
                    tracing::error!(error = %error, "The plugin's socket failed");
                    break;
                }
            }
        }
    });
    ReceiverStream::new(connections)
}

async fn secure(stream: UnixStream, tls: Option<TlsAcceptor>) -> io::Result<Connection> {
    let Some(tls) = tls else { return Ok(Connection::new(Either::Left(stream))) };
    match tokio::time::timeout(HANDSHAKE_TIMEOUT, tls.accept(stream)).await {
        Ok(secured) => Ok(Connection::new(Either::Right(secured?))),
        Err(_) => Err(io::ErrorKind::TimedOut.into()),
    }
}

/// Whether the error is one connection's, or of a shortage that may pass.
fn passing(error: &io::Error) -> bool {
    use nix::errno::Errno;
    let of_one = matches!(error.kind(), io::ErrorKind::ConnectionAborted | io::ErrorKind::Interrupted);
    let shortage = [Errno::EMFILE, Errno::ENFILE, Errno::ENOBUFS, Errno::ENOMEM];
    of_one || error.raw_os_error().is_some_and(|code| shortage.contains(&Errno::from_raw(code)))
}

impl Connected for Connection {
    type ConnectInfo = ();

    fn connect_info(&self) {}
}

impl AsyncRead for Connection {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
