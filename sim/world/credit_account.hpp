#pragma once
#include <cstdint>
#include <vector>

#include "sim/policy/credits.hpp"

/// A region's carbon credits in a run, whole milligrams: its pages of the registry, and what it emits and needs until
/// the period ends. Over all regions issued = held + retired for each lot, exactly, after every step.
namespace swarm {
namespace world {

struct CarbonCreditAccount {
  // the lots it issued, and what all regions have retired of them
  std::vector<std::uint64_t> lot;
  std::vector<std::int64_t> lot_issued_mg, lot_retired_mg;
  // what it holds, of its own lots and of others
  std::vector<std::uint64_t> holding_lot;
  std::vector<std::int64_t> holding_mg;

  std::int64_t price = 0;              ///< of the period [1e-6 USD/t]; the same in every region
  std::int64_t emitted_mg = 0;         ///< of its sites, in the period so far
  std::int64_t counterfactual_mg = 0;  ///< the same in the counterfactual run
  std::int64_t needed_mg = 0;          ///< for what its sellers answered in the period so far
  std::int64_t shortfall_mg = 0;       ///< emitted beyond the counterfactual in earlier periods and not yet made up for
  // since the start
  std::int64_t issued_mg = 0, bought_mg = 0, sold_mg = 0, retired_mg = 0, unmet_mg = 0;
  std::int64_t held_mg = 0;  ///< sum of holdings
};

/// What a region publishes at the end of a period, with its pages.
struct CreditNotice {
  std::int64_t emitted_mg = 0, counterfactual_mg = 0, needed_mg = 0, shortfall_mg = 0;
  std::int64_t money = 0;  ///< collected [µTKN]
};
struct CreditLotRow {
  std::uint64_t lot = 0;
  std::int64_t issued_mg = 0, retired_mg = 0;
};
struct CreditHoldingRow {
  std::uint64_t lot = 0;
  std::int64_t amount_mg = 0;
  std::uint64_t owner = 0;  ///< region
};

/// All regions' notices (row = region) and pages.
struct CreditBulletin {
  std::vector<CreditNotice> notices;
  std::vector<CreditLotRow> lots;
  std::vector<CreditHoldingRow> holdings;

  /// Adds a region's rows.
  void add(RegionId region, const CarbonCreditAccount& account, std::int64_t money);
  /// The registry that the pages make up, in its order.
  policy::CreditRegistry registry() const;
};

/// Keeps of the registry what belongs to the region.
void keep_pages(const policy::CreditRegistry& registry, RegionId region, CarbonCreditAccount& account);

}  // namespace world
}  // namespace swarm
