#pragma once
#include <array>
#include <cstddef>
#include <cstdint>

/// How much a region would emit at each price of carbon: a histogram of milligrams by willingness to pay.
namespace swarm {
namespace policy {

inline constexpr std::size_t kPriceBins = 256;
inline constexpr double kLeastPrice = 1e-2;  ///< [USD/t]
inline constexpr double kMostPrice = 1e5;    ///< [USD/t]
/// Bin 0 reaches from 0 to kLeastPrice, bins 1 … kPriceBins are equally wide on a logarithmic scale up to kMostPrice
/// (each reaches 6.5 % above its lower edge), the last is for demand at any price.
inline constexpr std::size_t kCurveBins = kPriceBins + 2;
inline constexpr std::size_t kAnyPrice = kCurveBins - 1;

/// Lower edge of a bin [USD/t]; that of kAnyPrice is kMostPrice. A willingness to pay on an edge is in the bin above.
double price_edge(std::size_t bin);

/// The bin of a willingness to pay [USD/t] of at least 0; kAnyPrice from kMostPrice on, infinity included.
std::size_t price_bin(double usd_per_t);

/// Whole milligrams, so that curves add exactly and in any order. Plain bytes: a message between regions.
struct DemandCurve {
  std::array<std::int64_t, kCurveBins> mg{};

  /// Someone would emit `amount_mg` if a tonne costs at most `usd_per_t`. Below 0 they would not emit even for nothing,
  /// and no demand is added. Throws ModelError if a bin overflows (9.2e9 t).
  void add(double usd_per_t, std::int64_t amount_mg);
};

}  // namespace policy
}  // namespace swarm
