#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "sim/core/ids.hpp"

/// Carbon credits: emissions that a region avoided against a counterfactual, issued once, traded, retired once.
namespace swarm {
namespace policy {

/// What was avoided by one region in one vintage: all its credits are alike. A vintage is a step, or any longer period.
struct CreditLot {
  RegionId issuer;
  std::uint32_t vintage = 0;
  /// Order of lots: by vintage, then by issuer.
  std::uint64_t key() const { return std::uint64_t{vintage} << 16 | issuer.value; }
};

/// Why an operation was refused; `none` if it was done.
enum class CreditRefusal : std::uint8_t {
  none,
  issued_before,  ///< the region has had its credits of this vintage
  unknown_lot,    ///< nothing was ever issued there
  retired,        ///< the owner has too few, and as many of the lot as were asked for are retired
  not_held,       ///< the owner has too few
};
/// The same in words.
std::string_view reason(CreditRefusal refusal);

/// Who holds how much of what. Units within a lot are alike, so a lot needs no serial numbers: it is enough that
/// Σ holdings + retired = issued for each lot, which no operation can change. An operation is done in full or not at
/// all.
class CreditRegistry {
 public:
  /// Issues max(0, counterfactual − actual) [mg] to the issuer; a second issue of the same lot is refused, also if the
  /// first was of nothing. Both amounts are at least 0.
  CreditRefusal issue(const CreditLot& lot, std::int64_t counterfactual_mg, std::int64_t actual_mg);
  /// Moves credits between owners (any regions); to oneself it changes nothing.
  CreditRefusal transfer(const CreditLot& lot, RegionId from, RegionId to, std::int64_t amount_mg);
  /// Uses credits up.
  CreditRefusal retire(const CreditLot& lot, RegionId owner, std::int64_t amount_mg);

  /// The same for an owner's oldest credits, of several lots if need be, as far as they reach: the amount moved or
  /// retired.
  std::int64_t transfer_oldest(RegionId from, RegionId to, std::int64_t amount_mg);
  std::int64_t retire_oldest(RegionId owner, std::int64_t amount_mg);

  std::int64_t held(const CreditLot& lot, RegionId owner) const;
  std::int64_t held(RegionId owner) const;

  /// Checks that nothing is counted twice: per lot issued = held + retired, no amount is negative, rows are in order
  /// and belong to a lot. Throws ModelError.
  void audit() const;

  /// State: columns. Lots in order of their key; holdings in order of (lot, owner), empty ones left out.
  struct Columns {
    std::vector<std::uint64_t> lot;
    std::vector<std::int64_t> issued_mg, retired_mg;
    std::vector<std::uint64_t> holding_lot;
    std::vector<std::uint16_t> holding_owner;
    std::vector<std::int64_t> holding_mg;
  };
  Columns& columns() { return columns_; }
  const Columns& columns() const { return columns_; }

 private:
  std::size_t find_lot(std::uint64_t key) const;
  std::size_t find_holding(std::uint64_t key, RegionId owner) const;
  std::optional<std::size_t> lot_row(std::uint64_t key) const;
  std::int64_t held(std::uint64_t key, RegionId owner) const;
  CreditRefusal check(std::uint64_t key, RegionId owner, std::int64_t amount_mg) const;
  void add(std::uint64_t key, RegionId owner, std::int64_t amount_mg);
  void take(std::size_t row, std::int64_t amount_mg);

  Columns columns_;
};

}  // namespace policy
}  // namespace swarm
