#include "sim/economy/quota.hpp"

#include <algorithm>

#include "sim/economy/pro_rata.hpp"

namespace swarm {
namespace economy {
namespace {

/// ⌊share·amount⌋, the share in whole millionths, so that no rounding of its product can lose a unit.
std::int64_t floor_part(double share, std::int64_t amount) {
  return static_cast<std::int64_t>(Int128{round_half_even(share * 1e6)} * amount / 1'000'000);
}

}  // namespace

QuotaBook::QuotaBook(const QuotaParams& params, std::size_t agents) : params_(params) {
  for (auto* column : {&columns_.allocated, &columns_.used, &columns_.reserved, &columns_.offered,
                       &columns_.tradeable, &columns_.carried, &columns_.uses})
    column->resize(agents);
  columns_.recent.resize(agents * kEfficiencyUses);
}

void QuotaBook::restore(QuotaColumns columns) {
  for (const auto* column : {&columns.allocated, &columns.used, &columns.reserved, &columns.offered,
                             &columns.tradeable, &columns.carried, &columns.uses})
    EXPECT(column->size() == columns_.allocated.size());
  EXPECT(columns.recent.size() == columns_.recent.size());
  columns_ = std::move(columns);
}

std::int64_t QuotaBook::bonus(std::size_t agent, std::int64_t base) const {
  return efficiency(agent) > params_.efficient_from ? floor_part(params_.bonus_share, base) : 0;
}

QuotaDay QuotaBook::new_day(std::span<const std::int64_t> base) {
  EXPECT(base.size() == columns_.allocated.size());
  MicroTkn all_base, all_bonus;  // for their checked sums
  for (std::size_t i = 0; i < base.size(); ++i) {
    EXPECT(base[i] >= 0);
    all_base += {base[i]};
    all_bonus += {bonus(i, base[i])};
  }
  const std::int64_t pool = floor_part(params_.pool_share, all_base.value);
  ProRata parts(all_bonus.value, pool);
  QuotaDay day{all_base.value, 0};
  for (std::size_t i = 0; i < base.size(); ++i) {
    const std::int64_t earned = parts.next(bonus(i, base[i]));
    columns_.carried[i] = columns_.reserved[i];
    columns_.allocated[i] = base[i] + earned + columns_.reserved[i];
    columns_.used[i] = columns_.offered[i] = 0;
    columns_.tradeable[i] = floor_part(params_.tradeable_share, earned);
    day.bonus += earned;
  }
  return day;
}

std::int64_t QuotaBook::available(std::size_t agent) const {
  return columns_.allocated[agent] - columns_.used[agent] - columns_.reserved[agent] -
         columns_.offered[agent];
}

bool QuotaBook::reserve(std::size_t agent, std::int64_t quota) {
  if (quota < 0 || quota > available(agent)) return false;
  columns_.reserved[agent] += quota;
  return true;
}

void QuotaBook::end_reservation(std::size_t agent, std::int64_t reserved, std::int64_t used) {
  EXPECT(0 <= used && used <= reserved && reserved <= columns_.reserved[agent]);
  const std::int64_t old = std::min(reserved, columns_.carried[agent]);
  columns_.carried[agent] -= old;
  columns_.allocated[agent] -= std::max<std::int64_t>(0, old - used);
  columns_.reserved[agent] -= reserved;
  columns_.used[agent] += used;
}

void QuotaBook::commit(std::size_t agent, std::int64_t reserved, std::int64_t used, double expected_quality) {
  end_reservation(agent, reserved, used);
  if (reserved == 0) return;
  const auto slot = static_cast<std::size_t>(columns_.uses[agent]++) % kEfficiencyUses;
  columns_.recent[agent * kEfficiencyUses + slot] =
      expected_quality * (static_cast<double>(used) / static_cast<double>(reserved));
}

void QuotaBook::release(std::size_t agent, std::int64_t reserved) {
  end_reservation(agent, reserved, 0);
}

bool QuotaBook::offer(std::size_t agent, std::int64_t quota) {
  if (quota < 0 || quota > columns_.tradeable[agent] - columns_.offered[agent] || quota > available(agent))
    return false;
  columns_.offered[agent] += quota;
  return true;
}

bool QuotaBook::withdraw_offer(std::size_t agent, std::int64_t quota) {
  if (quota < 0 || quota > columns_.offered[agent]) return false;
  columns_.offered[agent] -= quota;
  return true;
}

bool QuotaBook::transfer(std::size_t seller, std::size_t buyer, std::int64_t quota) {
  if (!withdraw_offer(seller, quota)) return false;
  columns_.tradeable[seller] -= quota;
  columns_.allocated[seller] -= quota;
  columns_.allocated[buyer] += quota;
  return true;
}

double QuotaBook::efficiency(std::size_t agent) const {
  const auto n = std::min(static_cast<std::size_t>(columns_.uses[agent]), kEfficiencyUses);
  double sum = 0;
  for (std::size_t k = 0; k < n; ++k) sum += columns_.recent[agent * kEfficiencyUses + k];
  return n == 0 ? 0 : sum / static_cast<double>(n);
}

}  // namespace economy
}  // namespace swarm
