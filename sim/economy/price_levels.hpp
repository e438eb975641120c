#pragma once
#include <array>
#include <bit>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <vector>

#include "sim/core/checks.hpp"

/// The occupied prices of an order book: for each the first and the last of its orders, and the way from one price
/// to the next. Prices in a window of 4,096 are found by index and bitmap; all others are kept in a map. The window
/// follows the trade. Where it lies is a matter of speed only.
namespace swarm {
namespace economy {

/// Orders of one price, by their slots; the book links those between.
struct PriceLevel {
  static constexpr std::uint32_t kNone = 0xFFFFFFFF;
  std::uint32_t first = kNone;
  std::uint32_t last = kNone;
};

class PriceLevels {
 public:
  static constexpr std::int64_t kWindow = 4096;
  /// Looks outside the window until it may move: a move costs at most two such looks for each price of the window.
  static constexpr std::uint32_t kPatience = 4096;

  /// The level of a price ≥ 0, made if it is missing: the caller fills it, and calls close() when it empties it. The
  /// reference lasts until the next open(), close() or follow().
  PriceLevel& open(std::int64_t price) {
    const std::uint64_t i = index(price);
    if (i >= kWindow) [[unlikely]] return open_far(price);
    words_[i / 64] |= std::uint64_t{1} << (i % 64);
    summary_ |= std::uint64_t{1} << (i / 64);
    return window_[i];
  }
  /// The level of an occupied price; lasts as above.
  PriceLevel& at(std::int64_t price) {
    const std::uint64_t i = index(price);
    return i < kWindow ? window_[i] : far_at(price);
  }
  const PriceLevel& at(std::int64_t price) const {
    const std::uint64_t i = index(price);
    return i < kWindow ? window_[i] : far_.find(price)->second;
  }
  /// Forgets an occupied price.
  void close(std::int64_t price) {
    const std::uint64_t i = index(price);
    if (i >= kWindow) [[unlikely]] return close_far(price);
    window_[i] = {};
    words_[i / 64] &= ~(std::uint64_t{1} << (i % 64));
    if (words_[i / 64] == 0) summary_ &= ~(std::uint64_t{1} << (i / 64));
  }

  /// Nearest occupied price above.
  std::optional<std::int64_t> above(std::int64_t price) const {
    if (!far_.empty() || index(price) >= kWindow) [[unlikely]] return above_with_far(price);
    const int i = in_window_above(static_cast<std::int64_t>(index(price)));
    if (i < 0) return std::nullopt;
    return base_ + i;
  }
  /// Nearest occupied price below.
  std::optional<std::int64_t> below(std::int64_t price) const {
    if (!far_.empty() || index(price) >= kWindow) [[unlikely]] return below_with_far(price);
    const int i = in_window_below(static_cast<std::int64_t>(index(price)));
    if (i < 0) return std::nullopt;
    return base_ + i;
  }

  /// Too many looks outside the window: follow() is due.
  bool strayed() const { return strays_ >= kPatience; }
  /// Centres the window on a price, unless that lies near its middle already.
  void follow(std::int64_t price);
  void clear();

 private:
  std::uint64_t index(std::int64_t price) const {
    return static_cast<std::uint64_t>(price) - static_cast<std::uint64_t>(base_);
  }
  std::int64_t top() const { return base_ + (kWindow - 1); }
  /// First occupied place above place i of the window (−1 … kWindow − 1), or −1.
  int in_window_above(std::int64_t i) const {
    if (++i >= kWindow) return -1;
    auto w = static_cast<std::size_t>(i) / 64;
    std::uint64_t bits = words_[w] & (~std::uint64_t{0} << (i % 64));
    if (bits == 0) {
      const std::uint64_t words = w == 63 ? 0 : summary_ & (~std::uint64_t{0} << (w + 1));
      if (words == 0) return -1;
      w = static_cast<std::size_t>(std::countr_zero(words));
      bits = words_[w];
    }
    return static_cast<int>(64 * w) + std::countr_zero(bits);
  }
  /// Last occupied place below place i of the window (0 … kWindow), or −1.
  int in_window_below(std::int64_t i) const {
    if (--i < 0) return -1;
    auto w = static_cast<std::size_t>(i) / 64;
    std::uint64_t bits = words_[w] & (~std::uint64_t{0} >> (63 - i % 64));
    if (bits == 0) {
      const std::uint64_t words = summary_ & ((std::uint64_t{1} << w) - 1);
      if (words == 0) return -1;
      w = static_cast<std::size_t>(63 - std::countl_zero(words));
      bits = words_[w];
    }
    return static_cast<int>(64 * w) + 63 - std::countl_zero(bits);
  }

  PriceLevel& open_far(std::int64_t price);
  PriceLevel& far_at(std::int64_t price);
  void close_far(std::int64_t price);
  std::optional<std::int64_t> above_with_far(std::int64_t price) const;
  std::optional<std::int64_t> below_with_far(std::int64_t price) const;
  void move_to(std::int64_t base);
  void insert_far(std::int64_t price, PriceLevel level);
  static std::int64_t base_around(std::int64_t price);

  using Far = std::map<std::int64_t, PriceLevel>;
  std::int64_t base_ = 0;  ///< lowest price of the window
  std::uint64_t summary_ = 0;
  std::array<std::uint64_t, kWindow / 64> words_{};
  std::vector<PriceLevel> window_ = std::vector<PriceLevel>(kWindow);
  Far far_;
  std::vector<Far::node_type> spare_;  ///< emptied nodes, so that a steady book allocates nothing
  std::uint32_t strays_ = 0;
};

}  // namespace economy
}  // namespace swarm
