#include "sim/economy/price_levels.hpp"

#include <algorithm>

namespace swarm {
namespace economy {

std::int64_t PriceLevels::base_around(std::int64_t price) {
  constexpr std::int64_t kHighest = std::numeric_limits<std::int64_t>::max() - (kWindow - 1);
  return std::min(std::max<std::int64_t>(price - kWindow / 2, 0), kHighest);
}

PriceLevel& PriceLevels::open_far(std::int64_t price) {
  if (summary_ == 0 && far_.empty()) {  // nothing to move
    base_ = base_around(price);
    return open(price);
  }
  ++strays_;
  const auto found = far_.find(price);
  if (found != far_.end()) return found->second;
  insert_far(price, {});
  return far_.find(price)->second;
}

PriceLevel& PriceLevels::far_at(std::int64_t price) {
  ++strays_;
  const auto found = far_.find(price);
  EXPECT(found != far_.end());
  return found->second;
}

void PriceLevels::close_far(std::int64_t price) { spare_.push_back(far_.extract(price)); }

void PriceLevels::insert_far(std::int64_t price, PriceLevel level) {
  if (spare_.empty()) {
    far_.emplace(price, level);
    return;
  }
  Far::node_type node = std::move(spare_.back());
  spare_.pop_back();
  node.key() = price;
  node.mapped() = level;
  far_.insert(std::move(node));
}

std::optional<std::int64_t> PriceLevels::above_with_far(std::int64_t price) const {
  auto next = far_.upper_bound(price);
  if (next != far_.end() && next->first < base_) return next->first;
  if (price < top()) {
    const int i = in_window_above(price < base_ ? -1 : price - base_);
    if (i >= 0) return base_ + i;
  }
  if (next == far_.end()) return std::nullopt;
  return next->first;  // above the window: nothing lies in it
}

std::optional<std::int64_t> PriceLevels::below_with_far(std::int64_t price) const {
  const auto after = far_.lower_bound(price);
  const bool any = after != far_.begin();
  const std::int64_t next = any ? std::prev(after)->first : 0;
  if (any && next > top()) return next;
  if (price > base_) {
    const int i = in_window_below(price > top() ? kWindow : price - base_);
    if (i >= 0) return base_ + i;
  }
  if (!any) return std::nullopt;
  return next;
}

void PriceLevels::follow(std::int64_t price) {
  strays_ = 0;
  const std::int64_t wanted = base_around(price);
  // Both are ≥ 0, so the difference fits.
  if (std::max(wanted - base_, base_ - wanted) >= kWindow / 8) move_to(wanted);
}

void PriceLevels::move_to(std::int64_t base) {
  for (std::int64_t i = in_window_above(-1); i >= 0; i = in_window_above(i)) {
    insert_far(base_ + i, window_[static_cast<std::size_t>(i)]);
    window_[static_cast<std::size_t>(i)] = {};
  }
  words_ = {};
  summary_ = 0;
  base_ = base;
  for (auto level = far_.lower_bound(base_); level != far_.end() && level->first <= top();) {
    open(level->first) = level->second;
    spare_.push_back(far_.extract(level++));
  }
}

void PriceLevels::clear() {
  for (std::int64_t i = in_window_above(-1); i >= 0; i = in_window_above(i)) window_[static_cast<std::size_t>(i)] = {};
  words_ = {};
  summary_ = 0;
  while (!far_.empty()) spare_.push_back(far_.extract(far_.begin()));
  strays_ = 0;
}

}  // namespace economy
}  // namespace swarm
