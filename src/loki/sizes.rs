//! How large a distributed Loki is for so much ingest.
//!
//! Source: loki-operator's sizes (operator/internal/manifests/internal/sizes.go and its documentation of sizes), of which
//! replicas, replication factor, requests and volumes are taken. Ours are: the end of `demo`, for which the operator names
//! no ingest; the caches' memory; and the whole of `large`, which is `medium` scaled to 5 TB a day and to a replication
//! factor of 3.

/// A preset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// The operator's name without its `1x.`.
    pub name: &'static str,
    /// The ingest that it is made for, in GB (10^9 bytes) a day.
    pub max_gb_per_day: u32,
    /// Ingesters that hold each line.
    pub replication_factor: u32,
    /// Memory for items on each memcached server for chunks, in MiB.
    pub chunks_cache_mebibytes: u32,
    /// Memory for items on each memcached server for results of queries, in MiB.
    pub results_cache_mebibytes: u32,
    /// What runs.
    pub components: [Part; 8],
}

/// A component of a preset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// Loki's target with underscores, or `gateway`.
    pub name: &'static str,
    /// Pods.
    pub replicas: u32,
    /// What each requests of CPU and memory; none where nothing is reserved.
    pub requests: Option<(&'static str, &'static str)>,
    /// Each pod's volume for data.
    pub storage: Option<&'static str>,
    /// Each pod's volume for the write-ahead log.
    pub wal_storage: Option<&'static str>,
}

const fn part(name: &'static str, replicas: u32, cpu: &'static str, memory: &'static str) -> Part {
    let requests = if cpu.is_empty() { None } else { Some((cpu, memory)) };
    Part { name, replicas, requests, storage: None, wal_storage: None }
}

impl Part {
    const fn on(self, storage: &'static str) -> Part {
        Part { storage: Some(storage), ..self }
    }

    const fn wal(self, storage: &'static str) -> Part {
        Part { wal_storage: Some(storage), ..self }
    }
}

/// All presets, smallest first.
pub const SIZES: [Size; 6] = [
    Size {
        name: "demo",
        max_gb_per_day: 1,
        replication_factor: 1,
        chunks_cache_mebibytes: 64,
        results_cache_mebibytes: 32,
        components: [
            part("distributor", 1, "", ""),
            part("ingester", 1, "", "").on("10Gi").wal("10Gi"),
            part("querier", 1, "", ""),
            part("query_frontend", 1, "", ""),
            part("index_gateway", 1, "", "").on("10Gi"),
            part("compactor", 1, "", "").on("10Gi"),
            part("ruler", 1, "", "").on("10Gi").wal("10Gi"),
            part("gateway", 2, "", ""),
        ],
    },
    Size {
        name: "pico",
        max_gb_per_day: 50,
        replication_factor: 2,
        chunks_cache_mebibytes: 512,
        results_cache_mebibytes: 128,
        components: [
            part("distributor", 2, "500m", "500Mi"),
            part("ingester", 3, "500m", "3Gi").on("10Gi").wal("150Gi"),
            part("querier", 2, "750m", "1.5Gi"),
            part("query_frontend", 2, "500m", "500Mi"),
            part("index_gateway", 2, "150m", "250Mi").on("50Gi"),
            part("compactor", 1, "500m", "500Mi").on("10Gi"),
            part("ruler", 2, "500m", "1Gi").on("10Gi").wal("150Gi"),
            part("gateway", 2, "500m", "500Mi"),
        ],
    },
    Size {
        name: "extra-small",
        max_gb_per_day: 100,
        replication_factor: 2,
        chunks_cache_mebibytes: 1024,
        results_cache_mebibytes: 256,
        components: [
            part("distributor", 2, "1", "1Gi"),
            part("ingester", 3, "1", "5.25Gi").on("10Gi").wal("150Gi"),
            part("querier", 2, "1.5", "3Gi"),
            part("query_frontend", 2, "1", "1Gi"),
            part("index_gateway", 2, "500m", "1Gi").on("50Gi"),
            part("compactor", 1, "1", "2Gi").on("10Gi"),
            part("ruler", 2, "1", "2Gi").on("10Gi").wal("150Gi"),
            part("gateway", 2, "500m", "500Mi"),
        ],
    },
    Size {
        name: "small",
        max_gb_per_day: 500,
        replication_factor: 2,
        chunks_cache_mebibytes: 2048,
        results_cache_mebibytes: 512,
        components: [
            part("distributor", 2, "2", "2Gi"),
            part("ingester", 3, "2.5", "13.25Gi").on("10Gi").wal("150Gi"),
            part("querier", 2, "4", "4Gi"),
            part("query_frontend", 2, "4", "2.5Gi"),
            part("index_gateway", 2, "1", "2Gi").on("50Gi"),
            part("compactor", 1, "2", "4Gi").on("10Gi"),
            part("ruler", 2, "4", "8Gi").on("10Gi").wal("150Gi"),
            part("gateway", 2, "1", "1Gi"),
        ],
    },
    Size {
        name: "medium",
        max_gb_per_day: 2000,
        replication_factor: 2,
        chunks_cache_mebibytes: 4096,
        results_cache_mebibytes: 1024,
        components: [
            part("distributor", 2, "2", "2Gi"),
            part("ingester", 3, "6", "30Gi").on("10Gi").wal("150Gi"),
            part("querier", 3, "6", "10Gi"),
            part("query_frontend", 2, "4", "2.5Gi"),
            part("index_gateway", 2, "1", "2Gi").on("50Gi"),
            part("compactor", 1, "2", "4Gi").on("10Gi"),
            part("ruler", 2, "8", "16Gi").on("10Gi").wal("150Gi"),
            part("gateway", 2, "1", "1Gi"),
        ],
    },
    // 2.5 times the ingest of medium, and 1.5 times its copies.
    Size {
        name: "large",
        max_gb_per_day: 5000,
        replication_factor: 3,
        chunks_cache_mebibytes: 8192,
        results_cache_mebibytes: 1024,
        components: [
            part("distributor", 5, "2", "2Gi"),
            part("ingester", 12, "6", "30Gi").on("10Gi").wal("150Gi"),
            part("querier", 8, "6", "10Gi"),
            part("query_frontend", 2, "4", "2.5Gi"),
            part("index_gateway", 4, "1", "2Gi").on("50Gi"),
            part("compactor", 1, "4", "8Gi").on("50Gi"),
            part("ruler", 2, "8", "16Gi").on("10Gi").wal("150Gi"),
            part("gateway", 4, "1", "1Gi"),
        ],
    },
];

/// The smallest preset for so many GB a day; none beyond the largest, and for what is no amount.
pub fn for_ingest(gb_per_day: f64) -> Option<&'static Size> {
    SIZES.iter().find(|size| (0.0..=f64::from(size.max_gb_per_day)).contains(&gb_per_day))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loki::quantity::Quantity;

    #[test]
    fn the_smallest_that_suffices_is_chosen() {
        let name = |gb| for_ingest(gb).map(|size| size.name);
        assert_eq!(name(0.0), Some("demo"));
        assert_eq!(name(1.5), Some("pico"));
        assert_eq!(name(100.0), Some("extra-small"));
        assert_eq!(name(100.1), Some("small"));
        assert_eq!(name(2000.0), Some("medium"));
        assert_eq!(name(5000.0), Some("large"));
        for none in [-1.0, 5001.0, f64::NAN, f64::INFINITY] {
            assert_eq!(name(none), None, "{none}");
        }
    }

    #[test]
    fn presets_grow_and_outlive_the_loss_of_an_ingester() {
        assert!(SIZES.windows(2).all(|pair| pair[0].max_gb_per_day < pair[1].max_gb_per_day));
        for size in &SIZES {
            let ingesters = size.components.iter().find(|part| part.name == "ingester").unwrap().replicas;
            assert!(size.replication_factor == 1 || ingesters > size.replication_factor, "{}", size.name);
            for part in &size.components {
                let (cpu, memory) = part.requests.unzip();
                for quantity in [cpu, memory, part.storage, part.wal_storage].into_iter().flatten() {
                    assert!(Quantity::parse(quantity).is_some(), "{quantity}");
                }
            }
        }
    }
}
