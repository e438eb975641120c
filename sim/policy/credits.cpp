#include "sim/policy/credits.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "sim/core/errors.hpp"
#include "sim/core/units.hpp"

namespace swarm {
namespace policy {
namespace {

template <class T>
void insert_at(std::vector<T>& column, std::size_t row, T value) {
  column.insert(column.begin() + static_cast<std::ptrdiff_t>(row), value);
}

template <class T>
void erase_at(std::vector<T>& column, std::size_t row) {
  column.erase(column.begin() + static_cast<std::ptrdiff_t>(row));
}

}  // namespace

std::string_view reason(CreditRefusal refusal) {
  switch (refusal) {
    case CreditRefusal::none: return "done";
    case CreditRefusal::issued_before: return "credits of this region and vintage have been issued before";
    case CreditRefusal::unknown_lot: return "no credits of this region and vintage have been issued";
    case CreditRefusal::retired: return "these credits have been retired before";
    case CreditRefusal::not_held: return "the owner does not hold as many credits of this region and vintage";
  }
  return {};
}

/// First row of lots whose key is not below this one.
std::size_t CreditRegistry::find_lot(std::uint64_t key) const {
  return static_cast<std::size_t>(std::ranges::lower_bound(columns_.lot, key) - columns_.lot.begin());
}

std::optional<std::size_t> CreditRegistry::lot_row(std::uint64_t key) const {
  const std::size_t row = find_lot(key);
  if (row == columns_.lot.size() || columns_.lot[row] != key) return std::nullopt;
  return row;
}

/// First row of holdings that is not before (lot, owner).
std::size_t CreditRegistry::find_holding(std::uint64_t key, RegionId owner) const {
  const auto range = std::ranges::equal_range(columns_.holding_lot, key);
  const auto row = static_cast<std::size_t>(range.begin() - columns_.holding_lot.begin());
  const auto owners = columns_.holding_owner.begin() + static_cast<std::ptrdiff_t>(row);
  const auto end = owners + static_cast<std::ptrdiff_t>(range.size());
  return row + static_cast<std::size_t>(std::lower_bound(owners, end, owner.value) - owners);
}

std::int64_t CreditRegistry::held(std::uint64_t key, RegionId owner) const {
  const std::size_t row = find_holding(key, owner);
  const bool there = row < columns_.holding_lot.size() && columns_.holding_lot[row] == key &&
                     columns_.holding_owner[row] == owner.value;
  return there ? columns_.holding_mg[row] : 0;
}

std::int64_t CreditRegistry::held(const CreditLot& lot, RegionId owner) const {
  return held(lot.key(), owner);
}

std::int64_t CreditRegistry::held(RegionId owner) const {
  MicroTkn sum;  // any checked sum
  for (std::size_t row = 0; row < columns_.holding_lot.size(); ++row)
    if (columns_.holding_owner[row] == owner.value) sum += MicroTkn{columns_.holding_mg[row]};
  return sum.value;
}

void CreditRegistry::add(std::uint64_t key, RegionId owner, std::int64_t amount_mg) {
  if (amount_mg == 0) return;
  const std::size_t row = find_holding(key, owner);
  if (row == columns_.holding_lot.size() || columns_.holding_lot[row] != key ||
      columns_.holding_owner[row] != owner.value) {
    insert_at(columns_.holding_lot, row, key);
    insert_at(columns_.holding_owner, row, owner.value);
    insert_at(columns_.holding_mg, row, std::int64_t{0});
  }
  columns_.holding_mg[row] += amount_mg;  // at most what the lot issued
}

void CreditRegistry::take(std::size_t row, std::int64_t amount_mg) {
  columns_.holding_mg[row] -= amount_mg;
  if (columns_.holding_mg[row] > 0) return;
  erase_at(columns_.holding_lot, row);
  erase_at(columns_.holding_owner, row);
  erase_at(columns_.holding_mg, row);
}

CreditRefusal CreditRegistry::check(std::uint64_t key, RegionId owner, std::int64_t amount_mg) const {
  const auto lot = lot_row(key);
  if (!lot) return CreditRefusal::unknown_lot;
  if (held(key, owner) >= amount_mg) return CreditRefusal::none;
  return columns_.retired_mg[*lot] >= amount_mg ? CreditRefusal::retired : CreditRefusal::not_held;
}

CreditRefusal CreditRegistry::issue(const CreditLot& lot, std::int64_t counterfactual_mg, std::int64_t actual_mg) {
  EXPECT(counterfactual_mg >= 0 && actual_mg >= 0);
  const std::size_t row = find_lot(lot.key());
  if (row < columns_.lot.size() && columns_.lot[row] == lot.key()) return CreditRefusal::issued_before;
  const std::int64_t amount = std::max<std::int64_t>(0, counterfactual_mg - actual_mg);
  insert_at(columns_.lot, row, lot.key());
  insert_at(columns_.issued_mg, row, amount);
  insert_at(columns_.retired_mg, row, std::int64_t{0});
  add(lot.key(), lot.issuer, amount);
  return CreditRefusal::none;
}

CreditRefusal CreditRegistry::transfer(const CreditLot& lot, RegionId from, RegionId to, std::int64_t amount_mg) {
  EXPECT(amount_mg >= 0);
  const CreditRefusal refusal = check(lot.key(), from, amount_mg);
  if (refusal != CreditRefusal::none || amount_mg == 0 || from == to) return refusal;
  take(find_holding(lot.key(), from), amount_mg);
  add(lot.key(), to, amount_mg);
  return CreditRefusal::none;
}

CreditRefusal CreditRegistry::retire(const CreditLot& lot, RegionId owner, std::int64_t amount_mg) {
  EXPECT(amount_mg >= 0);
  const CreditRefusal refusal = check(lot.key(), owner, amount_mg);
  if (refusal != CreditRefusal::none || amount_mg == 0) return refusal;
  take(find_holding(lot.key(), owner), amount_mg);
  columns_.retired_mg[*lot_row(lot.key())] += amount_mg;
  return CreditRefusal::none;
}

std::int64_t CreditRegistry::transfer_oldest(RegionId from, RegionId to, std::int64_t amount_mg) {
  EXPECT(amount_mg >= 0);
  if (from == to) return std::min(amount_mg, held(from));
  std::int64_t left = amount_mg;
  for (std::size_t row = 0; row < columns_.holding_lot.size() && left > 0;) {
    const std::uint64_t key = columns_.holding_lot[row];
    if (columns_.holding_owner[row] != from.value) {
      ++row;
      continue;
    }
    const std::int64_t part = std::min(left, columns_.holding_mg[row]);
    take(row, part);
    add(key, to, part);
    left -= part;
    row = find_holding(key + 1, RegionId{0});  // one holding per lot
  }
  return amount_mg - left;
}

std::int64_t CreditRegistry::retire_oldest(RegionId owner, std::int64_t amount_mg) {
  EXPECT(amount_mg >= 0);
  std::int64_t left = amount_mg;
  for (std::size_t row = 0; row < columns_.holding_lot.size() && left > 0;) {
    if (columns_.holding_owner[row] != owner.value) {
      ++row;
      continue;
    }
    const std::int64_t part = std::min(left, columns_.holding_mg[row]);
    columns_.retired_mg[*lot_row(columns_.holding_lot[row])] += part;
    const bool gone = part == columns_.holding_mg[row];
    take(row, part);
    left -= part;
    if (!gone) ++row;
  }
  return amount_mg - left;
}

void CreditRegistry::audit() const {
  const auto broken = [](const char* what, std::uint64_t key) {
    throw ModelError(fmt::format("credit registry: {} (region {}, vintage {})", what, key & 0xFFFF, key >> 16));
  };
  const Columns& c = columns_;
  if (c.issued_mg.size() != c.lot.size() || c.retired_mg.size() != c.lot.size() ||
      c.holding_owner.size() != c.holding_lot.size() || c.holding_mg.size() != c.holding_lot.size())
    broken("columns of different lengths", 0);
  std::size_t row = 0;
  for (std::size_t lot = 0; lot < c.lot.size(); ++lot) {
    if (lot > 0 && c.lot[lot] <= c.lot[lot - 1]) broken("lots are not in order", c.lot[lot]);
    if (c.issued_mg[lot] < 0 || c.retired_mg[lot] < 0) broken("a negative amount", c.lot[lot]);
    Int128 sum = c.retired_mg[lot];
    for (std::size_t first = row; row < c.holding_lot.size() && c.holding_lot[row] == c.lot[lot]; ++row) {
      if (row > first && c.holding_owner[row] <= c.holding_owner[row - 1])
        broken("owners are not in order", c.lot[lot]);
      if (c.holding_mg[row] <= 0) broken("an empty or negative holding", c.lot[lot]);
      sum += c.holding_mg[row];
    }
    if (sum != c.issued_mg[lot]) broken("held and retired are not what was issued", c.lot[lot]);
  }
  if (row != c.holding_lot.size()) broken("a holding of a lot that was never issued", c.holding_lot[row]);
}

}  // namespace policy
}  // namespace swarm
