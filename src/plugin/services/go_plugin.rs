//! go-plugin's own services.

use futures::FutureExt;
use futures::stream::{self, BoxStream, StreamExt};
use tonic::{Request, Response, Status, Streaming};

use super::Served;
use crate::plugin::ending::Ending;
use crate::proto::goplugin::grpc_broker_server::GrpcBroker;
use crate::proto::goplugin::grpc_controller_server::GrpcController;
use crate::proto::goplugin::grpc_stdio_server::GrpcStdio;
use crate::proto::goplugin::{ConnInfo, Empty, StdioData};

/// Controller, broker and stdio.
#[derive(Clone)]
pub(in crate::plugin) struct GoPlugin(pub Ending);

impl GoPlugin {
    /// A stream that says nothing and ends with the server, which could not end gracefully before it.
    fn silent<T: Send + 'static>(&self) -> BoxStream<'static, Result<T, Status>> {
        self.0.ended().into_stream().flat_map(|()| stream::empty()).boxed()
    }
}

#[tonic::async_trait]
impl GrpcController for GoPlugin {
    async fn shutdown(&self, _request: Request<Empty>) -> Served<Empty> {
        // The server ends gracefully, so this answer is still delivered.
        self.0.shutdown();
        Ok(Response::new(Empty {}))
    }
}

#[tonic::async_trait]
impl GrpcBroker for GoPlugin {
    type StartStreamStream = BoxStream<'static, Result<ConnInfo, Status>>;

    /// The broker opens further connections between plugin and client; this protocol needs none.
    async fn start_stream(&self, _request: Request<Streaming<ConnInfo>>) -> Served<Self::StartStreamStream> {
        Ok(Response::new(self.silent()))
    }
}

#[tonic::async_trait]
impl GrpcStdio for GoPlugin {
    type StreamStdioStream = BoxStream<'static, Result<StdioData, Status>>;

    /// What the process prints after the handshake; this one prints nothing.
    async fn stream_stdio(&self, _request: Request<()>) -> Served<Self::StreamStdioStream> {
        Ok(Response::new(self.silent()))
    }
}
