use async_trait::async_trait;

use super::{Answer, Offer, all_known, checked, completed, encode, guarded, keeps};
use crate::resource::{Call, DataSource, Deferral, Registry};
use crate::schema::{AttributeKind, Block, Diagnostics, Raw, Report, Schematic};

/// A data source as the plugin room sees it.
#[async_trait]
pub trait AnyDataSource: Offer {
    /// ValidateDataResourceConfig.
    async fn validate(&self, config: Raw) -> Diagnostics;
    /// ReadDataSource.
    async fn read(&self, call: &Call, config: Raw) -> Answer;
}

struct Typed<D>(D);

impl Registry {
    /// With that data source.
    #[must_use]
    pub fn data_source(mut self, data_source: impl DataSource) -> Self {
        self.data_sources.push(Box::new(Typed(data_source)));
        self
    }
}

impl<D: DataSource> Offer for Typed<D> {
    fn type_name(&self) -> &'static str {
        D::TYPE
    }

    fn schema(&self) -> Block {
        D::State::block()
    }
}

#[async_trait]
impl<D: DataSource> AnyDataSource for Typed<D> {
    async fn validate(&self, config: Raw) -> Diagnostics {
        let mut report = Diagnostics::default();
        checked(&config, &mut report, async |config, report| self.0.validate(config, report)).await;
        report
    }

    async fn read(&self, call: &Call, config: Raw) -> Answer {
        let mut report = Diagnostics::default();
        let state = self.looked_up(call, &config, &mut report).await;
        let state = state.map_or_else(Raw::null, |state| encode(&state, &mut report));
        Answer { state, identity: None, diagnostics: report }
    }
}

impl<D: DataSource> Typed<D> {
    async fn looked_up(&self, call: &Call, config: &Raw, report: &mut Diagnostics) -> Option<D::State> {
        let mut state: D::State = completed(config, report)?;
        if !state.unknowns().is_empty() && call.defer(Deferral::ConfigUnknown) || !all_known(&state, report) {
            return None;
        }
        guarded(report, async |report| self.0.read(call, &mut state, report).await).await;
        keeps(config, &state, report);
        state.settle();
        (!report.failed() && call.deferred().is_none()).then_some(state)
    }
}
