use async_trait::async_trait;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{Offer, all_known, checked, completed, encode, guarded, keeps, own_fault};
use crate::resource::{Call, Deferral, EphemeralResource, Lease, Registry};
use crate::schema::{AttributeKind, Block, Diagnostics, Problem, Raw, Report, Schematic};

/// The answer to opening or renewing.
#[derive(Debug)]
pub struct Opened {
    /// The result; null when there is none.
    pub result: Raw,
    /// What renewing and closing are asked with.
    pub lease: Option<Lease<Vec<u8>>>,
    /// What there is to say.
    pub diagnostics: Diagnostics,
}

/// An ephemeral resource as the plugin room sees it.
#[async_trait]
pub trait AnyEphemeralResource: Offer {
    /// ValidateEphemeralResourceConfig.
    async fn validate(&self, config: Raw) -> Diagnostics;
    /// OpenEphemeralResource.
    async fn open(&self, call: &Call, config: Raw) -> Opened;
    /// RenewEphemeralResource.
    async fn renew(&self, call: &Call, private: Vec<u8>) -> Opened;
    /// CloseEphemeralResource. What was opened without a lease has nothing to close.
    async fn close(&self, call: &Call, private: Vec<u8>) -> Diagnostics;
}

struct Typed<E>(E);

impl Registry {
    /// With that ephemeral resource.
    #[must_use]
    pub fn ephemeral_resource(mut self, resource: impl EphemeralResource) -> Self {
        self.ephemeral_resources.push(Box::new(Typed(resource)));
        self
    }
}

impl<E: EphemeralResource> Offer for Typed<E> {
    fn type_name(&self) -> &'static str {
        E::TYPE
    }

    fn schema(&self) -> Block {
        E::Result::block()
    }
}

#[async_trait]
impl<E: EphemeralResource> AnyEphemeralResource for Typed<E> {
    async fn validate(&self, config: Raw) -> Diagnostics {
        let mut report = Diagnostics::default();
        checked(&config, &mut report, async |config, report| self.0.validate(config, report)).await;
        report
    }

    async fn open(&self, call: &Call, config: Raw) -> Opened {
        let mut report = Diagnostics::default();
        let nothing = |diagnostics| Opened { result: Raw::null(), lease: None, diagnostics };
        let Some(mut result) = completed::<E::Result>(&config, &mut report) else { return nothing(report) };
        if !result.unknowns().is_empty() && call.defer(Deferral::ConfigUnknown) || !all_known(&result, &mut report) {
            return nothing(report);
        }
        let mut lease = None;
        guarded(&mut report, async |report| lease = self.0.open(call, &mut result, report).await).await;
        if call.deferred().is_none() {
            keeps(&config, &result, &mut report);
        }
        if report.failed() || call.deferred().is_some() {
            // Terraform closes only what was opened without an error.
            if let Some(lease) = lease {
                guarded(&mut report, async |report| self.0.close(call, lease.private, report).await).await;
            }
            return nothing(report);
        }
        result.settle();
        let lease = lease.and_then(|lease| kept(lease, &mut report));
        Opened { result: encode(&result, &mut report), lease, diagnostics: report }
    }

    async fn renew(&self, call: &Call, private: Vec<u8>) -> Opened {
        let mut report = Diagnostics::default();
        let mut lease = None;
        if let Some(of_before) = returned(&private, &mut report) {
            guarded(&mut report, async |report| lease = self.0.renew(call, of_before, report).await).await;
        }
        let lease = lease.and_then(|lease| kept(lease, &mut report));
        Opened {
            result: Raw::null(),
            // What is not renewed is still to be closed.
            lease: Some(lease.unwrap_or(Lease { private, renew_at: None })),
            diagnostics: report,
        }
    }

    async fn close(&self, call: &Call, private: Vec<u8>) -> Diagnostics {
        let mut report = Diagnostics::default();
        if !private.is_empty()
            && let Some(private) = returned(&private, &mut report)
        {
            guarded(&mut report, async |report| self.0.close(call, private, report).await).await;
        }
        report
    }
}

/// The form of what Terraform keeps.
#[derive(Serialize, Deserialize)]
struct Private<P> {
    version: u32,
    lease: P,
}

const VERSION: u32 = 1;

fn kept<P: Serialize>(lease: Lease<P>, report: &mut Diagnostics) -> Option<Lease<Vec<u8>>> {
    match serde_json::to_vec(&Private { version: VERSION, lease: lease.private }) {
        Ok(private) => Some(Lease { private, renew_at: lease.renew_at }),
        Err(_) => {
            report.refuse(own_fault("what renews the ephemeral resource cannot be written as JSON"));
            None
        }
    }
}

fn returned<P: DeserializeOwned>(private: &[u8], report: &mut Diagnostics) -> Option<P> {
    let read = serde_json::from_slice::<Private<P>>(private).ok().filter(|private| private.version == VERSION);
    if read.is_none() {
        // Not a word of it: it may hold a secret.
        report.refuse(
            Problem::new(summary!("The ephemeral resource cannot be renewed or closed"))
                .why("What Terraform returned is not what this version of the provider handed out when it was opened.")
                .fix("Use one version of the provider for the whole run. What was opened ends by itself."),
        );
    }
    read.map(|private| private.lease)
}
