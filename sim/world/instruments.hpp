#pragma once
#include <array>
#include <cstdint>
#include <vector>

#include "sim/workload/problem_type.hpp"

/// What a region keeps of its futures, its prediction markets and the value of its answers, as columns. Those of what
/// is switched off stay empty, but for a row of the step's figures per problem type.
namespace swarm {
namespace world {

/// Sums after the warm-up, for the summary.
struct FuturesTotals {
  std::uint64_t markets, defaults;  ///< contracts' markets that ended with a realised price; owners who did not pay
  std::int64_t contracts;           ///< sold
  double error_sum;                 ///< Σ |agreed − realised|/realised over these markets
  double calls_usd, flow_usd, shortfall_usd;
};

/// Futures on the markets' prices. A contract of period k + 1 is sold as period k begins and ends as k + 2 begins, so
/// there are two at a time: of even and of odd periods of sale.
struct FuturesAccount {
  // row = parity · (specialists + types) + place in the region's list: per problem type its users, then its specialists
  std::vector<std::int64_t> contracts, basis, margin;  ///< as in economy::FuturesColumns
  std::vector<std::int64_t> gain;                      ///< received less paid since the position was opened [µTKN]
  // row = specialist
  std::vector<std::int64_t> earned_before;  ///< earned when the period began [µTKN]
  std::vector<std::int64_t> income;         ///< per period, smoothed [µTKN]
  std::vector<double> spot_sum, spot_squares, hedged_sum, hedged_squares;  ///< incomes [USD, USD²] of counted periods
  // row = problem type
  std::vector<std::int64_t> value, work;      ///< sold in the period: before justice [µTKN]; millionths of a standard request
  std::vector<double> expected_usd;           ///< smoothed price of one standard request; 0: none yet
  std::vector<std::int64_t> agreed;           ///< row = parity · types + type: price of the contract [µTKN]; 0: none sold
  std::vector<std::int64_t> spent, spending;  ///< by the region's users: in the period, and per period, smoothed [µTKN]
  std::vector<std::int64_t> open_interest;    ///< contracts on either side
  std::uint32_t closed = 0;                   ///< whole periods that have ended
  std::uint32_t counted = 0;                  ///< of these, the ones in spot_sum and so on
  FuturesTotals totals{};
  // this step; row = problem type
  std::vector<double> price_usd, realised_usd, calls_usd, flow_usd, shortfall_usd;
  std::vector<std::uint32_t> defaults;
  void clear_step();
};

struct PredictionTotals {
  std::uint64_t markets, unfunded, bets;
  double brier_sum, climate_brier_sum;
  double loss_usd;  ///< of makers
};

/// One prediction market per problem type: open from the beginning of a period to its end.
struct PredictionAccount {
  // row = problem type
  std::vector<std::int64_t> open;       ///< 1 while the market is open
  std::vector<double> trailing_mean;    ///< smoothed share of correct answers; negative: none yet
  std::vector<double> mean, deviation;  ///< from which the open market's bins are made
  std::vector<std::uint64_t> answered_before, correct_before;  ///< since the start, when the period began
  std::vector<std::int64_t> outstanding;  ///< row = problem type × outcome: shares
  std::vector<std::int64_t> occurred;     ///< the same: how often it came about
  std::vector<std::uint32_t> trader;      ///< row = problem type × trader: specialist, or kNobody
  std::vector<std::int64_t> held;         ///< row = problem type × trader × outcome: shares
  PredictionTotals totals{};
  // this step; row = problem type
  std::vector<double> forecast, outcome, brier, climate_brier, staked_usd, paid_usd, loss_usd;
  static constexpr std::uint32_t kNobody = 0xFFFFFFFFu;
  void clear_step();
};

/// What the region's specialists are known to answer correctly; row = cell. Empty where answers are not valued.
struct ValueAccount {
  std::vector<std::uint64_t> answered, correct;  ///< since the start, by serving region
  double usd = 0;                                ///< this step
  double total_usd = 0;                          ///< after the warm-up
};

}  // namespace world
}  // namespace swarm
