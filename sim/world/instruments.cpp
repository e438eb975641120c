#include "sim/world/instruments.hpp"

#include <limits>

namespace swarm {
namespace world {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

void FuturesAccount::clear_step() {
  for (auto* column : {&price_usd, &realised_usd}) column->assign(workload::kProblemTypes, kNone);
  for (auto* column : {&calls_usd, &flow_usd, &shortfall_usd}) column->assign(workload::kProblemTypes, 0.0);
  defaults.assign(workload::kProblemTypes, 0);
}

void PredictionAccount::clear_step() {
  for (auto* column : {&forecast, &outcome, &brier, &climate_brier}) column->assign(workload::kProblemTypes, kNone);
  for (auto* column : {&staked_usd, &paid_usd, &loss_usd}) column->assign(workload::kProblemTypes, 0.0);
}

}  // namespace world
}  // namespace swarm
