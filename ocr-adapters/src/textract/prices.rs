//! What pages cost: a table that is data.

use ocr_core::{
    Error, ErrorKind, Result,
    engine::PagePrice,
    model::{Feature, Usage},
};
use serde::Deserialize;

/// The table this program comes with.
const BUILT_IN: &str = include_str!("prices.toml");

/// Prices by region and feature.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct PriceBook {
    /// When somebody last looked, as `YYYY-MM-DD`.
    pub updated: String,
    #[serde(rename = "region")]
    regions: Vec<RegionPrices>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct RegionPrices {
    regions: Vec<String>,
    #[serde(rename = "price")]
    prices: Vec<Price>,
}

/// The price of a combination of features; of the text alone when there are none.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Price {
    features: Vec<Feature>,
    tiers: Vec<Tier>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Tier {
    /// Pages a month up to which it goes; without an end when absent.
    up_to: Option<u64>,
    /// Millionths of a US dollar a page.
    micros: u64,
}

impl Default for PriceBook {
    fn default() -> Self {
        Self::parse(BUILT_IN).unwrap_or_else(|_| Self {
            updated: String::new(),
            regions: Vec::new(),
        })
    }
}

impl PriceBook {
    /// Reads a table in the form of the one this program comes with.
    ///
    /// # Errors
    /// `Config` when it is none.
    pub fn parse(text: &str) -> Result<Self> {
        toml::from_str(text).map_err(|error| {
            let message = format!("the price table cannot be read: {}", error.message());
            Error::new(ErrorKind::Config, message)
        })
    }

    /// What `pages` pages with `features` cost in `region`, after `before` pages this month. Without a
    /// price only the pages are counted.
    pub fn usage(&self, region: &str, features: &[Feature], pages: u32, before: u64) -> Usage {
        let cost_micros = self.micros_a_page(region, features, before).map_or_else(
            || {
                tracing::warn!(
                    region,
                    ?features,
                    "the price table has no price for this; nothing is charged"
                );
                0
            },
            |micros| micros.saturating_mul(pages.into()),
        );
        Usage::new(pages, cost_micros)
    }

    /// What a page costs in `region` with each combination of features that has a price, after `before` pages this
    /// month.
    pub fn page_prices(&self, region: &str, before: u64) -> Vec<PagePrice> {
        (0..=Feature::ALL.len())
            .flat_map(|length| combinations(&Feature::ALL, length))
            .filter_map(|features| {
                let micros = self.micros_a_page(region, &features, before)?;
                Some(PagePrice::new(features, micros))
            })
            .collect()
    }

    fn micros_a_page(&self, region: &str, features: &[Feature], before: u64) -> Option<u64> {
        let listed = |name: &str| {
            self.regions
                .iter()
                .find(|one| one.regions.iter().any(|r| r == name))
        };
        let prices = &listed(region).or_else(|| listed("*"))?.prices;
        let price = |wanted: &[Feature]| {
            let same = |price: &&Price| {
                price.features.len() == wanted.len() && wanted.iter().all(|f| price.features.contains(f))
            };
            prices.iter().find(same).and_then(|price| price.at(before))
        };
        // The longest combination that is listed, then the rest one by one.
        let (listed, mut sum) = (1..=features.len())
            .rev()
            .flat_map(|length| combinations(features, length))
            .find_map(|combination| price(&combination).map(|micros| (combination, micros)))
            .or_else(|| {
                features
                    .is_empty()
                    .then(|| price(&[]))
                    .flatten()
                    .map(|micros| (vec![], micros))
            })?;
        for feature in features.iter().filter(|feature| !listed.contains(feature)) {
            sum += price(&[*feature])?;
        }
        Some(sum)
    }
}

impl Price {
    fn at(&self, before: u64) -> Option<u64> {
        let fits = |tier: &&Tier| tier.up_to.is_none_or(|up_to| before < up_to);
        self.tiers.iter().find(fits).map(|tier| tier.micros)
    }
}

/// All choices of `length` of `features`, of which there are five at most.
fn combinations(features: &[Feature], length: usize) -> Vec<Vec<Feature>> {
    let count = 1_u32 << features.len();
    (0..count)
        .filter(|mask| mask.count_ones() as usize == length)
        .map(|mask| {
            let chosen = |index: &usize| mask & (1 << index) != 0;
            (0..features.len())
                .filter(chosen)
                .map(|index| features[index])
                .collect()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use Feature::{Forms, Layout, Queries, Signatures, Tables};

    fn cost(features: &[Feature], pages: u32, before: u64) -> u64 {
        PriceBook::default()
            .usage("eu-central-1", features, pages, before)
            .cost_micros
    }

    #[test]
    fn the_table_is_read_and_dated() {
        let book = PriceBook::parse(BUILT_IN).unwrap();
        assert_eq!(book.updated.len(), 10);
        assert_eq!(book, PriceBook::default());
    }

    #[test]
    fn a_thousand_pages_cost_what_the_table_says() {
        assert_eq!(cost(&[], 1000, 0), 1_500_000);
        assert_eq!(cost(&[], 1000, 1_000_000), 600_000);
        assert_eq!(cost(&[Tables], 1000, 0), 15_000_000, "the text is included");
    }

    #[test]
    fn a_listed_combination_counts_as_one_and_the_rest_is_added() {
        assert_eq!(cost(&[Tables, Forms], 1000, 1_000_000), 50_000_000);
        assert_eq!(cost(&[Forms, Tables, Queries], 1000, 1_000_000), 60_000_000);
        assert_eq!(cost(&[Layout, Signatures], 2, 0), 15_000);
        assert_eq!(cost(&Feature::ALL, 1, 0), 65_000 + 15_000 + 4_000 + 3_500);
    }

    #[test]
    fn every_combination_has_the_price_of_a_page() {
        let prices = PriceBook::default().page_prices("eu-central-1", 0);
        assert_eq!(prices.len(), 1 << Feature::ALL.len());
        for price in prices {
            assert_eq!(
                price.cost_micros,
                cost(&price.features, 1, 0),
                "{:?}",
                price.features
            );
        }
        assert_eq!(
            PriceBook::parse("updated = 'x'\nregion = []")
                .unwrap()
                .page_prices("x", 0),
            []
        );
    }

    #[test]
    fn a_region_of_its_own_comes_first_and_what_has_no_price_is_only_counted() {
        let book = PriceBook::parse(
            "updated = '2026-01-01'\n[[region]]\nregions = ['x']\n[[region.price]]\nfeatures = []\n\
             tiers = [{ micros = 7 }]\n",
        )
        .unwrap();
        let usage = |region| book.usage(region, &[], 3, 0);
        assert_eq!((usage("x").billed_pages, usage("x").cost_micros), (3, 21));
        assert_eq!((usage("y").billed_pages, usage("y").cost_micros), (3, 0));
    }

    #[test]
    fn a_table_with_a_slip_is_refused() {
        for text in [
            "",
            "updated = 1",
            "updated = 'x'\n[[region]]\nregion = ['x']\nprice = []",
        ] {
            assert_eq!(
                PriceBook::parse(text).unwrap_err().kind(),
                ErrorKind::Config,
                "{text}"
            );
        }
    }
}
