use std::io::{self, Write};

use futures::Stream;
use tonic::transport::Server;
use tonic_health::ServingStatus;

use super::Error;
use super::connection::{Connection, incoming};
use super::invitation::Invitation;
use super::services::{GoPlugin, Services};
use super::socket::Socket;
use super::tls::Tls;
use crate::proto::goplugin::grpc_broker_server::GrpcBrokerServer;
use crate::proto::goplugin::grpc_controller_server::GrpcControllerServer;
use crate::proto::goplugin::grpc_stdio_server::GrpcStdioServer;
use crate::proto::tfplugin6::provider_server::ProviderServer;
use crate::resource::Registry;

/// What Terraform's client allows, both ways.
const LARGEST_MESSAGE: usize = 256 << 20;

/// Serves until Terraform's Shutdown, SIGTERM, or the end of the socket or of the process that started this one.
///
/// # Errors
/// When the socket, the certificates or the handshake line fail.
pub(super) async fn serve(registry: Registry, invitation: &Invitation) -> Result<(), Error> {
    let socket = Socket::bind(invitation)?;
    let tls = invitation.client_certificate.as_deref().map(Tls::new).transpose()?;
    let services = Services::new(registry);
    services.ending().watch()?;

    // The last thing ever written to stdout.
    let certificate = tls.as_ref().map(|tls| tls.certificate.as_str()).unwrap_or_default();
    let multiplexing = if invitation.asks_for_multiplexing { "|false" } else { "" };
    let line = format!("1|6|unix|{}|grpc|{certificate}{multiplexing}\n", socket.path.display());
    let mut stdout = std::io::stdout().lock();
    stdout.write_all(line.as_bytes())?;
    stdout.flush()?;
    drop(stdout);

    serve_connections(services, incoming(socket.listener, tls.map(|tls| tls.acceptor))).await
}

/// Serves these connections until the services' end, and gives up those that are still open when all is answered.
pub(super) async fn serve_connections(
    services: Services,
    connections: impl Stream<Item = io::Result<Connection>>,
) -> Result<(), Error> {
    let ending = services.ending();
    let (mut health, health_service) = tonic_health::server::health_reporter();
    health.set_service_status("plugin", ServingStatus::Serving).await;
    let go_plugin = GoPlugin(ending.clone());
    let server = Server::builder()
        .add_service(health_service)
        .add_service(GrpcControllerServer::new(go_plugin.clone()))
        .add_service(GrpcBrokerServer::new(go_plugin.clone()))
        .add_service(GrpcStdioServer::new(go_plugin))
        .add_service(
            ProviderServer::new(services)
                .max_decoding_message_size(LARGEST_MESSAGE)
                .max_encoding_message_size(LARGEST_MESSAGE),
        )
        .serve_with_incoming_shutdown(connections, ending.ended());
    tokio::select! {
        outcome = server => outcome?,
        () = ending.out_of_time() => {}
    }
    Ok(())
}
