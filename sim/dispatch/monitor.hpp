#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "sim/core/params.hpp"

/// Four figures of how a group of specialists holds together, and when one of them is out of the ordinary
/// (docs/models/collaboration.md, "Monitor").
namespace swarm {
namespace dispatch {

struct MonitorParams {
  bool enabled = false;
  std::int64_t readings = 10;
  double deviations = 3;
  double least_deviation = 0.01;
  std::int64_t calibration_bins = 10;
};

template <class V>
void describe(V& v, MonitorParams& p) {
  v("enabled", p.enabled, {.unit = "", .doc = "Whether four figures of each region's answers are read in every step, with a mark where one is out of the ordinary; nothing acts on them."});
  v("readings", p.readings, {.unit = "1", .min = 2, .max = 1000, .doc = "Former readings that a new one is compared with."});
  v("deviations", p.deviations, {.unit = "1", .min = 0, .max = 100, .doc = "Standard deviations from their mean beyond which a reading is an anomaly.", .source = "W. A. Shewhart, Economic Control of Quality of Manufactured Product (1931)"});
  v("least_deviation", p.least_deviation, {.unit = "1", .min = 0, .max = 1e6, .doc = "Least standard deviation that readings are taken to have.", .source = kAssumed});
  v("calibration_bins", p.calibration_bins, {.unit = "1", .min = 1, .max = 1000, .doc = "Bins of equal width into which confidences are sorted.", .source = "Guo et al., ICML 2017, use 15"});
}

/// Integration of n specialists' signals, Σ H(xᵢ) − H(x) of Gaussian ones = −½ ln det R [nat], R their correlations: 0
/// if they are independent (G. Tononi, O. Sporns, G. M. Edelman, PNAS 91, 5033, 1994). `readings`: specialist after
/// specialist, `rows` of each. Without at least two specialists, n + 1 rows, or where a signal is constant or a
/// combination of others: NaN.
double integration(std::span<const double> readings, std::size_t rows);

/// 1 − expected calibration error, Σ nᵦ/n·|accuracyᵦ − mean confidenceᵦ| over bins of confidence (C. Guo et al., On
/// calibration of modern neural networks, ICML 2017). NaN without answers.
double self_assessment(const MonitorParams& p, std::span<const double> confidence, std::span<const std::uint8_t> correct);

/// 1 − J/ln n, J the Jensen–Shannon divergence of n distributions of attention over `targets` things, H(mean) − mean H
/// (J. Lin, IEEE Transactions on Information Theory 37, 145, 1991): 1 if all attend to the same, 0 if each to
/// something else. Each row adds up to 1. Fewer than two rows: 1.
double attention_coherence(std::span<const double> attention, std::size_t targets);

/// Share of pairs of recalls of the same thing that agree; NaN without such a pair (assumed). `thing` and `recalled` are
/// parallel.
double memory_consistency(std::span<const std::uint64_t> thing, std::span<const std::uint32_t> recalled);

/// Whether x is farther than `deviations` sample standard deviations from the mean of the former readings; never before
/// there are as many as `readings` says. NaN is an anomaly among numbers, and is left out of the mean.
bool is_anomaly(const MonitorParams& p, std::span<const double> former, double x);

}  // namespace dispatch
}  // namespace swarm
