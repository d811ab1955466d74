//! STS: who we are.

use super::{Sdk, operations};
use crate::aws::{Caller, Error, Identity, Kind, Result};

#[async_trait::async_trait]
impl Identity for Sdk {
    async fn caller(&self) -> Result<Caller> {
        let caller = self.caller.get_or_try_init(async || {
            let session = self.opened(operations::CALLER).await?;
            let answer = session
                .sts
                .get_caller_identity()
                .send()
                .await
                .map_err(|error| session.failure(operations::CALLER, &error))?;
            let arn = answer.arn.unwrap_or_default();
            let Some(partition) = arn.split(':').nth(1) else {
                let detail = format!("STS names no ARN but {arn:?}");
                return Err(Error::new(operations::CALLER, Kind::Other(detail)));
            };
            Ok(Caller { account: answer.account.unwrap_or_default(), partition: partition.to_owned(), arn })
        });
        caller.await.cloned()
    }

    async fn region(&self) -> Result<String> {
        Ok(self.session(operations::REGION).await?.region.clone())
    }
}
